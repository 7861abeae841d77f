//! The README says the same of the benchmark as the benchmark's page.

use std::fs;

use workshop::repository;

#[test]
fn readme_has_the_seconds_of_the_page() {
    let read = |file| fs::read_to_string(repository().join(file)).unwrap();
    let page = read("template/bench/README.md");
    let rows: Vec<_> = page
        .lines()
        .filter(|line| line.starts_with("| 3. "))
        .collect();
    let [large, .., parts] = rows[..] else {
        panic!("the page should have two or more rows of situation 3: {rows:?}")
    };
    // The third cell is that of `make run`; the last names the fastest of the others.
    let run = large.split(" | ").nth(2).unwrap();
    let fastest = parts.rsplit(", ").next().unwrap().trim_end_matches(" s |");
    let [run, fastest] = [run, fastest].map(|seconds| seconds.parse::<f64>().unwrap());

    let sentence =
        format!("{run:.1} s later with `make run`, and {fastest:.1} s with the fastest other way.");
    let readme = read("README.md").replace('\n', " ");
    assert!(readme.contains(&sentence), "the README lacks '{sentence}'");
}
