//! Clients that ask again and again, and note what came back and how long it took.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::client::Client;

/// One request.
#[derive(Debug, Clone)]
pub struct Shot {
    pub begin: Instant,
    pub duration: Duration,
    /// The status, or what kept an answer from coming.
    pub outcome: Result<u16, String>,
    pub retry_after: String,
}

/// Clients at work, until they are told to stop.
pub struct Load {
    stop: Arc<AtomicBool>,
    clients: Vec<JoinHandle<Vec<Shot>>>,
}

impl Load {
    /// So many clients, each of which asks for `path`, waits for the answer, and pauses.
    pub fn start(address: &str, path: &str, clients: usize, pause: Duration) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let clients = (0..clients)
            .map(|_| {
                let (stop, path) = (Arc::clone(&stop), path.to_owned());
                let client = Client::new(address);
                thread::spawn(move || {
                    let mut shots = Vec::new();
                    while !stop.load(Ordering::Relaxed) {
                        shots.push(shoot(&client, &path));
                        thread::sleep(pause);
                    }
                    shots
                })
            })
            .collect();
        Self { stop, clients }
    }

    /// The pause with which so many clients ask for about half of what they could have: as long as an answer
    /// takes while all of them ask without one.
    pub fn pause_at_half(address: &str, path: &str, clients: u32) -> Duration {
        let length = Duration::from_secs(1);
        let all = Self::start(address, path, clients as usize, Duration::ZERO);
        thread::sleep(length);
        length * clients / u32::try_from(all.stop().len()).unwrap()
    }

    /// All that they saw, by time.
    pub fn stop(self) -> Vec<Shot> {
        self.stop.store(true, Ordering::Relaxed);
        let mut shots: Vec<Shot> =
            self.clients.into_iter().flat_map(|client| client.join().unwrap()).collect();
        shots.sort_by_key(|shot| shot.begin);
        shots
    }
}

/// One request for a path.
pub fn shoot(client: &Client, path: &str) -> Shot {
    let begin = Instant::now();
    let answer = client.try_ask("GET", path, &[]);
    let duration = begin.elapsed();
    let retry_after =
        answer.as_ref().map(|answer| answer.header("retry-after").to_owned()).unwrap_or_default();
    let outcome = answer.map(|answer| answer.status).map_err(|error| error.to_string());
    Shot { begin, duration, outcome, retry_after }
}

/// The longest of them.
pub fn slowest(shots: &[Shot]) -> Duration {
    shots.iter().map(|shot| shot.duration).max().unwrap_or_default()
}

/// The first moment after `from` from which on, for a second, all were answered with 200.
pub fn healthy_after(shots: &[Shot], from: Instant) -> Option<Duration> {
    let is_good = |shot: &Shot| shot.outcome == Ok(200);
    let last_bad = shots.iter().rfind(|shot| !is_good(shot)).map(|shot| shot.begin);
    let first = shots.iter().find(|shot| {
        is_good(shot) && shot.begin >= from && last_bad.is_none_or(|bad| shot.begin > bad)
    })?;
    Some((first.begin + first.duration).saturating_duration_since(from))
}
