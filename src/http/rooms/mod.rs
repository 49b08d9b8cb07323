//! `/rooms` for programs. Lists and rooms are also shown as pages, if the client prefers one.

pub mod import;
pub mod list;
pub mod show;
pub mod write;
