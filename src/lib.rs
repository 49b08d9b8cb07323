//! A room-rental catalogue: in a browser, as an HTTP API and on the command line.
//!
//! The modules are rings. A module may use only those above it in this table; a test holds the code to
//! it. To find where new code belongs, use the table; each module's own documentation goes on from there.
//!
//! | module | what lives there | what it may use |
//! |---|---|---|
//! | [`entities`] | what a room is, and the table of its fields | `std`, `uuid` |
//! | [`use_cases`] | what users can do with rooms, and the port to a storage | entities |
//! | [`places`] | places by name: the gazetteer, and how people write a place | entities |
//! | [`formats`] | how rooms and requests are written and read | use cases, `serde` |
//! | [`repository`] | where rooms are stored: memory, PostgreSQL, SQLite, MongoDB | use cases, `diesel`, `mongodb` |
//! | [`http`] | the web | use cases, formats, places, `actix_web`; no repository |
//! | [`cli`] | the terminal; assembles the parts | everything |
//!
//! [`settings`] and [`logging`] use none of the rings.
//!
//! To understand the program, start with [`use_cases::rooms::list`]. `docs/ARCHITECTURE.md` follows one
//! request through all rings.

pub mod cli;
pub mod entities;
pub mod formats;
pub mod http;
pub mod logging;
pub mod places;
pub mod repository;
pub mod settings;
pub mod use_cases;
