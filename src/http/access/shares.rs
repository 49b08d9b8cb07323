//! How many expensive requests query at once: a share of all, and each address a share of that.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The share of all slots that expensive requests may have, and that of one address, as divisors. With half
/// of the slots on two cores, requests of others took four times as long, and fewer expensive ones were done
/// in time.
const EXPENSIVE_SHARE: usize = 4;
const ADDRESS_SHARE: usize = 8;

pub struct Shares {
    all: Arc<Semaphore>,
    per_address: usize,
    /// Those of the addresses that query or wait. Requests without an address share one.
    addresses: Mutex<HashMap<Option<IpAddr>, Arc<Semaphore>>>,
}

/// The right to query, until it is dropped.
pub struct Share {
    _of_address: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
}

impl Shares {
    /// The shares of this many slots.
    pub fn new(slots: usize) -> Self {
        Self {
            all: Arc::new(Semaphore::new((slots / EXPENSIVE_SHARE).max(1))),
            per_address: (slots / ADDRESS_SHARE).max(1),
            addresses: Mutex::default(),
        }
    }

    /// Waits for a share. An address waits for its own first, so that it takes no place in the queue of
    /// the others.
    pub async fn take(&self, address: Option<IpAddr>) -> Option<Share> {
        let of_address = self.of(address).acquire_owned().await.ok()?;
        let of_all = Arc::clone(&self.all).acquire_owned().await.ok()?;
        Some(Share { _of_address: of_address, _of_all: of_all })
    }

    fn of(&self, address: Option<IpAddr>) -> Arc<Semaphore> {
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        // Forget the addresses that have no requests any more.
        addresses.retain(|_, share| Arc::strong_count(share) > 1);
        let share = addresses.entry(address);
        Arc::clone(share.or_insert_with(|| Arc::new(Semaphore::new(self.per_address))))
    }
}
