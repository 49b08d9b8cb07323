//! The port for sessions, over a collection of their own. The hash is the `_id`, and times are numbers, as
//! in the other databases.

use mongodb::Collection;
use mongodb::bson::{Bson, Document, doc};

use super::client::{MAX_TIME, SESSIONS, bounded, run};
use super::error::MongoError;
use super::repository::MongoRepository;
use crate::use_cases::{RepositoryError, Session, SessionHash, SessionStore, UnixTime};

const BEGUN_AT: &str = "begun_at";
const LAST_SEEN_AT: &str = "last_seen_at";

impl MongoRepository {
    fn sessions(&self) -> Result<Collection<Document>, MongoError> {
        Ok(self.client.database()?.collection(SESSIONS))
    }
}

impl SessionStore for MongoRepository {
    fn begin_session(&self, hash: &SessionHash, now: UnixTime) -> Result<(), RepositoryError> {
        let (begun, expired) = (Session::begun(now), Session::expired_by(now));
        run(async {
            // An insert would create a missing collection.
            self.check_schema().await?;
            let sessions = self.sessions()?;
            let has_expired = doc! { "$or": [
                { BEGUN_AT: { "$lte": expired.begun_at.0 } },
                { LAST_SEEN_AT: { "$lte": expired.last_seen_at.0 } },
            ] };
            bounded(sessions.delete_many(has_expired)).await?;
            let session = doc! {
                "_id": &hash.0, BEGUN_AT: begun.begun_at.0, LAST_SEEN_AT: begun.last_seen_at.0,
            };
            bounded(sessions.insert_one(session)).await?;
            Ok(())
        })
    }

    fn find_session(&self, hash: &SessionHash) -> Result<Option<Session>, RepositoryError> {
        run(async {
            let sessions = self.sessions()?;
            let find = sessions.find_one(of(hash)).max_time(MAX_TIME);
            Ok(bounded(find).await?.as_ref().and_then(session))
        })
    }

    fn touch_session(&self, hash: &SessionHash, now: UnixTime) -> Result<(), RepositoryError> {
        run(async {
            let later = doc! { "$max": { LAST_SEEN_AT: now.0 } };
            bounded(self.sessions()?.update_one(of(hash), later)).await?;
            Ok(())
        })
    }

    fn end_session(&self, hash: &SessionHash) -> Result<(), RepositoryError> {
        run(async {
            bounded(self.sessions()?.delete_one(of(hash))).await?;
            Ok(())
        })
    }

    fn end_all_sessions(&self) -> Result<(), RepositoryError> {
        run(async {
            bounded(self.sessions()?.delete_many(doc! {})).await?;
            Ok(())
        })
    }
}

fn of(hash: &SessionHash) -> Document {
    doc! { "_id": &hash.0 }
}

/// `None` for a document that is no session: it logs nobody in.
fn session(document: &Document) -> Option<Session> {
    let time = |key| match document.get(key) {
        Some(Bson::Int32(seconds)) => Some(UnixTime((*seconds).into())),
        Some(Bson::Int64(seconds)) => Some(UnixTime(*seconds)),
        _ => None,
    };
    Some(Session { begun_at: time(BEGUN_AT)?, last_seen_at: time(LAST_SEEN_AT)? })
}
