//! This template still is in each trap as the page says, and the page is written from the results.

use std::sync::LazyLock;

use measure::evidence::{PEERS, is_test, page, rows, traps, tried};
use measure::peer::{Peer, Tools};
use measure::traps::ATTEMPTS;

/// Panics unless this template is in the trap as the page says.
fn is_as_on_the_page(name: &str) {
    static TOOLS: LazyLock<Tools> = LazyLock::new(Tools::default);
    let name = name.replace('_', "-");
    let traps = traps();
    let rows = rows(&traps);
    let row = rows.iter().find(|row| row.trap == name && row.peer == "template").unwrap();
    let (_, attempt) = ATTEMPTS.iter().find(|(known, _)| *known == name).unwrap();
    let way = Peer::new("template", &TOOLS);
    let (Ok(found) | Err(found)) = attempt(&way);
    let expected = (row.verdict, &row.seen);
    assert_eq!((found.verdict, &found.seen), expected, "{}", way.log());
}

macro_rules! traps {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            is_as_on_the_page(stringify!($name));
        })*

        /// All that are tried, except podman, of which another test is.
        const TESTED: &[&str] = &[$(stringify!($name)),*];
    };
}

traps! {
    dash old_sources old_edit first_version same_name edit version stable workspace build_script
    include bench config token user needs twice crates same_layers stop check
}

#[test]
fn each_trap_has_an_attempt_a_test_and_a_row_for_each_way() {
    let traps = traps();
    let rows = rows(&traps);
    let names: Vec<_> = tried(&traps).map(|trap| trap.name.as_str()).collect();
    let mut known = ATTEMPTS.map(|(name, _)| name);
    let mut sorted = names.clone();
    known.sort_unstable();
    sorted.sort_unstable();
    assert_eq!(sorted, known);
    for name in names {
        assert!(name == "podman" || TESTED.contains(&&*name.replace('-', "_")), "{name}");
        let of = rows.iter().filter(|row| row.trap == name);
        assert_eq!(of.count(), PEERS.len(), "{name}");
    }
}

#[test]
fn the_page_is_written_from_the_results_and_names_tests_that_exist() {
    let traps = traps();
    for guard in traps.iter().map(|trap| &trap.guard).filter(|guard| !guard.is_empty()) {
        assert!(is_test(guard), "traps.csv: there is no test '{guard}'");
    }
    for none in ["image.rs: no_such_test", "no_such_file.rs: dash", "no_file"] {
        assert!(!is_test(none), "{none}");
    }
    let committed = workshop::read("template/EVIDENCE.md");
    assert_eq!(committed, page(&traps, &rows(&traps)));
}
