//! Single flight: requests that need the same at the same moment share the work.
//!
//! Work that is already running began too early for a request that arrives meanwhile, which may follow a write
//! that the work did not see. So that request shares the next one, which begins when the first has ended.

use std::collections::HashMap;
use std::hash::Hash;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix_web::rt;
use tokio::sync::{Mutex as AsyncMutex, watch};

/// Shared work, by a key. Each request adds a `Q` to the work, and all get the same `T`.
pub struct Flights<K, Q, T> {
    flights: Mutex<HashMap<K, Flight<Q, T>>>,
}

struct Flight<Q, T> {
    /// Held by the work that runs.
    turn: Arc<AsyncMutex<()>>,
    /// The work that waits for its turn.
    next: Option<Next<Q, T>>,
    /// How much work runs or waits.
    count: usize,
}

struct Next<Q, T> {
    requests: Vec<Q>,
    result: watch::Receiver<Option<T>>,
}

impl<K, Q, T> Default for Flights<K, Q, T> {
    fn default() -> Self {
        Self { flights: Mutex::default() }
    }
}

impl<K: Clone + Eq + Hash + 'static, Q: 'static, T: Clone + 'static> Flights<K, Q, T> {
    /// The result of work that begins after this call: of `work`, or of another request's with the same key.
    /// `None` if it was abandoned, for example because the server stops.
    pub async fn share(
        self: &Arc<Self>,
        key: &K,
        request: Q,
        work: impl AsyncFnOnce(Vec<Q>) -> T + 'static,
    ) -> Option<T> {
        let mut result = {
            let mut flights = self.flights();
            let flight = flights.entry(key.clone()).or_insert_with(|| Flight {
                turn: Arc::default(),
                next: None,
                count: 0,
            });
            if let Some(next) = &mut flight.next {
                next.requests.push(request);
                next.result.clone()
            } else {
                let (sender, result) = watch::channel(None);
                flight.next = Some(Next { requests: vec![request], result: result.clone() });
                flight.count += 1;
                let turn = Arc::clone(&flight.turn);
                // A task of its own, because the request that started it may be cancelled.
                rt::spawn(Arc::clone(self).run(key.clone(), turn, work, sender));
                result
            }
        };
        let shared = result.wait_for(Option::is_some).await;
        let shared = shared.ok().and_then(|result| result.clone());
        if shared.is_none() {
            self.flights().remove(key);
        }
        shared
    }

    async fn run(
        self: Arc<Self>,
        key: K,
        turn: Arc<AsyncMutex<()>>,
        work: impl AsyncFnOnce(Vec<Q>) -> T,
        sender: watch::Sender<Option<T>>,
    ) {
        let _turn = turn.lock().await;
        // A request that arrives from here on is too late for this work.
        let next = self.flights().get_mut(&key).and_then(|flight| mem::take(&mut flight.next));
        let result = work(next.map(|next| next.requests).unwrap_or_default()).await;
        let mut flights = self.flights();
        if let Some(flight) = flights.get_mut(&key) {
            flight.count -= 1;
            if flight.count == 0 {
                flights.remove(&key);
            }
        }
        drop(flights);
        sender.send_replace(Some(result));
    }

    fn flights(&self) -> MutexGuard<'_, HashMap<K, Flight<Q, T>>> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
