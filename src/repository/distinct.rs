//! Repeated codes among the rooms of an import.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::entities::Room;
use crate::use_cases::{ImportReport, OnConflict};

/// The rooms with each code once: a room with a repeated code is skipped, or replaces the earlier one.
/// The report counts both.
pub fn distinct(
    rooms: impl Iterator<Item = Room>,
    on_conflict: OnConflict,
    report: &mut ImportReport,
) -> Vec<Room> {
    let mut distinct: Vec<Room> = Vec::new();
    let mut indexes = HashMap::new();
    for room in rooms {
        match indexes.entry(room.code) {
            Entry::Vacant(free) => {
                free.insert(distinct.len());
                distinct.push(room);
            }
            Entry::Occupied(taken) if on_conflict == OnConflict::Replace => {
                distinct[*taken.get()] = room;
                report.replaced += 1;
            }
            Entry::Occupied(_) => report.skipped += 1,
        }
    }
    distinct
}
