//! How rooms are written for programs: one module a format, for the web and the terminal alike.
//!
//! This module knows the entities and `serde`, and not who reads what it writes.

pub mod json;
