//! The repository's version: one query is shared by all requests that need it at the same moment, and its result
//! counts as fresh for a moment.
//!
//! A result is fresh for [`FRESH_FOR`] from the start of its query, so a change made by hand is visible after that
//! time. A write is acknowledged only when no server can hold an older version as fresh
//! ([`Versions::wait_until_stale_everywhere`]), so reads see acknowledged writes on every server
//! (read-your-writes).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use actix_web::rt::time::sleep;

use super::flights::Flights;
use crate::http::problem::Problem;
use crate::use_cases::Version;

/// How long a version counts as fresh, if anything is cached at all.
const FRESH_FOR: Duration = Duration::from_millis(5);

type VersionResult = Result<Option<Version>, Problem>;

pub struct Versions {
    fresh_for: Duration,
    /// The newest version, and when its query began.
    last: Mutex<Option<(Option<Version>, Instant)>>,
    queries: Arc<Flights<(), (), VersionResult>>,
}

impl Versions {
    /// Nothing is known yet. Without a cache, no version is ever fresh.
    pub fn new(has_cache: bool) -> Self {
        let fresh_for = if has_cache { FRESH_FOR } else { Duration::ZERO };
        Self { fresh_for, last: Mutex::default(), queries: Arc::default() }
    }

    /// The version, if it is fresh.
    pub fn fresh(&self) -> Option<Version> {
        let (version, queried) = (*self.last())?;
        version.filter(|_| queried.elapsed() < self.fresh_for)
    }

    /// Whether the storage has no versions, which it never will.
    pub fn are_missing(&self) -> bool {
        matches!(*self.last(), Some((None, _)))
    }

    /// The version, from a query that begins after this call; `None` if that query was abandoned.
    pub async fn query(
        self: &Arc<Self>,
        query: impl AsyncFnOnce() -> VersionResult + 'static,
    ) -> Option<VersionResult> {
        let versions = Arc::clone(self);
        let work = async move |_| {
            let queried = Instant::now();
            let version = query().await;
            *versions.last() = version.as_ref().ok().map(|version| (*version, queried));
            version
        };
        self.queries.share(&(), (), work).await
    }

    /// Waits until no server holds a version from before this call as fresh.
    pub async fn wait_until_stale_everywhere(&self) {
        if !self.fresh_for.is_zero() && !self.are_missing() {
            sleep(self.fresh_for).await;
        }
    }

    fn last(&self) -> MutexGuard<'_, Option<(Option<Version>, Instant)>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
