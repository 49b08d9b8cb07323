//! rentomatic keeps a catalogue of rooms for rent: in a browser, as an API and on the terminal.
//!
//! The code is laid out in rings. An arrow only ever points up this list; a test holds it so.
//!
//! | module | what lives there | what it may know |
//! |---|---|---|
//! | [`entities`] | what a room is | `std` and `uuid` |
//! | [`use_cases`] | what one can do with rooms, and the port to where they are kept | entities |
//! | [`repository`] | where rooms are kept: memory, PostgreSQL, SQLite | the above, `diesel` |
//! | [`http`] | how the web asks | entities, use cases, `actix_web`; no repository |
//! | [`cli`] | how the terminal asks; puts the concrete parts together | everything |
//!
//! Beside them stand [`representation`], how rooms are written for programs and read from what
//! programs write, which knows the use cases and the entities, and [`settings`] and [`logging`], which
//! know none of the rings.
//!
//! To understand the program, read [`use_cases::room_list`]; `docs/ARCHITECTURE.md` walks one
//! request through all of it.

pub mod cli;
pub mod entities;
pub mod formats;
pub mod http;
pub mod logging;
pub mod repository;
pub mod settings;
pub mod use_cases;
