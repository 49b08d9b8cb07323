//! More clients come than can be served: as many are served as ever, and the others are told at once.

use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use super::{by_form, is_long, report};
use crate::support::component;
use crate::support::load::{Shot, healthy_after, shoot};
use crate::support::server::Server;
use crate::support::stdout;
use crate::support::storage::Storage;

/// So many clients ask as fast as they get answers, each for something of its own; one that is turned away
/// comes back when it was told to.
fn ask(server: &Server, clients: usize, length: Duration) -> Vec<Shot> {
    let shots = Mutex::new(Vec::new());
    let end = Instant::now() + length;
    thread::scope(|scope| {
        for number in 0..clients {
            let shots = &shots;
            scope.spawn(move || {
                // They do not come all at once.
                thread::sleep(Duration::from_micros(1_000 * number as u64 % 997_000));
                let client = server.client();
                let mut mine = Vec::new();
                while Instant::now() < end {
                    // No two of them ask for the same.
                    let own = format!(
                        "/rooms?filter_code__eq=00000000-0000-4000-{:04x}-{:012x}",
                        0x8000 + number,
                        mine.len()
                    );
                    let shot = shoot(&client, &own);
                    let seconds: u64 = shot.retry_after.parse().unwrap_or(0);
                    mine.push(shot);
                    let rest = end.saturating_duration_since(Instant::now());
                    thread::sleep(Duration::from_secs(seconds).min(rest));
                }
                shots.lock().unwrap().append(&mut mine);
            });
        }
    });
    let mut shots = shots.into_inner().unwrap();
    shots.sort_by_key(|shot| shot.begin);
    shots
}

fn count(shots: &[Shot], status: u16) -> usize {
    shots.iter().filter(|shot| shot.outcome == Ok(status)).count()
}

/// What wrk saw of so many clients who ask for `/rooms` as fast as they get it: answers a second, and the
/// duration that 99 % stayed below. All of them got it.
fn all_get_it(wrk: &Path, server: &Server, clients: usize, length: Duration) -> (f64, String) {
    let (clients, length) = (clients.to_string(), format!("{}s", length.as_secs()));
    let url = format!("http://{}/rooms", server.address());
    let said =
        stdout(Command::new(wrk).args(["-t2", "-c", &clients, "-d", &length, "--latency", &url]));
    let told =
        |label: &str| said.lines().find_map(|line| line.trim().strip_prefix(label)).map(str::trim);
    for failure in ["Socket errors", "Non-2xx"] {
        assert_eq!(told(failure), None, "{said}");
    }
    (told("Requests/sec:").unwrap().parse().unwrap(), told("99%").unwrap().to_owned())
}

#[test]
fn ten_times_as_many_who_want_the_same_all_get_it() {
    let Some(wrk) = component::program("wrk", &["wrk"]) else { return };
    let Some(storage) = Storage::postgres() else { return };
    let server = Server::with_sample_rooms(&storage);
    let length = Duration::from_secs(by_form(3, 10));
    let _ = all_get_it(&wrk, &server, 20, Duration::from_secs(1));
    let (peak, _) = all_get_it(&wrk, &server, 20, length);
    let (overload, p99) = all_get_it(&wrk, &server, 200, length);
    let useful = 100.0 * overload / peak;
    report(
        "ten times the clients, all of whom want the same list",
        format!("useful answers {useful:.0} % of the peak, nobody turned away, p99 {p99}"),
    );
    assert!(useful >= f64::from(by_form(40, 90)), "{useful} %");
}

#[test]
fn ten_times_the_load_is_turned_away_and_costs_no_useful_answer() {
    let Some(storage) = Storage::postgres() else { return };
    // Few places, so that ten times as many clients are no more than a test can be.
    let environment = [("RENTOMATIC_DATABASE__POOL_SIZE", "4"), ("RENTOMATIC_SERVER__QUEUE", "26")];
    let server = Server::start(&storage.url(), &["--sample-data"], &environment);
    let length = Duration::from_secs(by_form(3, 10));
    let _ = ask(&server, 20, Duration::from_secs(1));
    let peak = ask(&server, 20, length);
    assert_eq!(count(&peak, 200), peak.len(), "the load that it can bear");
    let overload = ask(&server, 200, length);
    let over = Instant::now();
    let after = ask(&server, 20, Duration::from_secs(3));

    let mut refused: Vec<_> =
        overload.iter().filter(|shot| shot.outcome == Ok(503)).map(|shot| shot.duration).collect();
    refused.sort_unstable();
    assert!(!refused.is_empty(), "nobody was turned away");
    assert_eq!(count(&overload, 200) + refused.len(), overload.len(), "another answer");
    let useful = count(&overload, 200) * 100 / count(&peak, 200);
    let median = refused[refused.len() / 2];
    let p99 = refused[refused.len() * 99 / 100];
    let normal = healthy_after(&after, over);
    report(
        "ten times the clients that it can bear, each with a query of its own, which heed Retry-After",
        format!(
            "useful answers {useful} % of the peak; {} turned away, median {median:.1?}, p99 {p99:.1?}; \
             normal {normal:.0?} after",
            refused.len()
        ),
    );
    assert!(useful >= by_form(40, 90), "{useful} %");
    assert!(!is_long() || p99 <= Duration::from_millis(20), "{p99:?}");
    assert!(normal <= Duration::from_secs(by_form(3, 2)), "{normal:?}");
}
