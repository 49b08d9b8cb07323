//! Rooms in memory: gone when the program ends. The simplest repository there can be.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use crate::entities::{Room, RoomCode};
use crate::use_cases::{
    ListedRoom, Listing, RepositoryError, RoomListRequest, RoomRepository, Version, sample_rooms,
};

/// Keeps rooms in memory.
#[derive(Debug)]
pub struct MemoryRepository {
    state: RwLock<State>,
}

#[derive(Debug)]
struct State {
    /// With their sequence numbers, which ascend.
    rooms: Vec<(i32, Room)>,
    /// Begins anywhere, so that another program's versions are not mistaken for this one's.
    version: Version,
}

impl Default for MemoryRepository {
    fn default() -> Self {
        Self::with(&[])
    }
}

impl MemoryRepository {
    /// A repository that starts with the four sample rooms.
    #[must_use]
    pub fn with_sample_rooms() -> Self {
        Self::with(&sample_rooms())
    }

    fn with(rooms: &[Room]) -> Self {
        let version = Version(RandomState::new().hash_one(0));
        Self { state: RwLock::new(State { rooms: numbered(rooms), version }) }
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RoomRepository for MemoryRepository {
    fn list(&self, request: &RoomListRequest, most: usize) -> Result<Listing, RepositoryError> {
        let state = self.read();
        let picked = picked(&state, request).collect();
        let mut rooms = request.arrange(picked);
        rooms.truncate(most);
        Ok(Listing { version: state.version, rooms })
    }

    fn count(&self, request: &RoomListRequest) -> Result<u64, RepositoryError> {
        Ok(picked(&self.read(), request).count() as u64)
    }

    fn version(&self) -> Result<Version, RepositoryError> {
        Ok(self.read().version)
    }

    fn find(&self, code: RoomCode) -> Result<Option<Room>, RepositoryError> {
        let state = self.read();
        Ok(state.rooms.iter().find(|(_, room)| room.code == code).map(|(_, room)| room.clone()))
    }

    fn fill_if_empty(&self, rooms: &[Room]) -> Result<bool, RepositoryError> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let codes: HashSet<RoomCode> = rooms.iter().map(|room| room.code).collect();
        if codes.len() < rooms.len() {
            return Err(RepositoryError::Failed("two rooms have the same code".into()));
        }
        let empty = state.rooms.is_empty();
        if empty {
            state.rooms = numbered(rooms);
            state.version = Version(state.version.0.wrapping_add(1));
        }
        Ok(empty)
    }

    fn check(&self) -> Result<(), RepositoryError> {
        Ok(())
    }
}

fn numbered(rooms: &[Room]) -> Vec<(i32, Room)> {
    (1..).zip(rooms.iter().cloned()).collect()
}

fn picked<'a>(
    state: &'a State,
    request: &'a RoomListRequest,
) -> impl Iterator<Item = ListedRoom> + 'a {
    state.rooms.iter().filter_map(|(sequence, room)| request.pick(room, *sequence))
}
