//! Slows down guessing of the admin token.

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_web::{HttpRequest, web};
use prometheus_client::metrics::counter::Counter;

use crate::http::problem::Problem;
use crate::http::request::{RequestId, client_network, logged_address};

/// How often an address may try, on average.
const INTERVAL: Duration = Duration::from_secs(1);

/// How many tries in a row an address may have.
const BURST: u32 = 5;

/// The number of budgets. Addresses share them by a secret hash, so however many addresses try, they need no
/// more memory, and nobody can choose whose budget to use up.
const SLOTS: usize = 16_384;

/// The tries of all addresses, and how many of them were wrong.
pub struct Attempts {
    start: Instant,
    hasher: RandomState,
    /// When each budget is full again, in time since the start (generic cell rate algorithm).
    full_at: Mutex<Box<[Duration]>>,
    pub wrong: Counter,
}

impl Attempts {
    pub fn new() -> Self {
        Self {
            start: Instant::now(),
            hasher: RandomState::new(),
            full_at: Mutex::new(vec![Duration::ZERO; SLOTS].into_boxed_slice()),
            wrong: Counter::default(),
        }
    }

    /// The tries at the server that received this request.
    pub fn of(request: &HttpRequest) -> Result<&Self, Problem> {
        let attempts = request.app_data::<web::Data<Self>>();
        attempts.map(|attempts| attempts.as_ref()).ok_or_else(|| {
            Problem::internal(&io::Error::other("the server was started without limits on tries"))
        })
    }

    /// Counts a try of this client. It is an error if there were too many.
    pub fn begin(&self, request: &HttpRequest) -> Result<(), Problem> {
        let Some(network) = client_network(request) else { return Ok(()) };
        let slot = self.hasher.hash_one(network) % SLOTS as u64;
        let slot = usize::try_from(slot).unwrap_or_default();
        let now = self.start.elapsed();
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(full_at) = full_at.get_mut(slot) else { return Ok(()) };
        let wait = full_at.saturating_sub(now);
        let excess = wait.saturating_sub(INTERVAL * (BURST - 1));
        if !excess.is_zero() {
            return Err(Problem::too_many_attempts(excess));
        }
        *full_at = now + wait + INTERVAL;
        Ok(())
    }

    /// Counts and logs a wrong credential.
    pub fn report_wrong(&self, request: &HttpRequest, what: &str) {
        self.wrong.inc();
        log::warn!(
            client = logged_address(request).as_deref().unwrap_or("-"),
            path = request.path(),
            request_id = RequestId::of(request).as_str();
            "wrong {what}"
        );
    }
}
