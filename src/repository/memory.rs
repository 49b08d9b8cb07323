//! Rooms in memory: lost when the program ends. The simplest possible repository.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};
use std::time::Instant;

use super::{Finding, InvalidDatabaseUrl, Migration, Storage, StorageError};
use crate::entities::{Room, RoomCode};
use crate::settings::Settings;
use crate::use_cases::{
    Change, ImportReport, Imported, ListedRoom, OnConflict, Repository, RepositoryError,
    RoomListRequest, RoomRepository, Session, SessionHash, SessionStore, UnixTime, Version,
    sample_rooms,
};

/// The storage with the URL `memory:`.
#[derive(Debug)]
pub struct Memory;

impl Memory {
    /// The form of its URL.
    pub const FORM: &str = "memory:";

    /// Parses the part after `memory:`.
    pub fn parse(rest: &str) -> Result<Self, InvalidDatabaseUrl> {
        if rest.is_empty() {
            Ok(Self)
        } else {
            Err(InvalidDatabaseUrl::new("write memory: with nothing after the colon"))
        }
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("memory:")
    }
}

impl Storage for Memory {
    fn open(&self, _settings: &Settings) -> Arc<dyn Repository> {
        Arc::new(MemoryRepository::with_sample_rooms())
    }

    fn create(&self) -> Result<bool, StorageError> {
        Ok(false)
    }

    fn migrate(&self) -> Result<Vec<String>, StorageError> {
        Ok(Vec::new())
    }

    fn revert(&self) -> Result<Option<String>, StorageError> {
        Ok(None)
    }

    fn status(&self) -> Result<Vec<Migration>, StorageError> {
        Ok(Vec::new())
    }

    fn examine(&self, _settings: &Settings) -> Result<Vec<Finding>, StorageError> {
        let text = "memory: loses all rooms when the server stops: use sqlite:PATH or PostgreSQL";
        Ok(vec![Finding::bad(text.to_owned())])
    }
}

/// Stores rooms in memory.
#[derive(Debug)]
pub struct MemoryRepository {
    state: RwLock<State>,
    sessions: Mutex<HashMap<SessionHash, Session>>,
}

#[derive(Debug, Clone)]
struct State {
    /// Each room with its sequence number, in ascending order.
    rooms: Vec<(i128, Room)>,
    /// The last sequence number that was assigned.
    newest: i128,
    /// Begins at random, so that no other process has the same versions.
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
    /// A repository with the four sample rooms.
    #[must_use]
    pub fn with_sample_rooms() -> Self {
        Self::with(&sample_rooms())
    }

    fn with(rooms: &[Room]) -> Self {
        let version = Version(RandomState::new().hash_one(0));
        let mut state = State { rooms: Vec::new(), newest: 0, version };
        state.append(rooms);
        Self { state: RwLock::new(state), sessions: Mutex::default() }
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn sessions(&self) -> MutexGuard<'_, HashMap<SessionHash, Session>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RoomRepository for MemoryRepository {
    fn list(
        &self,
        request: &RoomListRequest,
        most: usize,
    ) -> Result<Vec<ListedRoom>, RepositoryError> {
        let state = self.read();
        let mut rooms = request.sort_and_skip(matching(&state, request).collect());
        rooms.truncate(most);
        Ok(rooms)
    }

    fn count(&self, request: &RoomListRequest, most: u64) -> Result<u64, RepositoryError> {
        Ok((matching(&self.read(), request).count() as u64).min(most))
    }

    fn version(&self) -> Result<Option<Version>, RepositoryError> {
        Ok(Some(self.read().version))
    }

    fn find(&self, codes: &[RoomCode]) -> Result<Vec<Room>, RepositoryError> {
        let state = self.read();
        let rooms = state.rooms.iter().map(|(_, room)| room);
        Ok(rooms.filter(|room| codes.contains(&room.code)).cloned().collect())
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
        let mut indexes: HashMap<RoomCode, usize> =
            state.rooms.iter().enumerate().map(|(at, (_, room))| (room.code, at)).collect();
        let mut draft = state.clone();
        let mut report = ImportReport::default();
        let mut taken = Vec::new();
        for room in rooms {
            match (indexes.get(&room.code), on_conflict) {
                (None, _) => {
                    indexes.insert(room.code, draft.rooms.len());
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
        let is_empty = state.rooms.is_empty();
        if is_empty {
            state.append(rooms);
            state.version = state.version.next();
        }
        Ok(is_empty)
    }

    fn until(self: Arc<Self>, _deadline: Instant) -> Arc<dyn RoomRepository> {
        self
    }

    fn check(&self) -> Result<(), RepositoryError> {
        Ok(())
    }
}

impl SessionStore for MemoryRepository {
    fn begin_session(&self, hash: &SessionHash, now: UnixTime) -> Result<(), RepositoryError> {
        let mut sessions = self.sessions();
        sessions.retain(|_, session| session.is_valid(now));
        sessions.insert(hash.clone(), Session::begun(now));
        Ok(())
    }

    fn find_session(&self, hash: &SessionHash) -> Result<Option<Session>, RepositoryError> {
        Ok(self.sessions().get(hash).copied())
    }

    fn touch_session(&self, hash: &SessionHash, now: UnixTime) -> Result<(), RepositoryError> {
        if let Some(session) = self.sessions().get_mut(hash) {
            session.last_seen_at = session.last_seen_at.max(now);
        }
        Ok(())
    }

    fn end_session(&self, hash: &SessionHash) -> Result<(), RepositoryError> {
        self.sessions().remove(hash);
        Ok(())
    }

    fn end_all_sessions(&self) -> Result<(), RepositoryError> {
        self.sessions().clear();
        Ok(())
    }
}

fn matching<'a>(
    state: &'a State,
    request: &'a RoomListRequest,
) -> impl Iterator<Item = ListedRoom> + 'a {
    state.rooms.iter().filter_map(|(sequence, room)| request.matching(room, *sequence))
}
