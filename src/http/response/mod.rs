//! What responses share: the headers of a representation, entity tags, links, and streaming.

mod conditional;
mod headers;
mod stream;

pub use conditional::{
    is_current, may_have_version, not_modified, room_tag, shareable, version_tag,
};
pub use headers::{header_value, in_representation, list_headers, next_page, ok, see_other};
pub use stream::{Part, StreamedList};
