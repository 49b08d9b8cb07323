//! List rooms: those that meet some conditions, in some order, page by page.

use super::room_list_request::LARGEST_LIMIT;
use super::{Failure, ListedRoom, RoomListRequest, RoomRepository, Version};

/// How many rooms are read at once where no limit is asked for: as many as there are on the longest page.
const ROOMS_AT_ONCE: usize = LARGEST_LIMIT;

/// The same for a list by distance, of which each part computes the distances of all that are left.
const NEAR_ROOMS_AT_ONCE: usize = 20_000;

/// The first of the rooms that were asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct RoomPage {
    /// The state of the repository, no newer than the rooms.
    pub version: Version,
    /// The rooms.
    pub rooms: Vec<ListedRoom>,
    /// Whether there are others after them.
    pub has_more: bool,
}

impl RoomPage {
    /// The room to go on after, if there are others.
    #[must_use]
    pub fn next(&self) -> Option<&ListedRoom> {
        self.rooms.last().filter(|_| self.has_more)
    }
}

/// Lists the rooms that the request asks for, in the order that it asks for: as many as it limits
/// the list to, or else ten thousand of them, from which one can go on. So no list, however
/// long, takes much memory, nor a connection for longer than it takes to read a page.
///
/// All pages together have each room that was there throughout exactly once, whatever is added or
/// removed meanwhile.
///
/// # Errors
///
/// [`Failure::System`] if the repository fails.
pub fn room_list(
    repository: &dyn RoomRepository,
    request: &RoomListRequest,
) -> Result<RoomPage, Failure> {
    let most = match request.limit {
        Some(limit) => limit.get(),
        None if request.is_by_distance() => NEAR_ROOMS_AT_ONCE,
        None => ROOMS_AT_ONCE,
    };
    // One more tells whether there are others.
    let mut listing = repository.list(request, most + 1)?;
    let has_more = listing.rooms.len() > most;
    listing.rooms.truncate(most);
    Ok(RoomPage { version: listing.version, rooms: listing.rooms, has_more })
}

/// Counts the rooms that the request asks for on all its pages.
///
/// # Errors
///
/// [`Failure::System`] if the repository fails.
pub fn room_count(
    repository: &dyn RoomRepository,
    request: &RoomListRequest,
) -> Result<u64, Failure> {
    Ok(repository.count(request)?)
}

/// The state of the repository: another whenever any room was added, changed or removed.
///
/// # Errors
///
/// [`Failure::System`] if the repository fails.
pub fn rooms_version(repository: &dyn RoomRepository) -> Result<Version, Failure> {
    Ok(repository.version()?)
}
