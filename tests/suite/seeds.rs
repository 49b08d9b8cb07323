//! What the fuzzer holds for whatever it makes up (`scripts/fuzz`), held for the seeds that are kept.

use std::fs;
use std::path::Path;

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
