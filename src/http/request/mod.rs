//! What a client sent, as values. Each extractor reads one part of a request and refuses what is invalid,
//! in the order in which a handler takes them.

mod accept;
mod body;
mod client;
mod code;
pub mod cursor;
mod expectation;
mod id;
pub mod query;
mod room_tag;
mod upload;

pub use accept::{Preferences, Representation};
pub use body::{
    FORM, FormBody, JSON, JsonBody, MERGE_PATCH, PatchBody, check_encoding, check_length,
    has_media_type,
};
pub use client::{client_network, host, is_https, logged_address};
pub use code::RoomCodeInPath;
pub use expectation::Expected;
pub use id::RequestId;
pub use query::{join, pairs, value_of};
pub use room_tag::{hash, room_state};
pub use upload::{
    COLUMNS, ON_CONFLICT, bounded, choices_in, interrupted, on_conflict, receive, unknown_columns,
};
