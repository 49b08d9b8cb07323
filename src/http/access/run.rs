//! Runs use cases on the repository, through the gate.

use std::fs::File;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::cache::{Cache, CacheKey, CachedResponse};
use super::cost::Cost;
use super::flights::Flights;
use super::gate::{Deadline, Gate};
use super::versions::Versions;
use crate::entities::{Room, RoomCode};
use crate::formats::reading::{FileReport, ImportChoices, RowFormat, import_file};
use crate::http::problem::Problem;
use crate::settings::Settings;
use crate::use_cases::{
    Failure, Repository, RepositoryError, RoomRepository, SessionStore, Version, room_show,
    rooms_show, rooms_version, shown,
};

/// How long before its deadline a request's work ends in the storage, so that there is time to respond.
const RESPONSE_ALLOWANCE: Duration = Duration::from_millis(50);

/// The repository, behind its gate, its versions and its cache.
#[derive(Clone)]
pub struct Access {
    repository: Arc<dyn Repository>,
    pub gate: Arc<Gate>,
    pub versions: Arc<Versions>,
    pub cache: Arc<Cache>,
    /// Reads of lists, each shared by the requests for it; `None` for a list that is too long to share.
    pub reads: Arc<Flights<CacheKey, (), SharedRead>>,
    /// Reads of single rooms: those that wait are read together.
    finds: Arc<Flights<(), RoomCode, FoundRooms>>,
}

type FoundRooms = Result<Arc<Vec<Room>>, Problem>;

type SharedRead = Result<Option<Arc<CachedResponse>>, Problem>;

impl Access {
    pub fn new(repository: Arc<dyn Repository>, settings: &Settings) -> Self {
        let max_mib = settings.cache.max_mib;
        Self {
            repository,
            gate: Arc::new(Gate::new(&settings.server, &settings.database)),
            versions: Arc::new(Versions::new(max_mib > 0)),
            cache: Arc::new(Cache::new(max_mib)),
            reads: Arc::default(),
            finds: Arc::default(),
        }
    }

    /// Runs a use case that is cheap when the gate admits it, within the time that a request may take.
    pub async fn run<T: Send + 'static, E: Into<Problem> + Send + 'static>(
        &self,
        use_case: impl FnOnce(&dyn RoomRepository) -> Result<T, E> + Send + 'static,
    ) -> Result<T, Problem> {
        self.run_until(Cost::Cheap, self.deadline(), use_case).await
    }

    /// Runs any use case when the gate admits it. Its work ends at the deadline.
    pub async fn run_until<T: Send + 'static, E: Into<Problem> + Send + 'static>(
        &self,
        cost: Cost,
        deadline: Deadline,
        use_case: impl FnOnce(&dyn RoomRepository) -> Result<T, E> + Send + 'static,
    ) -> Result<T, Problem> {
        let end = deadline.at.checked_sub(RESPONSE_ALLOWANCE).unwrap_or_else(Instant::now);
        let repository = Arc::clone(&self.repository).until(end);
        let work = move || use_case(repository.as_ref()).map_err(Into::into);
        self.gate.run(cost, deadline, work).await
    }

    /// Runs a computation that takes some time, but not the repository, on a thread for blocking work.
    pub async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        self.gate.run(Cost::Cheap, self.deadline(), work).await
    }

    /// The deadline of a request that arrives now.
    pub fn deadline(&self) -> Deadline {
        Deadline::after(self.gate.request_timeout)
    }

    /// The room with this code. Rooms that are requested while others are being read are read together.
    pub async fn find(&self, code: RoomCode) -> Result<Room, Problem> {
        let access = self.clone();
        let work = async move |codes: Vec<RoomCode>| {
            let found = access.run(move |repository| rooms_show(repository, &codes)).await?;
            Ok(Arc::new(found))
        };
        let found = self
            .gate
            .with_timeout(self.deadline(), async { Ok(self.finds.share(&(), code, work).await) });
        match found.await? {
            Some(Ok(rooms)) => Ok(shown(&rooms, code)?),
            Some(Err(problem)) if problem.is_temporary() => Err(problem),
            // The cause may be another room.
            Some(Err(_)) | None => self.run(move |repository| room_show(repository, code)).await,
        }
    }

    /// Runs a use case and leaves its failures to the caller, except those of the system.
    pub async fn run_catching<T: Send + 'static>(
        &self,
        use_case: impl FnOnce(&dyn RoomRepository) -> Result<T, Failure> + Send + 'static,
    ) -> Result<Result<T, Failure>, Problem> {
        self.run(move |repository| split_system_failure(use_case(repository))).await
    }

    /// Runs an operation on the sessions, which are stored next to the rooms.
    pub async fn run_on_sessions<T: Send + 'static>(
        &self,
        operation: impl FnOnce(&dyn SessionStore) -> Result<T, RepositoryError> + Send + 'static,
    ) -> Result<T, Problem> {
        let repository = Arc::clone(&self.repository);
        let run = move || Ok(operation(repository.as_ref()).map_err(Failure::from)?);
        self.gate.run(Cost::Cheap, self.deadline(), run).await
    }

    /// Imports a file, and leaves failures to the caller, except those of the system.
    pub async fn import(
        &self,
        limit: Duration,
        file: File,
        format: &'static dyn RowFormat,
        choices: ImportChoices,
    ) -> Result<Result<FileReport, Failure>, Problem> {
        let import = move |repository: &dyn RoomRepository| {
            let outcome = import_file(repository, file, format, choices, |file| Box::new(file));
            split_system_failure(outcome?)
        };
        self.run_until(Cost::Cheap, Deadline::after(limit), import).await
    }

    /// The repository's version, queried unless it is fresh; `None` if the storage has none.
    pub async fn version(&self) -> Result<Option<Version>, Problem> {
        if let Some(version) = self.versions.fresh() {
            return Ok(Some(version));
        }
        if self.versions.are_missing() {
            return Ok(None);
        }
        let access = self.clone();
        let shared = self.versions.query(async move || access.run(rooms_version).await);
        match shared.await {
            Some(version) => version,
            None => self.run(rooms_version).await,
        }
    }
}

/// Leaves a failure to the caller, except one of the system, which the gate has to see.
fn split_system_failure<T>(outcome: Result<T, Failure>) -> Result<Result<T, Failure>, Problem> {
    match outcome {
        Err(failure @ Failure::System(_)) => Err(failure.into()),
        outcome => Ok(outcome),
    }
}
