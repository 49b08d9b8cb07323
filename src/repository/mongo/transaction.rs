//! Several rooms at once, or none: in a transaction, which only a replica set has.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use mongodb::bson::{Document, doc};
use mongodb::{ClientSession, Collection};

use super::client::{Trouble, answer};
use super::document::{fields, next_sequence, room};
use super::pipeline::without_case;
use super::repository::{document, largest_sequence, pause};
use crate::entities::{Room, RoomCode};
use crate::use_cases::{ImportReport, Imported, OnConflict};

/// How many rooms are written by one command.
const ROOMS_IN_A_BATCH: usize = 1_000;

/// How long is tried again what others get in the way of. A transaction may not last longer anyway
/// (MongoDB, `transactionLifetimeLimitSeconds`).
const PATIENCE: Duration = Duration::from_mins(1);

/// Why it was not even begun.
const LONE: &str = "several rooms are written in a transaction, so that all of them are there or none, \
    and a lone MongoDB server has none: start it with --replSet, and run rs.initiate() once";

/// Begins a transaction, where there are any.
async fn begin(rooms: &Collection<Document>) -> Result<ClientSession, Trouble> {
    let database = rooms.client().database(&rooms.namespace().db);
    let server = answer(database.run_command(doc! { "hello": 1 })).await?;
    if !has_transactions(&server) {
        return Err(Trouble::Unsupported(LONE));
    }
    let mut session = answer(rooms.client().start_session()).await?;
    answer(session.start_transaction()).await?;
    Ok(session)
}

/// Whether a server has transactions, by its own words: a member of a replica set, and the router before
/// several, have them.
pub fn has_transactions(server: &Document) -> bool {
    server.contains_key("setName") || server.get_str("msg").is_ok_and(|says| says == "isdbgrid")
}

/// Whether the same is to be tried again, since another came in between.
async fn again<T>(outcome: Result<T, Trouble>, until: Instant) -> Result<Option<T>, Trouble> {
    match outcome {
        Ok(done) => Ok(Some(done)),
        Err(trouble) if trouble.is_transient() => pause(until).await.map(|()| None),
        Err(trouble) => Err(trouble),
    }
}

/// Puts in the rooms if there is none. They are numbered from one: of two who do this at once, one
/// meets the other's first room.
pub async fn fill_if_empty(rooms: &Collection<Document>, new: &[Room]) -> Result<bool, Trouble> {
    let codes: HashSet<RoomCode> = new.iter().map(|room| room.code).collect();
    if codes.len() < new.len() {
        return Err(Trouble::Other("two rooms have the same code"));
    }
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(filled) = again(try_to_fill(rooms, new).await, until).await? {
            return Ok(filled);
        }
    }
}

async fn try_to_fill(rooms: &Collection<Document>, new: &[Room]) -> Result<bool, Trouble> {
    let mut session = begin(rooms).await?;
    if answer(rooms.find_one(doc! {}).session(&mut session)).await?.is_some() {
        answer(session.abort_transaction()).await?;
        return Ok(false);
    }
    let documents: Vec<Document> =
        (1..).zip(new).map(|(number, room)| document(room, number)).collect();
    if !documents.is_empty() {
        answer(rooms.insert_many(documents).session(&mut session)).await?;
    }
    answer(session.commit_transaction()).await?;
    Ok(true)
}

/// Rooms that are to go in together, each code once.
pub struct Import {
    rooms: Vec<Room>,
    on_conflict: OnConflict,
    /// What became of those whose code was among them before.
    repeated: ImportReport,
}

impl Import {
    /// Keeps the rooms, since it may have to be tried again: some tens of bytes each.
    pub fn of(rooms: &mut dyn Iterator<Item = Room>, on_conflict: OnConflict) -> Self {
        let mut import = Self { rooms: Vec::new(), on_conflict, repeated: ImportReport::default() };
        let mut places = HashMap::new();
        for room in rooms {
            match places.entry(room.code) {
                Entry::Vacant(free) => {
                    free.insert(import.rooms.len());
                    import.rooms.push(room);
                }
                Entry::Occupied(taken) if on_conflict == OnConflict::Replace => {
                    import.rooms[*taken.get()] = room;
                    import.repeated.replaced += 1;
                }
                Entry::Occupied(_) => import.repeated.skipped += 1,
            }
        }
        import
    }

    /// Puts them in, all or none.
    pub async fn run(&self, rooms: &Collection<Document>) -> Result<Imported, Trouble> {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(imported) = again(self.try_to_run(rooms).await, until).await? {
                return Ok(imported);
            }
        }
    }

    async fn try_to_run(&self, rooms: &Collection<Document>) -> Result<Imported, Trouble> {
        let mut session = begin(rooms).await?;
        let mut report = self.repeated;
        let mut taken = Vec::new();
        let mut next = next_sequence(largest_sequence(rooms, Some(&mut session)).await?);
        for batch in self.rooms.chunks(ROOMS_IN_A_BATCH) {
            let there = those_there(rooms, &mut session, batch).await?;
            let (old, new): (Vec<&Room>, Vec<&Room>) =
                batch.iter().partition(|room| there.contains_key(&room.code));
            match self.on_conflict {
                OnConflict::Refuse => taken.extend(old.iter().map(|room| room.code)),
                OnConflict::Skip => report.skipped += old.len() as u64,
                OnConflict::Replace => {
                    replace(rooms, &mut session, &old, &there).await?;
                    report.replaced += old.len() as u64;
                }
            }
            report.added += new.len() as u64;
            let new: Vec<Document> =
                (next..).zip(new).map(|(sequence, room)| document(room, sequence)).collect();
            next += new.len() as i128;
            if !new.is_empty() && taken.is_empty() {
                answer(rooms.insert_many(new).session(&mut session)).await?;
            }
        }
        if !taken.is_empty() {
            answer(session.abort_transaction()).await?;
            return Ok(Imported::Taken(taken));
        }
        answer(session.commit_transaction()).await?;
        Ok(Imported::Done(report))
    }
}

/// The documents that have the rooms' codes.
async fn those_there(
    rooms: &Collection<Document>,
    session: &mut ClientSession,
    batch: &[Room],
) -> Result<HashMap<RoomCode, Document>, Trouble> {
    let codes: Vec<String> = batch.iter().map(|room| room.code.to_string()).collect();
    let ask = rooms.find(doc! { "code": { "$in": codes } }).collation(without_case());
    let mut cursor = answer(ask.session(&mut *session)).await?;
    let mut there = HashMap::new();
    while answer(cursor.advance(session)).await? {
        let document = cursor.deserialize_current()?;
        there.insert(room(&document)?.code, document);
    }
    Ok(there)
}

/// Gives documents the values of rooms; what else is in them stays.
async fn replace(
    rooms: &Collection<Document>,
    session: &mut ClientSession,
    old: &[&Room],
    there: &HashMap<RoomCode, Document>,
) -> Result<(), Trouble> {
    let update = |room: &&Room| {
        let id = there.get(&room.code).and_then(|document| document.get("_id"));
        doc! { "q": { "_id": id }, "u": { "$set": fields(room) } }
    };
    let updates: Vec<Document> = old.iter().map(update).collect();
    if updates.is_empty() {
        return Ok(());
    }
    let database = rooms.client().database(&rooms.namespace().db);
    let command = doc! { "update": rooms.name(), "updates": updates };
    let reply = answer(database.run_command(command).session(session)).await?;
    // The driver looks for these in the answers to its own commands only.
    if reply.contains_key("writeErrors") {
        return Err(Trouble::Other("the server did not take all changes of an import"));
    }
    Ok(())
}
