//! The repository's version: one query is shared by all requests that need it at the same moment
//! (single flight), and its result counts as fresh for a moment.
//!
//! A query that is already running began too early for a request that arrives meanwhile: that request
//! shares the next one. A result is fresh for [`FRESH_FOR`] from the start of its query, so a change
//! made by hand is visible after that time. A write is acknowledged only when no server can hold an
//! older version as fresh ([`Versions::wait_until_stale_everywhere`]), so reads see acknowledged writes
//! on every server (read-your-writes).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use actix_web::rt;
use actix_web::rt::time::sleep;
use tokio::sync::{Mutex as AsyncMutex, watch};

use crate::http::problem::Problem;
use crate::use_cases::Version;

/// How long a version counts as fresh, if anything is cached at all.
const FRESH_FOR: Duration = Duration::from_millis(5);

type VersionResult = Result<Version, Problem>;

pub struct Versions {
    fresh_for: Duration,
    state: Mutex<State>,
    /// Held by the one query that runs.
    query: AsyncMutex<()>,
}

#[derive(Default)]
struct State {
    /// The newest version, and when its query began.
    last: Option<(Version, Instant)>,
    /// The result of the next query, for the requests that share it.
    next: Option<watch::Receiver<Option<VersionResult>>>,
}

impl Versions {
    /// Nothing is known yet. Without a cache, no version is ever fresh.
    pub fn new(has_cache: bool) -> Self {
        let fresh_for = if has_cache { FRESH_FOR } else { Duration::ZERO };
        Self { fresh_for, state: Mutex::default(), query: AsyncMutex::default() }
    }

    /// The version, if it is fresh.
    pub fn fresh(&self) -> Option<Version> {
        let (version, queried) = self.state().last?;
        (queried.elapsed() < self.fresh_for).then_some(version)
    }

    /// The version, from a query that begins after this call; `None` if that query was abandoned, for
    /// example because the server stops.
    pub async fn query(
        self: &Arc<Self>,
        query: impl AsyncFnOnce() -> VersionResult + 'static,
    ) -> Option<VersionResult> {
        let mut result = {
            let mut state = self.state();
            let begin = || {
                let (sender, receiver) = watch::channel(None);
                // A task of its own, because the request that started it may be cancelled.
                rt::spawn(Arc::clone(self).publish(query, sender));
                receiver
            };
            state.next.get_or_insert_with(begin).clone()
        };
        let version = result.wait_for(Option::is_some).await.ok().and_then(|result| result.clone());
        if version.is_none() {
            self.state().next.take();
        }
        version
    }

    async fn publish(
        self: Arc<Self>,
        query: impl AsyncFnOnce() -> VersionResult,
        sender: watch::Sender<Option<VersionResult>>,
    ) {
        let _turn = self.query.lock().await;
        // A request that arrives from here on is too late for this query.
        self.state().next.take();
        let queried = Instant::now();
        let version = query().await;
        self.state().last = version.as_ref().ok().map(|version| (*version, queried));
        sender.send_replace(Some(version));
    }

    /// Waits until no server holds a version from before this call as fresh.
    pub async fn wait_until_stale_everywhere(&self) {
        if !self.fresh_for.is_zero() {
            sleep(self.fresh_for).await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
