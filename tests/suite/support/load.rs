//! Clients that ask again and again, and note what came back and how long it took.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::client::Client;
use super::server::PATIENCE;

/// How long all answers have to be good before the server counts as healthy.
const CALM: Duration = Duration::from_secs(1);

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
    shots: Arc<Mutex<Vec<Shot>>>,
    clients: Vec<JoinHandle<()>>,
}

impl Load {
    /// So many clients, each of which asks for `path`, waits for the answer, and pauses.
    pub fn start(address: &str, path: &str, clients: usize, pause: Duration) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let shots = Arc::new(Mutex::new(Vec::new()));
        let clients = (0..clients)
            .map(|_| {
                let (stop, shots, path) = (Arc::clone(&stop), Arc::clone(&shots), path.to_owned());
                let client = Client::new(address);
                thread::spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        let shot = shoot(&client, &path);
                        shots.lock().unwrap().push(shot);
                        thread::sleep(pause);
                    }
                })
            })
            .collect();
        Self { stop, shots, clients }
    }

    /// Waits until so many requests have been answered since this was called.
    pub fn wait_for_answers(&self, number: usize) {
        let count = || self.shots.lock().unwrap().len();
        let (before, deadline) = (count(), Instant::now() + PATIENCE);
        while count() < before + number {
            assert!(Instant::now() < deadline, "the clients get no answers");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until all answers have been good for a second after this moment. What never becomes healthy
    /// is for [`healthy_after`] to find.
    pub fn wait_until_healthy(&self, from: Instant) {
        let deadline = Instant::now() + PATIENCE;
        let is_healthy = || {
            let now = Instant::now();
            let shots = self.shots.lock().unwrap();
            let late = shots.iter().filter(|shot| shot.begin + shot.duration + CALM > now);
            let mut late = late.peekable();
            now > from + CALM && late.peek().is_some() && late.all(|shot| shot.outcome == Ok(200))
        };
        while !is_healthy() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(50));
        }
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
        for client in self.clients {
            client.join().unwrap();
        }
        let mut shots = std::mem::take(&mut *self.shots.lock().unwrap());
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

/// How long after `from` the server was healthy: when the first request was answered with 200 after which
/// no request failed.
pub fn healthy_after(shots: &[Shot], from: Instant) -> Duration {
    let is_good = |shot: &Shot| shot.outcome == Ok(200);
    let last_bad = shots.iter().rfind(|shot| !is_good(shot));
    let first = shots.iter().find(|shot| {
        is_good(shot) && shot.begin >= from && last_bad.is_none_or(|bad| shot.begin > bad.begin)
    });
    let first = first.unwrap_or_else(|| {
        let bad = last_bad.map(|bad| (bad.begin.saturating_duration_since(from), bad));
        panic!("it is never healthy again; the last failure and when it was: {bad:?}")
    });
    (first.begin + first.duration).saturating_duration_since(from)
}
