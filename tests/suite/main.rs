//! Everything that is tested from outside the crate: one binary, so that it is linked once.
//!
//! A test that needs a program which this machine has not (PostgreSQL, nginx, Chromium, a Docker
//! engine …) says on standard error what was left out. In CI (`CI` set in the environment) it
//! fails instead.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends at the first thing that is not as expected"
)]

mod agreement;
mod api;
mod audit;
mod browser;
mod chapter_8;
mod cli;
mod compose;
mod entities;
mod faults;
mod formats;
mod framing;
mod hostile;
mod images;
mod list_contract;
mod million;
mod mongo;
mod nginx;
mod places;
mod readme;
mod repository_contract;
mod repository_urls;
mod rings;
mod seeds;
mod session_contract;
mod settings;
mod support;
mod texts;
mod use_cases;
mod version_contract;
mod write_contract;
