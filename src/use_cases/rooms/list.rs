//! List rooms: those that match some conditions, in some order, page by page.

use crate::use_cases::{
    Failure, LARGEST_LIMIT, ListedRoom, Position, RoomListRequest, RoomRepository, Version,
};

/// The number of rooms that are read at once if the request has no limit: the same as on the longest
/// page.
const ROOMS_AT_ONCE: usize = LARGEST_LIMIT;

/// The same for a list by distance, where each read computes the distances of all remaining rooms.
const NEAR_ROOMS_AT_ONCE: usize = 20_000;

/// The first rooms of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct RoomPage {
    /// The rooms.
    pub rooms: Vec<ListedRoom>,
    /// Where the next page begins, if there are more rooms.
    pub next: Option<Position>,
}

/// Lists the rooms that match the request, in its order: as many as its limit, or else the first
/// 10,000 (20,000 for a list by distance), from which the caller can continue. So no list, however long, takes much memory, or holds
/// a connection for longer than one page.
///
/// A room that exists during the whole traversal appears on exactly one page, even if others are added
/// or deleted meanwhile.
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
    // One more room shows whether there are others.
    let mut rooms = repository.list(request, most + 1)?;
    let has_more = rooms.len() > most;
    rooms.truncate(most);
    let last = rooms.last().filter(|_| has_more);
    let next = last.map(|room| Position::after(room, &request.sort));
    Ok(RoomPage { rooms, next })
}

/// Counts the rooms that match the request, on all pages, but only up to `most`.
///
/// # Errors
///
/// [`Failure::System`] if the repository fails.
pub fn room_count(
    repository: &dyn RoomRepository,
    request: &RoomListRequest,
    most: u64,
) -> Result<u64, Failure> {
    Ok(repository.count(request, most)?)
}

/// The version of the repository, if it has one. It differs whenever any room was added, changed or
/// removed.
///
/// # Errors
///
/// [`Failure::System`] if the repository fails.
pub fn rooms_version(repository: &dyn RoomRepository) -> Result<Option<Version>, Failure> {
    Ok(repository.version()?)
}
