//! What users can do with rooms. Each use case is a function of a repository and a request, in a file
//! of [`rooms`].
//!
//! This ring knows the entities, and owns the ports: [`RoomRepository`], through which it reads and writes
//! rooms, and [`SessionStore`] for the owner's sessions. It does not know who calls it (a browser, a terminal), where rooms are stored, or how a
//! request is written: [`request`] holds values that are already parsed.

mod failure;
mod listed_room;
pub mod repository;
pub mod request;
pub mod rooms;
pub mod sessions;

pub use failure::{Failure, InvalidParameter, InvalidRow, InvalidRows};
pub use listed_room::ListedRoom;
pub use repository::{
    Change, ImportReport, Imported, OnConflict, RepositoryError, RoomRepository, Version, Wear,
};
pub use request::{
    BoundingBox, Circle, Comparison, Filter, LARGEST_LIMIT, Position, RoomListRequest, SortBy,
    SortKey, TextComparison,
};
pub use rooms::add::room_add;
pub use rooms::change::room_change;
pub use rooms::find::rooms_beginning;
pub use rooms::import::{ImportRow, room_import};
pub use rooms::list::{RoomPage, room_count, room_list, rooms_version};
pub use rooms::middle::rooms_middle;
pub use rooms::readiness::readiness;
pub use rooms::readiness::storage_wear;
pub use rooms::remove::room_remove;
pub use rooms::replace::{Replaced, room_replace};
pub use rooms::samples::{add_sample_rooms, sample_rooms};
pub use rooms::show::{room_show, rooms_show, shown};
pub use rooms::write::{Expectation, no_precondition};
pub use sessions::{Repository, Session, SessionHash, SessionStore, UnixTime};
