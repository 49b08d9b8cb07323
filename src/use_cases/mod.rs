//! What one can do with rooms: one file a use case, each a function of a repository and a request.
//!
//! This ring knows the entities, and owns the port [`RoomRepository`] through which it asks for
//! rooms. It does not know who asks (a browser, a terminal) nor where rooms are kept.

mod failure;
mod filter;
mod parameter;
mod readiness;
mod region;
mod repository;
mod room_add;
mod room_change;
mod room_fields;
mod room_import;
mod room_list;
mod room_list_request;
mod room_remove;
mod room_replace;
mod room_show;
mod room_write;
mod sample_rooms;
mod sort;

pub use failure::Failure;
pub use filter::{Comparison, Filter};
pub use parameter::{FILTER, InvalidParameter};
pub use readiness::readiness;
pub use region::{BoundingBox, Circle};
pub use repository::{Change, ListedRoom, Listing, RepositoryError, RoomRepository, Version};
pub use room_add::room_add;
pub use room_change::room_change;
pub use room_fields::{FieldValue, RoomFields};
pub use room_import::{
    ImportReport, ImportRow, Imported, InvalidRow, InvalidRows, OnConflict, room_import,
};
pub use room_list::{RoomPage, room_count, room_list, rooms_version};
pub use room_list_request::{LARGEST_LIMIT, RoomListRequest, given_again};
pub use room_remove::room_remove;
pub use room_replace::{Replaced, room_replace};
pub use room_show::room_show;
pub use room_write::{Expectation, whatever};
pub use sample_rooms::{add_sample_rooms, sample_rooms};
pub use sort::{SortField, SortKey, SortValue};
