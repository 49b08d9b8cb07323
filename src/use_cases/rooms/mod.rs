//! The use cases, one file each. To understand the program, start with [`list`].

pub mod add;
pub mod change;
pub mod find;
pub mod import;
pub mod list;
pub mod middle;
pub mod readiness;
pub mod remove;
pub mod replace;
pub mod samples;
pub mod show;
pub mod write;
