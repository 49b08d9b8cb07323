//! Rooms in memory: gone when the program ends. The simplest repository there can be.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use crate::entities::{Room, RoomCode};
use crate::use_cases::{
    Change, ImportReport, Imported, ListedRoom, Listing, OnConflict, RepositoryError,
    RoomListRequest, RoomRepository, Version, sample_rooms,
};

/// Keeps rooms in memory.
#[derive(Debug)]
pub struct MemoryRepository {
    state: RwLock<State>,
}

#[derive(Debug, Clone)]
struct State {
    /// With their sequence numbers, which ascend.
    rooms: Vec<(i128, Room)>,
    /// The last sequence number that was given.
    newest: i128,
    /// Begins anywhere, so that another program's versions are not mistaken for this one's.
    version: Version,
}

impl State {
    fn append(&mut self, rooms: &[Room]) {
        for room in rooms {
            self.newest += 1;
            self.rooms.push((self.newest, room.clone()));
        }
    }
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
        let mut state = State { rooms: Vec::new(), newest: 0, version };
        state.append(rooms);
        Self { state: RwLock::new(state) }
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

    fn change(
        &self,
        code: RoomCode,
        decide: &mut dyn FnMut(Option<&Room>) -> Change,
    ) -> Result<(), RepositoryError> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let at = state.rooms.iter().position(|(_, room)| room.code == code);
        match (decide(at.map(|at| &state.rooms[at].1)), at) {
            (Change::Keep, _) | (Change::Remove, None) => return Ok(()),
            (Change::Put(room), Some(at)) => state.rooms[at].1 = room,
            (Change::Put(room), None) => state.append(&[room]),
            (Change::Remove, Some(at)) => drop(state.rooms.remove(at)),
        }
        state.version = state.version.next();
        Ok(())
    }

    fn import(
        &self,
        rooms: &mut dyn Iterator<Item = Room>,
        on_conflict: OnConflict,
    ) -> Result<Imported, RepositoryError> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let mut places: HashMap<RoomCode, usize> =
            state.rooms.iter().enumerate().map(|(at, (_, room))| (room.code, at)).collect();
        let mut draft = state.clone();
        let mut report = ImportReport::default();
        let mut taken = Vec::new();
        for room in rooms {
            match (places.get(&room.code), on_conflict) {
                (None, _) => {
                    places.insert(room.code, draft.rooms.len());
                    draft.append(&[room]);
                    report.added += 1;
                }
                (Some(_), OnConflict::Refuse) => taken.push(room.code),
                (Some(_), OnConflict::Skip) => report.skipped += 1,
                (Some(at), OnConflict::Replace) => {
                    draft.rooms[*at].1 = room;
                    report.replaced += 1;
                }
            }
        }
        if !taken.is_empty() {
            return Ok(Imported::Taken(taken));
        }
        draft.version = draft.version.next();
        *state = draft;
        Ok(Imported::Done(report))
    }

    fn fill_if_empty(&self, rooms: &[Room]) -> Result<bool, RepositoryError> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let codes: HashSet<RoomCode> = rooms.iter().map(|room| room.code).collect();
        if codes.len() < rooms.len() {
            return Err(RepositoryError::Failed("two rooms have the same code".into()));
        }
        let empty = state.rooms.is_empty();
        if empty {
            state.append(rooms);
            state.version = state.version.next();
        }
        Ok(empty)
    }

    fn check(&self) -> Result<(), RepositoryError> {
        Ok(())
    }
}

fn picked<'a>(
    state: &'a State,
    request: &'a RoomListRequest,
) -> impl Iterator<Item = ListedRoom> + 'a {
    state.rooms.iter().filter_map(|(sequence, room)| request.pick(room, *sequence))
}
