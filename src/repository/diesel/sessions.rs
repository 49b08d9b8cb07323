//! The port for sessions, over the pool of connections.
//!
//! A macro repeats the queries for each connection type, for the reason given in [`queries`](super::queries).

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;

use super::database::Database;
use super::repository::DieselRepository;
use super::schema::session::{self, begun_at, last_seen_at, table};
use crate::use_cases::{RepositoryError, Session, SessionHash, SessionStore, UnixTime};

macro_rules! session_store {
    ($Connection:ty) => {
        impl SessionStore for DieselRepository<$Connection> {
            fn begin_session(
                &self,
                hash: &SessionHash,
                now: UnixTime,
            ) -> Result<(), RepositoryError> {
                let (begun, expired) = (Session::begun(now), Session::expired_by(now));
                self.write(|connection| {
                    connection.writing(|connection| {
                        let has_expired = begun_at
                            .le(expired.begun_at.0)
                            .or(last_seen_at.le(expired.last_seen_at.0));
                        diesel::delete(table.filter(has_expired)).execute(connection)?;
                        let values = (
                            session::hash.eq(&hash.0),
                            begun_at.eq(begun.begun_at.0),
                            last_seen_at.eq(begun.last_seen_at.0),
                        );
                        diesel::insert_into(table).values(values).execute(connection).map(drop)
                    })
                })
            }

            fn find_session(&self, hash: &SessionHash) -> Result<Option<Session>, RepositoryError> {
                let times: Option<(i64, i64)> = self.query(|connection| {
                    let times = table.find(&hash.0).select((begun_at, last_seen_at));
                    times.first(connection).optional()
                })?;
                Ok(times.map(|(begun, last_seen)| Session {
                    begun_at: UnixTime(begun),
                    last_seen_at: UnixTime(last_seen),
                }))
            }

            fn touch_session(
                &self,
                hash: &SessionHash,
                now: UnixTime,
            ) -> Result<(), RepositoryError> {
                self.write(|connection| {
                    let older = table.find(&hash.0).filter(last_seen_at.lt(now.0));
                    diesel::update(older).set(last_seen_at.eq(now.0)).execute(connection).map(drop)
                })
            }

            fn end_session(&self, hash: &SessionHash) -> Result<(), RepositoryError> {
                self.write(|connection| {
                    diesel::delete(table.find(&hash.0)).execute(connection).map(drop)
                })
            }

            fn end_all_sessions(&self) -> Result<(), RepositoryError> {
                self.write(|connection| diesel::delete(table).execute(connection).map(drop))
            }
        }
    };
}

session_store!(PgConnection);
session_store!(SqliteConnection);
