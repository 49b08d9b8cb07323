//! Limits on what one room may consist of when it is read, so that the work and the memory for a file or
//! a body are proportional to its length. The limits on whole bodies are in `http/limits.rs`.
//!
//! The depth needs no limit of its own: whatever a list or an object contains, it cannot be the value of
//! a field, and is skipped without recursion.

use crate::entities::FIELDS;

/// The most names of an object or columns of a file: a few more than a room has fields, so that a client
/// learns of several wrong ones at once.
pub const MAX_NAMES: usize = FIELDS.len() + 8;

/// The same in a file whose further columns are ignored.
pub const MAX_COLUMNS: usize = 1_000;

/// The most bytes of a room in a file.
pub const MAX_ROW: usize = 1024 * 1024;

/// Says that there are more names than `most`.
pub(super) fn too_many_names(most: usize) -> String {
    format!("more than {most} names; a room has {} fields", FIELDS.len())
}

/// Says that a row is longer than [`MAX_ROW`].
pub(super) fn too_long() -> String {
    format!("a room has at most {MAX_ROW} bytes: is a quotation mark or a line end missing?")
}
