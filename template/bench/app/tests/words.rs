use std::process::Command;

#[test]
fn prints_matching_words() {
    let output = Command::new(env!("CARGO_BIN_EXE_bench-app"))
        .args(["words", "a+", "aa b AA"])
        .output()
        .unwrap();
    assert_eq!(output.stdout, b"{\"word\":\"aa\",\"times\":1}\n");
}
