//! What responses share: the headers of a representation, entity tags, links, and streaming.

mod conditional;
mod headers;
mod stream;

pub use conditional::{is_current, list_tag, not_modified, room_tag};
pub use headers::{
    TOTAL_COUNT, header_value, in_representation, link_next, next_page, ok, see_other,
};
pub use stream::{Part, StreamedList};
