//! Rooms in MongoDB: documents of one collection, with the fields that the Python original gave them.
//!
//! [`client`] reaches the server and bounds each wait; [`document`] says which document is a room;
//! [`pipeline`] turns conditions into stages; [`transaction`] writes several rooms or none; [`schema`]
//! keeps the validator and the indexes.

mod client;
mod doctor;
mod document;
mod pipeline;
mod repository;
mod schema;
mod transaction;

pub use doctor::examine;
pub use repository::open;
pub use schema::{migrate, revert, status};

/// The collection's name, the original's.
const ROOMS: &str = "rooms";
