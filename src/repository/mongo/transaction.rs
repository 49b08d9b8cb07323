//! Writes of several rooms or none, in a transaction, which only a replica set supports.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use mongodb::bson::{Document, doc};
use mongodb::{ClientSession, Collection};

use super::client::bounded;
use super::collection::{largest_sequence, pause_until};
use super::document::{self, next_sequence, room};
use super::error::MongoError;
use super::pipeline::without_case;
use crate::entities::{Room, RoomCode};
use crate::use_cases::{ImportReport, Imported, OnConflict};

/// The number of rooms that one command writes.
const BATCH_SIZE: usize = 1_000;

/// How long to retry a transaction that conflicts with other writers. The server ends a transaction after
/// the same time (MongoDB, `transactionLifetimeLimitSeconds`).
const RETRY_FOR: Duration = Duration::from_mins(1);

/// Why a transaction cannot be started.
const NEEDS_REPLICA_SET: &str = "writing several rooms needs a transaction, so that all of them are \
    stored or none, and a standalone MongoDB server has no transactions: start it with --replSet, and \
    run rs.initiate() once";

/// Starts a transaction, if the server supports them.
async fn begin(rooms: &Collection<Document>) -> Result<ClientSession, MongoError> {
    let database = rooms.client().database(&rooms.namespace().db);
    let server = bounded(database.run_command(doc! { "hello": 1 })).await?;
    if !has_transactions(&server) {
        return Err(MongoError::Unsupported(NEEDS_REPLICA_SET));
    }
    let mut session = bounded(rooms.client().start_session()).await?;
    bounded(session.start_transaction()).await?;
    Ok(session)
}

/// Whether a server supports transactions, by its response to `hello`: a member of a replica set and the
/// router of a sharded cluster do.
pub fn has_transactions(server: &Document) -> bool {
    server.contains_key("setName")
        || server.get_str("msg").is_ok_and(|message| message == "isdbgrid")
}

/// Repeats a transaction, after a pause each time, while it conflicts with other writers.
async fn retried<T>(transaction: impl AsyncFn() -> Result<T, MongoError>) -> Result<T, MongoError> {
    let deadline = Instant::now() + RETRY_FOR;
    loop {
        match transaction().await {
            Err(error) if error.is_transient() => pause_until(deadline).await?,
            outcome => return outcome,
        }
    }
}

/// Adds the rooms if the collection is empty. Their sequence numbers start at 1, so of two processes that
/// do this at once, one conflicts with the other.
pub async fn fill_if_empty(rooms: &Collection<Document>, new: &[Room]) -> Result<bool, MongoError> {
    let codes: HashSet<RoomCode> = new.iter().map(|room| room.code).collect();
    if codes.len() < new.len() {
        return Err(MongoError::Other("two rooms have the same code".to_owned()));
    }
    retried(async || {
        let mut session = begin(rooms).await?;
        if bounded(rooms.find_one(doc! {}).session(&mut session)).await?.is_some() {
            bounded(session.abort_transaction()).await?;
            return Ok(false);
        }
        let documents: Vec<Document> =
            (1..).zip(new).map(|(number, room)| document::new(room, number)).collect();
        if !documents.is_empty() {
            bounded(rooms.insert_many(documents).session(&mut session)).await?;
        }
        bounded(session.commit_transaction()).await?;
        Ok(true)
    })
    .await
}

/// Imports rooms, each code once: all of them or none. `repeated` counts those that a repeated code left
/// out. All rooms are in memory, some tens of bytes each, because the transaction may be retried.
pub async fn import(
    rooms: &Collection<Document>,
    imported: &[Room],
    on_conflict: OnConflict,
    repeated: ImportReport,
) -> Result<Imported, MongoError> {
    retried(async || {
        let mut session = begin(rooms).await?;
        let mut report = repeated;
        let mut taken = Vec::new();
        let mut next = next_sequence(largest_sequence(rooms, Some(&mut session)).await?);
        for batch in imported.chunks(BATCH_SIZE) {
            let stored = stored(rooms, &mut session, batch).await?;
            let (old, new): (Vec<&Room>, Vec<&Room>) =
                batch.iter().partition(|room| stored.contains_key(&room.code));
            match on_conflict {
                OnConflict::Refuse => taken.extend(old.iter().map(|room| room.code)),
                OnConflict::Skip => report.skipped += old.len() as u64,
                OnConflict::Replace => {
                    replace(rooms, &mut session, &old, &stored).await?;
                    report.replaced += old.len() as u64;
                }
            }
            report.added += new.len() as u64;
            let new: Vec<Document> =
                (next..).zip(new).map(|(sequence, room)| document::new(room, sequence)).collect();
            next += new.len() as i128;
            if !new.is_empty() && taken.is_empty() {
                bounded(rooms.insert_many(new).session(&mut session)).await?;
            }
        }
        if !taken.is_empty() {
            bounded(session.abort_transaction()).await?;
            return Ok(Imported::Taken(taken));
        }
        bounded(session.commit_transaction()).await?;
        Ok(Imported::Done(report))
    })
    .await
}

/// The stored documents with the codes of these rooms.
async fn stored(
    rooms: &Collection<Document>,
    session: &mut ClientSession,
    batch: &[Room],
) -> Result<HashMap<RoomCode, Document>, MongoError> {
    let codes: Vec<String> = batch.iter().map(|room| room.code.to_string()).collect();
    let find = rooms.find(doc! { "code": { "$in": codes } }).collation(without_case());
    let mut cursor = bounded(find.session(&mut *session)).await?;
    let mut stored = HashMap::new();
    while bounded(cursor.advance(session)).await? {
        let document = cursor.deserialize_current()?;
        stored.insert(room(&document)?.code, document);
    }
    Ok(stored)
}

/// Gives stored documents the values of rooms. Their other keys stay.
async fn replace(
    rooms: &Collection<Document>,
    session: &mut ClientSession,
    old: &[&Room],
    stored: &HashMap<RoomCode, Document>,
) -> Result<(), MongoError> {
    let update = |room: &&Room| {
        let id = stored.get(&room.code).and_then(|document| document.get("_id"));
        doc! { "q": { "_id": id }, "u": document::update(room) }
    };
    let updates: Vec<Document> = old.iter().map(update).collect();
    if updates.is_empty() {
        return Ok(());
    }
    let database = rooms.client().database(&rooms.namespace().db);
    let command = doc! { "update": rooms.name(), "updates": updates };
    let reply = bounded(database.run_command(command).session(session)).await?;
    // The driver looks for these only in the responses to its own commands.
    if reply.contains_key("writeErrors") {
        let text = "the server did not apply all changes of an import";
        return Err(MongoError::Other(text.to_owned()));
    }
    Ok(())
}
