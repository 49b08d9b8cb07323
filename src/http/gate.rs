//! Who gets in: the one place that decides which requests may ask the repository, and for how long.
//!
//! As many requests ask at once as there are connections. Some more wait for their turn, for a short
//! time; whoever comes then is turned away at once, so that a server with too much to do still does
//! as much as it can. A storage that cannot be reached is not asked again for a moment, so that
//! nobody queues up behind it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_web::rt::time::timeout;
use actix_web::web;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::problem::Problem;
use crate::settings::{DatabaseSettings, ServerSettings};

/// How long a storage that could not be reached is left alone.
const PAUSE: Duration = Duration::from_millis(100);

/// The gate before a repository.
pub struct Gate {
    places: Arc<Semaphore>,
    number: usize,
    waiting: AtomicUsize,
    most_waiting: usize,
    wait: Duration,
    limit: Duration,
    outage: Mutex<Option<Outage>>,
    refused: Family<Refusal, Counter>,
}

/// Why requests are turned away.
const REASONS: [&str; 3] = ["busy", "outage", "late"];

/// Why a request was turned away.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Refusal {
    reason: &'static str,
}

/// A storage that cannot be reached.
struct Outage {
    since: Instant,
    /// Until then, nobody asks.
    until: Instant,
}

/// What the gate sees now.
pub struct Traffic {
    /// Requests that may ask at once.
    pub places: usize,
    /// Requests that ask.
    pub inside: usize,
    /// Requests that wait for their turn.
    pub waiting: usize,
    /// Whether the storage could be reached when it was last asked.
    pub is_up: bool,
}

impl Gate {
    /// A gate with as many places as there are connections.
    pub fn new(server: &ServerSettings, database: &DatabaseSettings) -> Self {
        let number = database.pool_size.get().into();
        let refused = Family::default();
        // A counter that is not there yet could not be told from one that is not made any more.
        for reason in REASONS {
            drop(refused.get_or_create(&Refusal { reason }));
        }
        Self {
            places: Arc::new(Semaphore::new(number)),
            number,
            waiting: AtomicUsize::new(0),
            most_waiting: server.queue.into(),
            wait: Duration::from_millis(database.pool_wait_ms.get().into()),
            limit: Duration::from_millis(server.request_timeout_ms.get().into()),
            outage: Mutex::new(None),
            refused,
        }
    }

    /// How long a request may take, as a rule.
    pub fn limit(&self) -> Duration {
        self.limit
    }

    /// How many were turned away.
    pub fn refused(&self) -> &Family<Refusal, Counter> {
        &self.refused
    }

    fn refuse(&self, reason: &'static str, problem: Problem) -> Problem {
        self.refused.get_or_create(&Refusal { reason }).inc();
        problem
    }

    /// What goes on.
    pub fn traffic(&self) -> Traffic {
        Traffic {
            places: self.number,
            inside: self.number - self.places.available_permits(),
            waiting: self.waiting.load(Ordering::Relaxed),
            is_up: self.outage().is_none(),
        }
    }

    /// Runs `work` where it may block, once it is this request's turn, and waits at most until `limit`
    /// for it to end. If that passes `work` goes on, and keeps its place until it ends.
    pub async fn pass<T: Send + 'static>(
        &self,
        limit: Duration,
        work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let deadline = Instant::now() + limit;
        self.check_outage()?;
        let place = self.enter().await?;
        self.begin()?;
        let work = web::block(move || {
            let outcome = work();
            drop(place);
            outcome
        });
        let outcome = timeout(deadline.saturating_duration_since(Instant::now()), work)
            .await
            .map_err(|_| self.refuse("late", Problem::too_late(limit)))?
            .map_err(|error| Problem::internal(&error))?;
        self.end(&outcome);
        outcome
    }

    /// Waits for an answer that may take several passes, as long as one request may take.
    pub async fn bound<T>(
        &self,
        answer: impl Future<Output = Result<T, Problem>>,
    ) -> Result<T, Problem> {
        timeout(self.limit, answer)
            .await
            .unwrap_or_else(|_| Err(self.refuse("late", Problem::too_late(self.limit))))
    }

    async fn enter(&self) -> Result<OwnedSemaphorePermit, Problem> {
        if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            return Ok(place);
        }
        let waiting = Waiting::begin(&self.waiting);
        if waiting.before >= self.most_waiting {
            return Err(self.too_busy());
        }
        match timeout(self.wait, Arc::clone(&self.places).acquire_owned()).await {
            Ok(Ok(place)) => Ok(place),
            _ => Err(self.too_busy()),
        }
    }

    fn too_busy(&self) -> Problem {
        self.refuse("busy", Problem::too_busy())
    }

    fn away(&self) -> Problem {
        self.refuse("outage", Problem::storage_is_away())
    }

    fn outage(&self) -> std::sync::MutexGuard<'_, Option<Outage>> {
        self.outage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Turns a request away while the storage is left alone.
    fn check_outage(&self) -> Result<(), Problem> {
        match &*self.outage() {
            Some(outage) if Instant::now() < outage.until => Err(self.away()),
            _ => Ok(()),
        }
    }

    /// The same, and after the pause lets one request see whether the storage is back.
    fn begin(&self) -> Result<(), Problem> {
        let now = Instant::now();
        match &mut *self.outage() {
            Some(outage) if now < outage.until => Err(self.away()),
            Some(outage) => {
                outage.until = now + self.wait;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Learns from an outcome whether the storage can be reached.
    fn end<T>(&self, outcome: &Result<T, Problem>) {
        let now = Instant::now();
        let mut outage = self.outage();
        match (outcome, &mut *outage) {
            (Err(problem), None) if problem.is_outage() => {
                *outage = Some(Outage { since: now, until: now + PAUSE });
                log::error!(
                    "the storage cannot be reached: requests are answered with 503 until it can. Does \
                     it run, and is database.url right? {}",
                    problem.cause().unwrap_or_default()
                );
            }
            (Err(problem), Some(outage)) if problem.is_outage() => outage.until = now + PAUSE,
            (_, Some(over)) => {
                let seconds = over.since.elapsed().as_secs_f64();
                *outage = None;
                log::warn!("the storage can be reached again, after {seconds:.1} s");
            }
            (_, None) => {}
        }
    }
}

/// One request that waits, for as long as this lives.
struct Waiting<'a> {
    all: &'a AtomicUsize,
    /// How many waited already.
    before: usize,
}

impl<'a> Waiting<'a> {
    fn begin(all: &'a AtomicUsize) -> Self {
        Self { all, before: all.fetch_add(1, Ordering::Relaxed) }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.all.fetch_sub(1, Ordering::Relaxed);
    }
}
