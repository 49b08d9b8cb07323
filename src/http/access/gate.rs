//! The admission gate: decides which requests may query the repository, and for how long.
//!
//! As many requests query at once as there are connections. Some more wait in a queue for a short
//! time; any others are turned away at once (load shedding), so that an overloaded server still does as
//! much useful work as it can.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::rt::time::timeout;
use actix_web::web;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::breaker::Breaker;
use crate::http::problem::Problem;
use crate::settings::{DatabaseSettings, ServerSettings};

pub struct Gate {
    slots: Arc<Semaphore>,
    capacity: usize,
    queue: Semaphore,
    queue_capacity: usize,
    queue_timeout: Duration,
    /// The time limit of a request, except an import.
    pub request_timeout: Duration,
    breaker: Breaker,
    /// Requests that were turned away, by reason.
    pub refused: Family<Refusal, Counter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Refusal {
    reason: &'static str,
}

const BUSY: Refusal = Refusal { reason: "busy" };
const OUTAGE: Refusal = Refusal { reason: "outage" };
const LATE: Refusal = Refusal { reason: "late" };

pub struct GateStats {
    pub capacity: usize,
    pub in_use: usize,
    pub queued: usize,
    /// Whether the storage could be reached at the last attempt.
    pub is_up: bool,
}

impl Gate {
    /// One slot per connection.
    pub fn new(server: &ServerSettings, database: &DatabaseSettings) -> Self {
        let capacity = database.pool_size.get().into();
        let queue_capacity = server.queue.into();
        let queue_timeout = Duration::from_millis(database.pool_wait_ms.get().into());
        let refused = Family::default();
        // Create every label up front: a counter that was never created looks like one that was
        // removed.
        for refusal in [BUSY, OUTAGE, LATE] {
            drop(refused.get_or_create(&refusal));
        }
        Self {
            slots: Arc::new(Semaphore::new(capacity)),
            capacity,
            queue: Semaphore::new(queue_capacity),
            queue_capacity,
            queue_timeout,
            request_timeout: Duration::from_millis(server.request_timeout_ms.get().into()),
            breaker: Breaker::new(queue_timeout),
            refused,
        }
    }

    pub fn stats(&self) -> GateStats {
        GateStats {
            capacity: self.capacity,
            in_use: self.capacity - self.slots.available_permits(),
            queued: self.queue_capacity - self.queue.available_permits(),
            is_up: self.breaker.is_closed(),
        }
    }

    /// Runs `work` on a blocking thread once there is a free slot, and waits for at most `limit`,
    /// including the time in the queue. If the time runs out, `work` continues and holds its slot until it ends.
    pub async fn run<T: Send + 'static>(
        &self,
        limit: Duration,
        work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let deadline = Instant::now() + limit;
        self.breaker.check().map_err(|problem| self.refuse(&OUTAGE, problem))?;
        let slot = self.admit().await?;
        self.breaker.probe().map_err(|problem| self.refuse(&OUTAGE, problem))?;
        let blocking = web::block(move || {
            let outcome = work();
            drop(slot);
            outcome
        });
        let outcome = timeout(deadline.saturating_duration_since(Instant::now()), blocking)
            .await
            .map_err(|_| self.refuse(&LATE, Problem::too_late(limit)))?
            .map_err(|error| Problem::internal(&error))?;
        self.breaker.record(&outcome);
        outcome
    }

    /// Limits work that may call [`run`](Self::run) several times to the time of one request.
    pub async fn with_timeout<T>(
        &self,
        work: impl Future<Output = Result<T, Problem>>,
    ) -> Result<T, Problem> {
        timeout(self.request_timeout, work)
            .await
            .unwrap_or_else(|_| Err(self.refuse(&LATE, Problem::too_late(self.request_timeout))))
    }

    async fn admit(&self) -> Result<OwnedSemaphorePermit, Problem> {
        if let Ok(slot) = Arc::clone(&self.slots).try_acquire_owned() {
            return Ok(slot);
        }
        let too_busy = || self.refuse(&BUSY, Problem::too_busy());
        let _queued = self.queue.try_acquire().map_err(|_| too_busy())?;
        match timeout(self.queue_timeout, Arc::clone(&self.slots).acquire_owned()).await {
            Ok(Ok(slot)) => Ok(slot),
            _ => Err(too_busy()),
        }
    }

    fn refuse(&self, refusal: &Refusal, problem: Problem) -> Problem {
        self.refused.get_or_create(refusal).inc();
        problem
    }
}
