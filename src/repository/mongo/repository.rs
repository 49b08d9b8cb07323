//! The port, over a collection of documents.

use std::sync::Arc;
use std::time::{Duration, Instant};

use mongodb::action::{Action, Aggregate};
use mongodb::bson::{Document, doc};
use mongodb::{Collection, Cursor};

use super::client::{MAX_TIME, MongoClient, bounded, run};
use super::collection::{largest_sequence, pause_until};
use super::document::{self, decimal, invalid, next_sequence, room, sequence};
use super::error::MongoError;
use super::pipeline::{self, DISTANCE, collation, without_case};
use super::{schema, transaction};
use crate::entities::{Place, Room, RoomCode};
use crate::repository::distinct::distinct;
use crate::repository::segments::{Condition, conditions, segments};
use crate::repository::url::MongoUrl;
use crate::settings::DatabaseSettings;
use crate::use_cases::{
    Change, ImportReport, Imported, ListedRoom, OnConflict, RepositoryError, RoomListRequest,
    RoomRepository, SortKey, Version,
};

/// The server's clock counts milliseconds, and zero would mean no limit.
const LEAST_TIME: Duration = Duration::from_millis(1);

/// How long to retry a change that conflicts with other writers.
const RETRY_FOR: Duration = Duration::from_secs(2);

/// The most documents that the server sends at once.
const BATCH_SIZE: u32 = 20_001;

/// Stores rooms in MongoDB, through a pool of connections.
pub struct MongoRepository {
    pub(super) client: MongoClient,
    deadline: Option<Instant>,
}

impl MongoRepository {
    /// Starts to look for the server; the first operation waits for it.
    pub fn new(url: &MongoUrl, settings: &DatabaseSettings) -> Self {
        let timeout = Duration::from_millis(settings.pool_wait_ms.get().into());
        let client = MongoClient::new(url, settings.pool_size.get().into(), timeout);
        Self { client, deadline: None }
    }

    /// How long the server may work on a query of a list or a count.
    fn max_time(&self) -> Result<Duration, MongoError> {
        let Some(deadline) = self.deadline else { return Ok(MAX_TIME) };
        let time = deadline.saturating_duration_since(Instant::now());
        if time.is_zero() {
            Err(MongoError::DeadlinePassed)
        } else {
            Ok(time.clamp(LEAST_TIME, MAX_TIME))
        }
    }

    /// Runs the queries of a list or a count.
    fn bounded_query<T>(
        &self,
        read: impl Future<Output = Result<T, MongoError>>,
    ) -> Result<T, RepositoryError> {
        let is_over = || self.deadline.is_some_and(|deadline| Instant::now() >= deadline);
        run(read).map_err(|error| match error {
            RepositoryError::Failed(cause) if is_over() => RepositoryError::TimedOut(cause),
            error => error,
        })
    }

    /// Fails if a migration is missing. A missing collection looks like an empty one, and one without
    /// its index would accept a code twice.
    pub(super) async fn check_schema(&self) -> Result<(), MongoError> {
        let missing = schema::pending(&self.client.database()?).await?;
        if missing.is_empty() { Ok(()) } else { Err(MongoError::NotMigrated(missing)) }
    }

    async fn first_of(
        &self,
        conditions: &[Condition],
        sort: &[SortKey],
        centre: Option<Place>,
        most: usize,
    ) -> Result<Vec<ListedRoom>, MongoError> {
        let limit = i64::try_from(most).unwrap_or(i64::MAX);
        let rooms = self.client.rooms()?;
        let stages = pipeline::list(conditions, sort, centre, limit);
        let aggregate = rooms
            .aggregate(stages)
            .max_time(self.max_time()?)
            .batch_size(u32::try_from(most).unwrap_or(u32::MAX).min(BATCH_SIZE))
            .optional(collation(conditions, sort), Aggregate::collation);
        let documents = all(bounded(aggregate).await?).await?;
        documents.iter().map(|document| listed(document, centre.is_some())).collect()
    }

    /// Tries [`change`](RoomRepository::change) once. Returns whether it succeeded.
    async fn try_change(
        &self,
        code: RoomCode,
        decide: &mut dyn FnMut(Option<&Room>) -> Change,
    ) -> Result<bool, MongoError> {
        let rooms = self.client.rooms()?;
        let found = find(&rooms, code).await?;
        let now = found.as_ref().map(room).transpose()?;
        match (decide(now.as_ref()), found) {
            (Change::Keep, _) | (Change::Remove, None) => Ok(true),
            (Change::Put(changed), Some(found)) => {
                let condition = document::unchanged(&found);
                let update = rooms.update_one(condition, document::update(&changed));
                let outcome = bounded(update).await?;
                Ok(outcome.matched_count > 0)
            }
            (Change::Put(added), None) => {
                self.check_schema().await?;
                let sequence = next_sequence(largest_sequence(&rooms, None).await?);
                match bounded(rooms.insert_one(document::new(&added, sequence))).await {
                    Ok(_) => Ok(true),
                    Err(error) if error.is_race() => Ok(false),
                    Err(error) => Err(error),
                }
            }
            (Change::Remove, Some(found)) => {
                let outcome = bounded(rooms.delete_one(document::unchanged(&found))).await?;
                Ok(outcome.deleted_count > 0)
            }
        }
    }
}

impl RoomRepository for MongoRepository {
    fn list(
        &self,
        request: &RoomListRequest,
        most: usize,
    ) -> Result<Vec<ListedRoom>, RepositoryError> {
        let centre = request.near.map(|circle| circle.centre);
        self.bounded_query(async {
            let mut rooms = Vec::new();
            for conditions in segments(request) {
                let rest = most - rooms.len();
                if rest == 0 {
                    break;
                }
                rooms.append(&mut self.first_of(&conditions, &request.sort, centre, rest).await?);
            }
            if rooms.is_empty() {
                self.check_schema().await?;
            }
            Ok(rooms)
        })
    }

    fn count(&self, request: &RoomListRequest, most: u64) -> Result<u64, RepositoryError> {
        self.bounded_query(async {
            let centre = request.near.map(|circle| circle.centre);
            let conditions = conditions(request);
            let rooms = self.client.rooms()?;
            let stages = pipeline::count(&conditions, centre, most);
            let aggregate = rooms
                .aggregate(stages)
                .max_time(self.max_time()?)
                .optional(collation(&conditions, &[]), Aggregate::collation);
            match all(bounded(aggregate).await?).await?.first() {
                Some(counted) => count_of(counted),
                None => self.check_schema().await.map(|()| 0),
            }
        })
    }

    /// MongoDB has no number that changes with every change of a collection.
    fn version(&self) -> Result<Option<Version>, RepositoryError> {
        Ok(None)
    }

    fn find(&self, codes: &[RoomCode]) -> Result<Vec<Room>, RepositoryError> {
        run(async {
            let codes: Vec<_> = codes.iter().map(ToString::to_string).collect();
            let rooms = self.client.rooms()?;
            let find = rooms.find(doc! { "code": { "$in": codes } }).collation(without_case());
            let found = all(bounded(find.max_time(MAX_TIME)).await?).await?;
            if found.is_empty() {
                self.check_schema().await?;
            }
            found.iter().map(room).collect()
        })
    }

    fn change(
        &self,
        code: RoomCode,
        decide: &mut dyn FnMut(Option<&Room>) -> Change,
    ) -> Result<(), RepositoryError> {
        run(async {
            let deadline = Instant::now() + RETRY_FOR;
            while !self.try_change(code, decide).await? {
                pause_until(deadline).await?;
            }
            Ok(())
        })
    }

    fn import(
        &self,
        rooms: &mut dyn Iterator<Item = Room>,
        on_conflict: OnConflict,
    ) -> Result<Imported, RepositoryError> {
        let mut repeated = ImportReport::default();
        let new = distinct(rooms, on_conflict, &mut repeated);
        run(async {
            self.check_schema().await?;
            transaction::import(&self.client.rooms()?, &new, on_conflict, repeated).await
        })
    }

    fn fill_if_empty(&self, rooms: &[Room]) -> Result<bool, RepositoryError> {
        run(async {
            self.check_schema().await?;
            transaction::fill_if_empty(&self.client.rooms()?, rooms).await
        })
    }

    fn until(self: Arc<Self>, deadline: Instant) -> Arc<dyn RoomRepository> {
        Arc::new(Self { client: self.client.clone(), deadline: Some(deadline) })
    }

    fn check(&self) -> Result<(), RepositoryError> {
        run(self.check_schema())
    }
}

async fn find(
    rooms: &Collection<Document>,
    code: RoomCode,
) -> Result<Option<Document>, MongoError> {
    let condition = doc! { "code": code.to_string() };
    bounded(rooms.find_one(condition).collation(without_case()).max_time(MAX_TIME)).await
}

async fn all(mut cursor: Cursor<Document>) -> Result<Vec<Document>, MongoError> {
    let mut documents = Vec::new();
    while bounded(cursor.advance()).await? {
        documents.push(cursor.deserialize_current()?);
    }
    Ok(documents)
}

fn listed(document: &Document, has_distance: bool) -> Result<ListedRoom, MongoError> {
    let missing = || invalid(document, "distance is missing");
    let distance = has_distance
        .then(|| document.get(DISTANCE).and_then(decimal).ok_or_else(missing))
        .transpose()?;
    Ok(ListedRoom { room: room(document)?, sequence: sequence(document)?, distance })
}

fn count_of(counted: &Document) -> Result<u64, MongoError> {
    let number = match (counted.get_i32("rooms"), counted.get_i64("rooms")) {
        (Ok(number), _) => number.into(),
        (_, Ok(number)) => number,
        _ => return Err(MongoError::Other("the server's count is not a whole number".to_owned())),
    };
    Ok(number.unsigned_abs())
}
