//! Operations on the collection that several files need.

use std::time::{Duration, Instant};

use mongodb::bson::{Document, doc};
use mongodb::{ClientSession, Collection};
use tokio::time::sleep;
use uuid::Uuid;

use super::client::bounded;
use super::document::{LAST, sequence, sequence_of};
use super::error::MongoError;

/// The longest pause between two tries.
const MAX_PAUSE: Duration = Duration::from_millis(50);

/// More sequence numbers than one import needs.
const RESERVE: i128 = 1 << 40;

/// Waits before a retry, for a random time, so that concurrent writers do not collide again. After
/// `deadline` it fails instead.
pub async fn pause_until(deadline: Instant) -> Result<(), MongoError> {
    if Instant::now() >= deadline {
        return Err(MongoError::Contended);
    }
    let [share, ..] = Uuid::new_v4().into_bytes();
    sleep(MAX_PAUSE * u32::from(share) / 256).await;
    Ok(())
}

/// The largest sequence number, as seen in the session.
pub async fn largest_sequence(
    rooms: &Collection<Document>,
    session: Option<&mut ClientSession>,
) -> Result<Option<i128>, MongoError> {
    // An id of another type is not compared with an ObjectId, so it is ignored.
    let ids = doc! { "_id": { "$lte": LAST } };
    let mut find = rooms.find_one(ids).sort(doc! { "_id": -1 }).projection(doc! { "_id": 1 });
    if let Some(session) = session {
        find = find.session(session);
    }
    let largest = bounded(find).await?.map(|document| sequence(&document)).transpose()?;
    match largest {
        Some(largest) if largest > sequence_of(LAST) - RESERVE => {
            Err(MongoError::Other("no _id is left for another room".to_owned()))
        }
        largest => Ok(largest),
    }
}
