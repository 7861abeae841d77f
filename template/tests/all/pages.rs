//! The README says the same of the benchmark as the benchmark's page.

use std::fs;

use workshop::repository;

#[test]
fn readme_has_the_seconds_of_the_page() {
    let read = |file| fs::read_to_string(repository().join(file)).unwrap();
    let page = read("template/bench/README.md");
    let (tables, parts) = page.split_once("## As a part of").unwrap();
    let [large, parts] = [tables, parts].map(|text| -> Vec<_> {
        let row = text.lines().find(|line| line.starts_with("| 3. "));
        row.unwrap().trim_matches('|').split(" | ").collect()
    });
    // The third cell is that of `make run`. These cells of the parts end with a name and seconds.
    let run = large[2].parse::<f64>().unwrap();
    let [fastest, incremental] = [parts[2], parts[4]].map(|cell| {
        let (name, seconds) = cell.trim().rsplit_once(", ").unwrap();
        (name, seconds.trim_end_matches(" s").parse::<f64>().unwrap())
    });
    assert_eq!(incremental.0, "Docker's guide, incremental");

    let readme = read("README.md").replace('\n', " ");
    for sentence in [
        format!(
            "{run:.1} s later with `make run`, and {:.1} s with the fastest other way.",
            fastest.1
        ),
        format!(
            "With one more line that turns it on, Docker's guide takes {:.1} s.",
            incremental.1
        ),
    ] {
        assert!(readme.contains(&sentence), "the README lacks '{sentence}'");
    }
}
