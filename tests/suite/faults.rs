//! What is promised when something breaks, with real processes that really break.
//!
//! Each test is a row of the table in `docs/OPERATIONS.md`. In CI it takes a short form, with room for
//! a loaded machine; `scripts/faults` sets `FAULTS=long`, holds the promises to the letter, and prints
//! what was measured.

mod current;
mod disk;
mod expensive;
mod mongo;
mod network;
mod outages;
mod overload;
mod refusals;
mod replaced;
mod restarts;
mod slow;
mod standby;
mod writes;

use std::fmt::Display;
use std::io::Write;
use std::time::Duration;

use crate::support::load::Load;
use crate::support::server::Server;

/// Whether this is the long form.
fn is_long() -> bool {
    std::env::var_os("FAULTS").is_some_and(|form| form == "long")
}

/// One of two values, by the form.
fn by_form<T>(short: T, long: T) -> T {
    if is_long() { long } else { short }
}

/// How many clients ask while something is broken.
const CLIENTS: u32 = 8;

/// They ask for a list: in the long form at half of saturation, in the short one with this pause.
fn load(server: &Server, short: Duration) -> Load {
    let half = || Load::pause_at_half(server.address(), "/rooms", CLIENTS);
    let pause = if is_long() { half() } else { short };
    Load::start(server.address(), "/rooms", CLIENTS as usize, pause)
}

/// A promised time: in the short form, a loaded machine has three times as long, and a second more.
fn bound(promised: Duration) -> Duration {
    by_form(promised * 3 + Duration::from_secs(1), promised)
}

/// Tells what was measured, as a row of a table.
pub fn report(fault: &str, measured: impl Display) {
    let _ = writeln!(std::io::stderr(), "MEASURED | {fault} | {measured} |");
}
