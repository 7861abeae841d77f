//! The README says the same as the pages that commands write, and links lead to files.

use std::fs;

use workshop::{command, repository, run};

fn read(file: &str) -> String {
    fs::read_to_string(repository().join(file)).unwrap()
}

/// The cells of the first row that begins with `name`, without the first.
fn row<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let begin = format!("| {name}");
    let row = page.lines().find(|line| line.starts_with(&begin));
    let row = row.unwrap_or_else(|| panic!("no row '{name}'"));
    let cells = row.trim_matches('|').split('|').skip(1);
    cells.map(str::trim).collect()
}

/// The columns that the README shows.
const SHOWN: [&str; 4] = [
    "this template, make build",
    "Docker's guide",
    "cargo-chef",
    "COPY . . and build",
];

/// The first row of the table that compares `SHOWN`.
const HEAD: &str = "| | this template, make build |";

/// Seconds as the README has them: `8.8`, or without a decimal from 10 on.
fn seconds(cell: &str) -> String {
    let number: f64 = cell.split(' ').next().unwrap().parse().unwrap();
    match number {
        10.0.. => format!("{number:.0}"),
        _ => format!("{number:.1}"),
    }
}

#[test]
fn the_readme_has_the_seconds_of_the_benchmark() {
    let page = read("template/bench/README.md");
    let (_, page) = page.split_once(HEAD).unwrap();
    let head = page.lines().next().unwrap().trim_matches('|').split('|');
    let others: Vec<_> = head.map(str::trim).collect();
    let column = |name: &str| match name {
        "this template, make build" => 0,
        _ => 1 + others.iter().position(|other| *other == name).unwrap(),
    };
    let readme = read("README.md");
    let edited = row(page, "3. ");
    let everything = edited[column(SHOWN[3])];
    for (name, situation) in [
        ("seconds until an edited line runs", "3. "),
        ("after adding a dependency", "7. "),
        ("on a fresh CI runner, after editing a line", "9. "),
    ] {
        let times = row(page, situation);
        let shown = SHOWN.map(|peer| match times[column(peer)] {
            // It compiles everything whatever the edit.
            "" => seconds(everything),
            _ if peer == SHOWN[0] && situation == "3. " => seconds(times[1]),
            time => seconds(time),
        });
        assert_eq!(row(&readme, name), shown, "{name}");
    }
}

#[test]
fn the_readme_has_the_traps_of_their_page() {
    let evidence = read("template/EVIDENCE.md");
    let line = evidence
        .lines()
        .find(|line| line.starts_with("| avoided, of "));
    let traps = line.unwrap().trim_start_matches("| avoided, of ");
    let traps = traps.split(' ').next().unwrap();
    // This template, Docker's guide, cargo-chef and, last, `COPY . .`.
    let avoided = row(&evidence, "avoided, of ");
    let last = avoided.len() - 1;
    let own = format!("{} of {traps}", avoided[0]);
    let shown = [&own, avoided[1], avoided[2], avoided[last]];
    assert_eq!(row(&read("README.md"), "known traps avoided"), shown);
}

#[test]
fn links_between_pages_lead_to_files() {
    let list = [
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "*.md",
    ];
    let pages = run(&mut command(repository(), "git", &list)).succeeds();
    for page in pages.stdout.lines() {
        let text = read(page);
        let folder = repository().join(page);
        let links = text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.contains("://")) {
            let (file, _) = link.split_once('#').unwrap_or((link, ""));
            // A page of GitHub's for each repository.
            let exists = file == "../../security/advisories/new"
                || folder.parent().unwrap().join(file).exists();
            assert!(exists, "{page} links to {link}");
        }
    }
}

#[test]
fn the_readme_has_the_minutes_of_a_week() {
    let page = read("template/bench/README.md");
    let (_, weeks) = page.split_once("## A week of work").unwrap();
    let (weeks, _) = weeks.split_once("<picture>").unwrap();
    // The last two cells are minutes, and the slowest wait.
    let minutes = |line: &str| -> Option<u32> {
        line.trim_matches('|')
            .rsplit('|')
            .nth(1)?
            .trim()
            .parse()
            .ok()
    };
    let all: Vec<_> = weeks.lines().filter_map(minutes).collect();
    let (own, others) = all.split_first().unwrap();
    let readme = read("README.md").replace('\n', " ");
    let sentence = format!(
        "you wait {own} minutes with this template, and {} to {} with the others",
        others.iter().min().unwrap(),
        others.iter().max().unwrap()
    );
    assert!(readme.contains(&sentence), "the README lacks '{sentence}'");
}
