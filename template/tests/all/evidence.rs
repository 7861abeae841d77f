//! The page about traps says what was seen, and names tests that exist.

use std::fs;

use workshop::evidence::{PEERS, Row, check, page, rows, traps};
use workshop::repository;

#[test]
fn page_is_written_from_the_results() {
    let traps = traps();
    let committed = fs::read_to_string(repository().join("template/EVIDENCE.md")).unwrap();
    assert_eq!(committed, page(&traps, &rows(&traps)));
}

#[test]
fn each_way_was_led_into_each_trap() {
    let traps = traps();
    let rows = rows(&traps);
    for trap in traps.iter().filter(|trap| trap.untried.is_empty()) {
        for (peer, _) in PEERS {
            let same = |row: &&Row| row.trap == trap.name && row.peer == peer;
            assert_eq!(rows.iter().filter(same).count(), 1, "{} {peer}", trap.name);
        }
    }
}

#[test]
fn a_test_guards_each_trap_that_this_template_avoids() {
    let traps = traps();
    check(&traps, &rows(&traps)).unwrap();
}

#[test]
fn a_guard_that_is_no_test_is_refused_by_name() {
    let traps = traps();
    let rows = rows(&traps);
    let refused = |guard: &str| {
        let mut traps = traps.clone();
        traps[0].guard = guard.to_owned();
        check(&traps, &rows).unwrap_err()
    };
    for guard in [
        "stubs.rs: no_such_test",
        "no_such_file.rs: no_stub_ships_from_a_new_dependency_layer",
        "no_stub_ships_from_a_new_dependency_layer",
        // A function in a fixture, but no test.
        "build_scripts.rs: main",
    ] {
        let reason = refused(guard);
        assert!(reason.contains(guard), "{reason}");
    }
    assert!(refused("").contains("no test guards"));
}
