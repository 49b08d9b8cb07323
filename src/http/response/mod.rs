//! What responses share: the headers of a representation, entity tags, links, and streaming.

mod conditional;
mod format;
mod links;
mod stream;

pub use conditional::{is_current, list_tag, not_modified, room_tag};
pub use format::{in_representation, ok};
pub use links::{TOTAL_COUNT, header_value, link_next, next_page, see_other};
pub use stream::{Part, StreamedList};
