//! The admission gate: decides which requests may query the repository, and for how long.
//!
//! As many requests query at once as there are connections. Some more wait in a queue for a short
//! time; any others are turned away at once (load shedding), so that an overloaded server still does as
//! much useful work as it can. Expensive requests have a queue of their own, and only a share of the
//! connections, so that cheap ones always find some free.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::rt::time::timeout;
use actix_web::web;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::breaker::Breaker;
use super::cost::Cost;
use super::shares::{Share, Shares};
use crate::http::problem::Problem;
use crate::settings::{DatabaseSettings, ServerSettings};

pub struct Gate {
    slots: Arc<Semaphore>,
    capacity: usize,
    shares: Shares,
    queue: Semaphore,
    expensive_queue: Semaphore,
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

/// When a request ends, with or without a result.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    pub at: Instant,
    /// The time from the arrival of the request to its deadline.
    pub limit: Duration,
}

impl Deadline {
    /// A deadline for a request that arrives now.
    pub fn after(limit: Duration) -> Self {
        Self { at: Instant::now() + limit, limit }
    }
}

/// The right to query, until it is dropped.
struct Ticket {
    _share: Option<Share>,
    _slot: OwnedSemaphorePermit,
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
            shares: Shares::new(capacity),
            queue: Semaphore::new(queue_capacity),
            expensive_queue: Semaphore::new(queue_capacity),
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
            queued: 2 * self.queue_capacity
                - self.queue.available_permits()
                - self.expensive_queue.available_permits(),
            is_up: self.breaker.is_closed(),
        }
    }

    /// Runs `work` on a blocking thread once there is a free slot, and waits for it until the deadline,
    /// including the time in the queue. Then `work`, which should end by itself, continues and holds its
    /// slot until it does.
    pub async fn run<T: Send + 'static>(
        &self,
        cost: Cost,
        deadline: Deadline,
        work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        self.breaker.check().map_err(|problem| self.refuse(&OUTAGE, problem))?;
        let ticket = self.admit(cost).await?;
        self.breaker.probe().map_err(|problem| self.refuse(&OUTAGE, problem))?;
        let blocking = web::block(move || {
            let outcome = work();
            drop(ticket);
            outcome
        });
        let outcome = timeout(deadline.at.saturating_duration_since(Instant::now()), blocking)
            .await
            .map_err(|_| self.refuse(&LATE, Problem::too_late(deadline.limit)))?
            .map_err(|error| Problem::internal(&error))?;
        self.breaker.record(&outcome);
        outcome
    }

    /// Limits work that may call [`run`](Self::run) several times to the time of one request.
    pub async fn with_timeout<T>(
        &self,
        deadline: Deadline,
        work: impl Future<Output = Result<T, Problem>>,
    ) -> Result<T, Problem> {
        timeout(deadline.at.saturating_duration_since(Instant::now()), work)
            .await
            .unwrap_or_else(|_| Err(self.refuse(&LATE, Problem::too_late(deadline.limit))))
    }

    async fn admit(&self, cost: Cost) -> Result<Ticket, Problem> {
        let queue = match cost {
            Cost::Cheap => &self.queue,
            Cost::Expensive(_) => &self.expensive_queue,
        };
        if cost == Cost::Cheap
            && let Ok(slot) = Arc::clone(&self.slots).try_acquire_owned()
        {
            return Ok(Ticket { _share: None, _slot: slot });
        }
        let too_busy = || self.refuse(&BUSY, Problem::too_busy());
        let _queued = queue.try_acquire().map_err(|_| too_busy())?;
        match timeout(self.queue_timeout, self.ticket(cost)).await {
            Ok(Some(ticket)) => Ok(ticket),
            _ => Err(too_busy()),
        }
    }

    async fn ticket(&self, cost: Cost) -> Option<Ticket> {
        let share = match cost {
            Cost::Cheap => None,
            Cost::Expensive(address) => Some(self.shares.take(address).await?),
        };
        let slot = Arc::clone(&self.slots).acquire_owned().await.ok()?;
        Some(Ticket { _share: share, _slot: slot })
    }

    fn refuse(&self, refusal: &Refusal, problem: Problem) -> Problem {
        self.refused.get_or_create(refusal).inc();
        problem
    }
}
