//! The README says the same as the pages that commands write, and links lead to files.

use workshop::{read, repository, sh};

const BENCHMARK: &str = "template/bench/README.md";

/// A row of the README, how the benchmark's row of that situation begins, and the column of this
/// template that the README shows.
const SECONDS: [(&str, &str, &str); 3] = [
    ("seconds until an edited line runs", EDITED, "this template, make run"),
    ("after adding a dependency", "a dependency added", BUILD),
    ("on a fresh CI runner, after editing a line", "fresh runner, one line edited", BUILD),
];
const EDITED: &str = "one line edited";
const BUILD: &str = "this template, make build";
const EVERYTHING: &str = "COPY . . and build";

/// The cells of the first row that begins with `name`, without the first.
fn row<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let begin = format!("| {name}");
    let row = page.lines().find(|line| line.starts_with(&begin));
    let row = row.unwrap_or_else(|| panic!("no row '{name}'"));
    row.trim_matches('|').split('|').skip(1).map(str::trim).collect()
}

/// Seconds as the README has them: `8.8`, or without a decimal from 10 on.
fn seconds(cell: &str) -> String {
    let number: f64 = cell.split(' ').next().unwrap().parse().unwrap();
    format!("{number:.digits$}", digits = usize::from(number < 9.95))
}

#[test]
fn the_readme_has_the_seconds_of_the_benchmark() {
    let page = read(BENCHMARK);
    let head = row(&page, &format!("| {BUILD}"));
    let cell = |situation: &str, way: &str| {
        let column = head.iter().position(|head| *head == way);
        row(&page, situation)[column.unwrap()]
    };
    for (name, situation, own) in SECONDS {
        let shown = [own, "Docker's guide", "cargo-chef", EVERYTHING].map(|way| match way {
            // It compiles everything whatever the edit.
            EVERYTHING => seconds(cell(EDITED, way)),
            _ => seconds(cell(situation, way)),
        });
        assert_eq!(row(&read("README.md"), name), shown, "{name}");
    }
}

#[test]
fn the_readme_has_the_traps_of_their_page() {
    let page = read("template/EVIDENCE.md");
    let (_, traps) = page.split_once("| avoided, of ").unwrap();
    let (traps, _) = traps.split_once(' ').unwrap();
    // This template, Docker's guide, cargo-chef and, last, `COPY . .`.
    let avoided = row(&page, "avoided, of ");
    let own = format!("{} of {traps}", avoided[0]);
    let shown = [&own, avoided[1], avoided[2], avoided[avoided.len() - 1]];
    assert_eq!(row(&read("README.md"), "known traps avoided"), shown);
}

#[test]
fn the_readme_has_the_minutes_of_a_week() {
    let page = read(BENCHMARK);
    let (_, weeks) = page.split_once("## A week of work").unwrap();
    let (weeks, _) = weeks.split_once("<picture>").unwrap();
    // The last two cells are minutes, and the slowest wait.
    let minutes = |line: &str| -> Option<u32> { line.rsplit('|').nth(2)?.trim().parse().ok() };
    let all: Vec<_> = weeks.lines().filter_map(minutes).collect();
    let (own, others) = all.split_first().unwrap();
    let (least, most) = (others.iter().min().unwrap(), others.iter().max().unwrap());
    let sentence =
        format!("you wait {own} minutes with this template, and {least} to {most} with the others");
    let readme = read("README.md").replace('\n', " ");
    assert!(readme.contains(&sentence), "the README lacks '{sentence}'");
}

#[test]
fn links_between_pages_lead_to_files() {
    let list = sh!(repository(), "git ls-files --cached --others --exclude-standard *.md");
    for page in list.succeeds().stdout.lines() {
        let (text, path) = (read(page), repository().join(page));
        for link in text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
            // A page of GitHub's for each repository.
            let elsewhere = link.contains("://") || link == "../../security/advisories/new";
            let exists = elsewhere || path.parent().unwrap().join(link).exists();
            assert!(exists, "{page} links to {link}");
        }
    }
}
