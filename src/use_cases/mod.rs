//! What one can do with rooms: one file a use case, each a function of a repository and a request.
//!
//! This ring knows the entities, and owns the port [`RoomRepository`] through which it asks for
//! rooms. It does not know who asks (a browser, a terminal) nor where rooms are kept.

mod failure;
mod filter;
mod readiness;
mod repository;
mod room_list;
mod room_show;
mod sample_rooms;

pub use failure::{Failure, InvalidParameter};
pub use filter::{Comparison, Filter};
pub use readiness::readiness;
pub use repository::{RepositoryError, RoomRepository};
pub use room_list::{RoomListRequest, room_list};
pub use room_show::room_show;
pub use sample_rooms::{add_sample_rooms, sample_rooms};
