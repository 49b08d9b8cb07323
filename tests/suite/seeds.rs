//! What the fuzzer holds for whatever it makes up (`scripts/fuzz`), held for the seeds that are kept.

use std::fs;
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestRunner};

#[path = "../../fuzz/properties.rs"]
pub mod properties;

fn hold(target: &str, property: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let mut seeds = 0;
    for file in fs::read_dir(folder).unwrap() {
        let seed = fs::read(file.unwrap().path()).unwrap();
        property(&seed);
        seeds += 1;
    }
    assert!(seeds > 5, "{target}: {seeds}");
}

#[test]
fn a_query_is_refused_or_can_be_answered_and_so_can_its_next_page() {
    hold("query", properties::query);
}

#[test]
fn a_cursor_is_refused_or_a_place_in_its_list() {
    hold("cursor", properties::cursor);
}

#[test]
fn a_file_is_imported_whole_or_not_at_all_and_comes_out_as_it_went_in() {
    hold("import", properties::import);
}

/// A few steps of what the fuzzer does, so that a property is checked for more than the seeds themselves.
#[test]
fn a_changed_file_is_imported_whole_or_not_at_all_as_well() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds/import");
    let seeds: Vec<_> =
        fs::read_dir(folder).unwrap().map(|file| fs::read(file.unwrap().path()).unwrap()).collect();
    let pieces =
        ["\"", "\n", "\r", ",", ";", "\t", "{", "}", "[", "]", ":", "\\", "1e9", "0", "\u{feff}"];
    let piece = prop_oneof![
        select(pieces.to_vec()).prop_map(|piece| piece.as_bytes().to_vec()),
        any::<u8>().prop_map(|byte| vec![byte]),
    ];
    let change = (any::<Index>(), 0..4_usize, piece);
    let file = (select(seeds), vec(change, 0..4)).prop_map(|(mut file, changes)| {
        for (at, removed, added) in changes {
            let begin = at.index(file.len() + 1);
            let end = file.len().min(begin + removed);
            file.splice(begin..end, added);
        }
        file
    });
    let cases = std::env::var("IMPORT_CASES").map_or(3_000, |cases| cases.parse().unwrap());
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let property = |file: Vec<u8>| {
        properties::import(&file);
        Ok(())
    };
    TestRunner::new(config).run(&file, property).unwrap();
}
