//! How many expensive requests query at once (an adaptive concurrency limit).
//!
//! Nobody can tell beforehand how long such a request takes: a filter on a small catalogue takes a
//! millisecond. So each one adds a slot while they are short on average, until they have most of them. When they
//! become long, these are taken away again for a while.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The share of all slots that expensive requests have at first, and that of one address, as divisors. With
/// half of the slots on two cores, requests of others took four times as long, and fewer expensive ones were
/// done in time.
const FIRST_SHARE: usize = 4;
const ADDRESS_SHARE: usize = 8;

/// The part of the slots that expensive requests never get, as a divisor.
const RESERVE: usize = 4;

/// The average duration from which requests are long.
const LONG: Duration = Duration::from_millis(50);

/// About the number of requests that the average is made from. So one of 400 ms is enough, but not one that
/// a busy machine delayed.
const AVERAGED: u32 = 8;

/// For how long short requests add nothing after long ones.
const LIMITED_FOR: Duration = Duration::from_secs(10);

pub struct Shares {
    free: Arc<Semaphore>,
    limit: Arc<Mutex<Limit>>,
    per_address: usize,
    /// Those of the addresses that query or wait. Requests without an address share one.
    addresses: Mutex<HashMap<Option<IpAddr>, Arc<Semaphore>>>,
}

/// How many may query at once.
struct Limit {
    now: usize,
    /// The slots that are free or in use. It follows `now` when requests end.
    slots: usize,
    first: usize,
    most: usize,
    /// A moving average.
    duration: Duration,
    last_long: Option<Instant>,
}

/// The right to query, until it is dropped.
pub struct Share {
    start: Instant,
    slot: Option<OwnedSemaphorePermit>,
    free: Arc<Semaphore>,
    limit: Arc<Mutex<Limit>>,
    _of_address: Option<OwnedSemaphorePermit>,
}

impl Shares {
    /// The shares of this many slots.
    pub fn new(slots: usize) -> Self {
        let first = (slots / FIRST_SHARE).max(1);
        let most = first.max(slots - (slots / RESERVE).max(1));
        let limit = Limit {
            now: first,
            slots: first,
            first,
            most,
            duration: Duration::ZERO,
            last_long: None,
        };
        Self {
            free: Arc::new(Semaphore::new(first)),
            limit: Arc::new(Mutex::new(limit)),
            per_address: (slots / ADDRESS_SHARE).max(1),
            addresses: Mutex::default(),
        }
    }

    /// Waits for a share. While there are few, an address waits for its own first, so that it takes no place in
    /// the queue of the others.
    pub async fn take(&self, address: Option<IpAddr>) -> Option<Share> {
        let of_address = if lock(&self.limit).is_low() {
            Some(self.of(address).acquire_owned().await.ok()?)
        } else {
            None
        };
        Some(Share {
            slot: Some(Arc::clone(&self.free).acquire_owned().await.ok()?),
            start: Instant::now(),
            free: Arc::clone(&self.free),
            limit: Arc::clone(&self.limit),
            _of_address: of_address,
        })
    }

    fn of(&self, address: Option<IpAddr>) -> Arc<Semaphore> {
        let mut addresses = lock(&self.addresses);
        // Forget the addresses that have no requests any more.
        addresses.retain(|_, share| Arc::strong_count(share) > 1);
        let share = addresses.entry(address);
        Arc::clone(share.or_insert_with(|| Arc::new(Semaphore::new(self.per_address))))
    }
}

impl Limit {
    fn is_low(&self) -> bool {
        self.now == self.first
    }

    /// Learns from a request that ended.
    fn learn(&mut self, duration: Duration) {
        self.duration = (self.duration * (AVERAGED - 1) + duration) / AVERAGED;
        if self.duration > LONG {
            self.last_long = Some(Instant::now());
            self.now = self.first;
        } else if self.last_long.is_none_or(|end| end.elapsed() > LIMITED_FOR) {
            self.now = self.most.min(self.now + 1);
        }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut limit = lock(&self.limit);
        limit.learn(self.start.elapsed());
        if limit.slots > limit.now {
            self.slot.take().into_iter().for_each(OwnedSemaphorePermit::forget);
            limit.slots -= 1;
        } else if limit.slots < limit.now {
            self.free.add_permits(1);
            limit.slots += 1;
        }
    }
}

fn lock<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}
