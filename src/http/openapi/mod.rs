//! The description of the API (OpenAPI 3.1): what cannot be derived from a handler and the table of
//! fields. A handler's own description stands next to it, made with a [`Description`].

mod description;
mod docs;
mod document;
mod failures;
pub mod parameters;
mod responses;

pub use description::Description;
pub use docs::{file, page};
pub use document::{Document, describe, show, without_patterns};
pub use failures::Failing;
pub use responses::{header, plain_response, response};
