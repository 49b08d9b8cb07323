//! The port, over a collection of documents.

use std::time::{Duration, Instant};

use mongodb::bson::{Document, doc};
use mongodb::{ClientSession, Collection, Cursor};
use tokio::time::sleep;
use uuid::Uuid;

use super::client::{Server, Trouble, WORK, answer, run};
use super::document::{LAST, fields, id_of, next_sequence, number, room, sequence, sequence_of};
use super::pipeline::{self, DISTANCE, collation, without_case};
use super::{schema, transaction};
use crate::entities::{Place, Room, RoomCode};
use crate::repository::MongoUrl;
use crate::repository::segments::{Condition, conditions, segments};
use crate::settings::DatabaseSettings;
use crate::use_cases::{
    Change, Imported, ListedRoom, Listing, OnConflict, RepositoryError, RoomListRequest,
    RoomRepository, SortKey, Version,
};

/// How long is tried again what others get in the way of.
const PATIENCE: Duration = Duration::from_secs(2);

/// The longest pause between two tries.
const PAUSE: Duration = Duration::from_millis(50);

/// Opens a pool; the server is looked for at once, and waited for when first asked.
pub fn open(url: &MongoUrl, settings: &DatabaseSettings) -> MongoRepository {
    let patience = Duration::from_millis(settings.pool_wait_ms.get().into());
    MongoRepository { server: Server::new(url, settings.pool_size.get().into(), patience) }
}

/// Keeps rooms in MongoDB, and connections to it in one pool for as long as it lives.
pub struct MongoRepository {
    server: Server,
}

impl MongoRepository {
    /// Says that a migration is missing, if one is. A collection that is not there looks like an empty
    /// one, and one without its index would take a code twice.
    async fn check_schema(&self) -> Result<(), Trouble> {
        let missing = schema::pending(&self.server.database()?).await?;
        if missing.is_empty() { Ok(()) } else { Err(Trouble::NotMigrated(missing)) }
    }

    async fn first_of(
        &self,
        conditions: &[Condition],
        sort: &[SortKey],
        centre: Option<Place>,
        most: usize,
    ) -> Result<Vec<ListedRoom>, Trouble> {
        let limit = i64::try_from(most).unwrap_or(i64::MAX);
        let rooms = self.server.rooms()?;
        let stages = pipeline::list(conditions, sort, centre, limit);
        let mut ask = rooms.aggregate(stages).max_time(WORK);
        ask = ask.batch_size(u32::try_from(most).unwrap_or(u32::MAX).min(BATCH));
        if let Some(collation) = collation(conditions, sort) {
            ask = ask.collation(collation);
        }
        let documents = all(answer(ask).await?).await?;
        documents.iter().map(|document| listed(document, centre.is_some())).collect()
    }

    /// One try of [`change`](RoomRepository::change): whether it is done.
    async fn try_change(
        &self,
        code: RoomCode,
        decide: &mut dyn FnMut(Option<&Room>) -> Change,
    ) -> Result<bool, Trouble> {
        let rooms = self.server.rooms()?;
        let found = find(&rooms, code).await?;
        let now = found.as_ref().map(room).transpose()?;
        match (decide(now.as_ref()), found) {
            (Change::Keep, _) | (Change::Remove, None) => Ok(true),
            (Change::Put(changed), Some(found)) => {
                let change = doc! { "$set": fields(&changed) };
                let outcome = answer(rooms.update_one(unchanged(&found), change)).await?;
                Ok(outcome.matched_count > 0)
            }
            (Change::Put(added), None) => {
                self.check_schema().await?;
                let sequence = next_sequence(largest_sequence(&rooms, None).await?);
                match answer(rooms.insert_one(document(&added, sequence))).await {
                    Ok(_) => Ok(true),
                    Err(trouble) if trouble.is_race() => Ok(false),
                    Err(trouble) => Err(trouble),
                }
            }
            (Change::Remove, Some(found)) => {
                let outcome = answer(rooms.delete_one(unchanged(&found))).await?;
                Ok(outcome.deleted_count > 0)
            }
        }
    }
}

/// The most documents that the server sends at once.
const BATCH: u32 = 20_001;

impl RoomRepository for MongoRepository {
    fn list(&self, request: &RoomListRequest, most: usize) -> Result<Listing, RepositoryError> {
        let centre = request.near.map(|circle| circle.centre);
        let rooms = run(async {
            let mut rooms = Vec::new();
            for conditions in segments(request, None) {
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
        })?;
        Ok(Listing { version: unknown_version(), rooms })
    }

    fn count(&self, request: &RoomListRequest) -> Result<u64, RepositoryError> {
        Ok(run(async {
            let centre = request.near.map(|circle| circle.centre);
            let conditions = conditions(request, None);
            let rooms = self.server.rooms()?;
            let mut ask = rooms.aggregate(pipeline::count(&conditions, centre)).max_time(WORK);
            if let Some(collation) = collation(&conditions, &[]) {
                ask = ask.collation(collation);
            }
            match all(answer(ask).await?).await?.first() {
                Some(counted) => count_of(counted),
                None => self.check_schema().await.map(|()| 0),
            }
        })?)
    }

    /// MongoDB has no state of a collection that each change would make another. So each version is a
    /// new one, and nothing is ever taken for current that is not. The server is asked all the same: whoever
    /// is told a version takes the storage for one that can be reached.
    fn version(&self) -> Result<Version, RepositoryError> {
        Ok(run(async {
            answer(self.server.database()?.run_command(doc! { "ping": 1 })).await?;
            Ok::<_, Trouble>(unknown_version())
        })?)
    }

    fn find(&self, code: RoomCode) -> Result<Option<Room>, RepositoryError> {
        Ok(run(async {
            match find(&self.server.rooms()?, code).await? {
                Some(found) => Ok(Some(room(&found)?)),
                None => self.check_schema().await.map(|()| None),
            }
        })?)
    }

    fn change(
        &self,
        code: RoomCode,
        decide: &mut dyn FnMut(Option<&Room>) -> Change,
    ) -> Result<(), RepositoryError> {
        Ok(run(async {
            let until = Instant::now() + PATIENCE;
            while !self.try_change(code, decide).await? {
                pause(until).await?;
            }
            Ok(())
        })?)
    }

    fn import(
        &self,
        rooms: &mut dyn Iterator<Item = Room>,
        on_conflict: OnConflict,
    ) -> Result<Imported, RepositoryError> {
        let import = transaction::Import::of(rooms, on_conflict);
        Ok(run(async {
            self.check_schema().await?;
            import.run(&self.server.rooms()?).await
        })?)
    }

    fn fill_if_empty(&self, rooms: &[Room]) -> Result<bool, RepositoryError> {
        Ok(run(async {
            self.check_schema().await?;
            transaction::fill_if_empty(&self.server.rooms()?, rooms).await
        })?)
    }

    fn check(&self) -> Result<(), RepositoryError> {
        Ok(run(self.check_schema())?)
    }
}

/// One that nobody has seen.
fn unknown_version() -> Version {
    Version(Uuid::new_v4().as_u64_pair().1)
}

/// Waits until it may be tried again, for a while that others are not likely to wait too.
pub async fn pause(until: Instant) -> Result<(), Trouble> {
    if Instant::now() >= until {
        return Err(Trouble::Contended);
    }
    let [share, ..] = Uuid::new_v4().into_bytes();
    sleep(PAUSE * u32::from(share) / 256).await;
    Ok(())
}

/// The document of a room.
pub fn document(room: &Room, sequence: i128) -> Document {
    let mut document = doc! { "_id": id_of(sequence) };
    document.extend(fields(room));
    document
}

/// What finds a document as long as it is as it was when it was read.
fn unchanged(found: &Document) -> Document {
    let mut wanted = doc! { "_id": found.get("_id") };
    for field in ["code", "size", "price", "longitude", "latitude"] {
        wanted.insert(field, found.get(field));
    }
    wanted
}

async fn find(rooms: &Collection<Document>, code: RoomCode) -> Result<Option<Document>, Trouble> {
    let wanted = doc! { "code": code.to_string() };
    answer(rooms.find_one(wanted).collation(without_case()).max_time(WORK)).await
}

/// The largest number that a room has, by all that can be seen in the session.
pub async fn largest_sequence(
    rooms: &Collection<Document>,
    session: Option<&mut ClientSession>,
) -> Result<Option<i128>, Trouble> {
    // Only ids are compared with an id, so one of another kind is passed over.
    let ids = doc! { "_id": { "$lte": LAST } };
    let mut ask = rooms.find_one(ids).sort(doc! { "_id": -1 }).projection(doc! { "_id": 1 });
    if let Some(session) = session {
        ask = ask.session(session);
    }
    let largest = answer(ask).await?.map(|document| sequence(&document)).transpose()?;
    match largest {
        Some(largest) if largest > sequence_of(LAST) - ROOM_TO_GROW => {
            Err(Trouble::Other("no larger _id is left for another room"))
        }
        largest => Ok(largest),
    }
}

/// More numbers than one import takes.
const ROOM_TO_GROW: i128 = 1 << 40;

async fn all(mut cursor: Cursor<Document>) -> Result<Vec<Document>, Trouble> {
    let mut documents = Vec::new();
    while answer(cursor.advance()).await? {
        documents.push(cursor.deserialize_current()?);
    }
    Ok(documents)
}

fn listed(document: &Document, has_distance: bool) -> Result<ListedRoom, Trouble> {
    let distance = if has_distance { Some(number(document, DISTANCE)?) } else { None };
    Ok(ListedRoom { room: room(document)?, sequence: sequence(document)?, distance })
}

fn count_of(counted: &Document) -> Result<u64, Trouble> {
    let number = match (counted.get_i32("rooms"), counted.get_i64("rooms")) {
        (Ok(number), _) => number.into(),
        (_, Ok(number)) => number,
        _ => return Err(Trouble::Other("the server's count is no whole number")),
    };
    Ok(number.unsigned_abs())
}
