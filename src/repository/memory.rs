//! Rooms in memory: gone when the program ends. The simplest repository there can be.

use std::collections::HashSet;
use std::sync::{PoisonError, RwLock};

use crate::entities::{Room, RoomCode};
use crate::use_cases::{RepositoryError, RoomListRequest, RoomRepository, sample_rooms};

/// Keeps rooms in memory.
#[derive(Debug, Default)]
pub struct MemoryRepository {
    rooms: RwLock<Vec<Room>>,
}

impl MemoryRepository {
    /// A repository that starts with the four sample rooms.
    #[must_use]
    pub fn with_sample_rooms() -> Self {
        Self { rooms: RwLock::new(sample_rooms()) }
    }
}

impl RoomRepository for MemoryRepository {
    fn list(&self, request: &RoomListRequest) -> Result<Vec<Room>, RepositoryError> {
        let rooms = self.rooms.read().unwrap_or_else(PoisonError::into_inner);
        Ok(rooms.iter().filter(|room| request.asks_for(room)).cloned().collect())
    }

    fn find(&self, code: RoomCode) -> Result<Option<Room>, RepositoryError> {
        let rooms = self.rooms.read().unwrap_or_else(PoisonError::into_inner);
        Ok(rooms.iter().find(|room| room.code == code).cloned())
    }

    fn fill_if_empty(&self, rooms: &[Room]) -> Result<bool, RepositoryError> {
        let mut kept = self.rooms.write().unwrap_or_else(PoisonError::into_inner);
        let codes: HashSet<RoomCode> = rooms.iter().map(|room| room.code).collect();
        if codes.len() < rooms.len() {
            return Err(RepositoryError::Failed("two rooms have the same code".into()));
        }
        let empty = kept.is_empty();
        if empty {
            kept.extend_from_slice(rooms);
        }
        Ok(empty)
    }

    fn check(&self) -> Result<(), RepositoryError> {
        Ok(())
    }
}
