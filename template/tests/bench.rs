//! What the README says of the benchmark is what the benchmark's page says.

use std::fs;

use workshop::repository;

#[test]
fn readme_has_the_seconds_of_the_page() {
    let read = |file| fs::read_to_string(repository().join(file)).unwrap();
    let page = read("template/bench/README.md");
    let row = page.lines().find(|line| line.starts_with("| 3. ")).unwrap();
    // Those of `make build` and `make run`, of the other ways, and of Cargo with no image.
    let cells: Vec<&str> = row.trim_end_matches('|').split('|').skip(2).collect();
    let seconds = |cell: &&str| cell.split_whitespace().next()?.parse::<f64>().ok();
    let run = seconds(&cells[1]).unwrap();
    let others = cells[2..cells.len() - 1].iter().filter_map(seconds);
    let fastest = others.reduce(f64::min).unwrap();

    let sentence =
        format!("{run:.1} s later with `make run`, and {fastest:.1} s with the fastest other way.");
    let readme = read("README.md").replace('\n', " ");
    assert!(readme.contains(&sentence), "the README lacks '{sentence}'");
}
