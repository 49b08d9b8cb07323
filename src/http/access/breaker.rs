//! A circuit breaker: after a storage could not be reached, it is left alone for a moment, so that no
//! requests queue up behind it. Then one request at a time probes whether it is back.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::http::problem::Problem;

/// How long the breaker stays open after a failed attempt.
const OPEN_FOR: Duration = Duration::from_millis(100);

pub struct Breaker {
    /// How long other requests are turned away while one probes the storage.
    probe_timeout: Duration,
    outage: Mutex<Option<Outage>>,
}

struct Outage {
    since: Instant,
    /// Until then, every request is turned away.
    open_until: Instant,
}

impl Breaker {
    pub fn new(probe_timeout: Duration) -> Self {
        Self { probe_timeout, outage: Mutex::new(None) }
    }

    /// Whether the storage could be reached at the last attempt.
    pub fn is_closed(&self) -> bool {
        self.outage().is_none()
    }

    /// Turns a request away while the breaker is open.
    pub fn check(&self) -> Result<(), Problem> {
        match &*self.outage() {
            Some(outage) if Instant::now() < outage.open_until => Err(Problem::unavailable()),
            _ => Ok(()),
        }
    }

    /// The same, and during an outage makes this request the one that probes the storage.
    pub fn probe(&self) -> Result<(), Problem> {
        let now = Instant::now();
        match &mut *self.outage() {
            Some(outage) if now < outage.open_until => Err(Problem::unavailable()),
            Some(outage) => {
                outage.open_until = now + self.probe_timeout;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Opens or closes the breaker according to the outcome of an attempt.
    pub fn record<T>(&self, outcome: &Result<T, Problem>) {
        let now = Instant::now();
        let mut outage = self.outage();
        match (outcome, &mut *outage) {
            (Err(problem), None) if problem.is_outage => {
                *outage = Some(Outage { since: now, open_until: now + OPEN_FOR });
                log::error!(
                    "the storage cannot be reached: requests get a 503 until it can. Is it running, and \
                     is database.url correct? {}",
                    problem.cause.as_deref().unwrap_or_default()
                );
            }
            (Err(problem), Some(outage)) if problem.is_outage => outage.open_until = now + OPEN_FOR,
            (_, Some(over)) => {
                let seconds = over.since.elapsed().as_secs_f64();
                *outage = None;
                log::warn!("the storage can be reached again, after {seconds:.1} s");
            }
            (_, None) => {}
        }
    }

    fn outage(&self) -> MutexGuard<'_, Option<Outage>> {
        self.outage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
