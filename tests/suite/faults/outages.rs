//! The database is gone for a while, in one way or another; the server is not.

use std::thread;
use std::time::{Duration, Instant};

use super::{CLIENTS, bound, by_form, is_long, load, report};
use crate::support::load::{Load, Shot, healthy_after, slowest};
use crate::support::postgres::Cluster;
use crate::support::server::{PATIENCE, Server};
use crate::support::{rentomatic, stdout};

const PAUSE: Duration = Duration::from_millis(20);

/// A cluster of its own with four rooms, and a server over it.
fn with_rooms() -> Option<(Cluster, Server)> {
    let cluster = Cluster::alone()?;
    let url = cluster.new_url();
    stdout(&mut rentomatic(&["--database-url", &url, "init-db"]));
    let server = Server::start(&url, &["--sample-data"], &[]);
    Some((cluster, server))
}

/// Asks `/rooms` and `/live` while `breaks` does its worst. The outcome of both, and the moment at
/// which the database was back.
fn under_load(
    server: &Server,
    breaks: impl FnOnce() -> Instant,
) -> (Vec<Shot>, Vec<Shot>, Instant) {
    let rooms = load(server, PAUSE);
    let live = Load::start(server.address(), "/live", 1, PAUSE);
    rooms.wait_for_answers(CLIENTS as usize);
    let back = breaks();
    rooms.wait_until_healthy(back);
    (rooms.stop(), live.stop(), back)
}

/// All were answered: with rooms, or with a 503 that says when to come back.
pub fn check_answers(shots: &[Shot], live: &[Shot]) {
    for shot in shots {
        match &shot.outcome {
            Ok(200) => {}
            Ok(503) => assert_eq!(shot.retry_after, "1"),
            other => panic!("{other:?}"),
        }
    }
    assert!(live.iter().all(|shot| shot.outcome == Ok(200)), "/live went away");
    assert!(shots.iter().any(|shot| shot.outcome == Ok(503)), "nothing was broken");
}

/// A database server that a test may break.
pub trait Breakable {
    /// What it is called in the table.
    const NAME: &'static str;
    /// `kill -9` of all its processes.
    fn kill(&self);
    /// Starts it, and waits until it takes connections.
    fn run(&self);
    /// A signal to all its processes.
    fn signal(&self, signal: &str);
}

impl Breakable for Cluster {
    const NAME: &'static str = "PostgreSQL";

    fn kill(&self) {
        Self::kill(self);
    }

    fn run(&self) {
        Self::run(self);
    }

    fn signal(&self, signal: &str) {
        Self::signal(self, signal);
    }
}

/// No answer takes longer than `promised` while it is killed and comes back.
pub fn is_found_again_when_it_was_killed<D: Breakable>(
    database: &D,
    server: &Server,
    promised: Duration,
) {
    let outages: &[u64] = by_form(&[1, 3], &[1, 10, 30]);
    for seconds in outages {
        let (rooms, live, back) = under_load(server, || {
            database.kill();
            thread::sleep(Duration::from_secs(*seconds));
            database.run();
            Instant::now()
        });
        check_answers(&rooms, &live);
        let slowest = slowest(&rooms);
        let healthy = healthy_after(&rooms, back);
        report(
            &format!("{} killed, back after {seconds} s", D::NAME),
            format!(
                "slowest answer {slowest:.0?}, healthy {healthy:.0?} after it took connections"
            ),
        );
        assert!(slowest <= bound(promised), "{slowest:?}");
        assert!(healthy <= bound(Duration::from_secs(1)), "{healthy:?}");
    }
    let log = server.log();
    assert_eq!(log.matches("the storage cannot be reached").count(), outages.len(), "{log}");
    assert_eq!(log.matches("the storage can be reached again").count(), outages.len());
}

/// Neither answers nor places nor threads nor memory wait for one that is frozen.
pub fn keeps_nobody_waiting_when_it_is_frozen<D: Breakable>(database: &D, server: &Server) {
    let rounds = by_form(2, 20);
    let (mut longest, mut latest) = (Duration::ZERO, Duration::ZERO);
    let threads = server.threads();
    let mut resident = Vec::new();
    for _ in 0..rounds {
        let (rooms, live, back) = under_load(server, || {
            database.signal("STOP");
            thread::sleep(Duration::from_secs(by_form(4, 20)));
            database.signal("CONT");
            Instant::now()
        });
        check_answers(&rooms, &live);
        longest = longest.max(slowest(&rooms));
        latest = latest.max(healthy_after(&rooms, back));
        resident.push(server.resident_kib());
    }
    // With as many slow requests as there are connections, all of which wait for the same moment.
    let growth = server.threads().saturating_sub(threads);
    let kib = resident.last().unwrap().saturating_sub(resident[0]);
    report(
        &format!("{} frozen, {rounds} times", D::NAME),
        format!(
            "slowest answer {longest:.0?}, healthy {latest:.0?} after, {growth} threads more, \
             {kib} KiB more than after the first"
        ),
    );
    assert!(longest <= bound(Duration::from_millis(2_500)), "{longest:?}");
    assert!(latest <= bound(Duration::from_secs(1)), "{latest:?}");
    assert!(growth <= 16, "{growth} threads more");
    assert!(kib <= 16 * 1024, "{kib} KiB more: {resident:?}");
    let metrics = server.get("/metrics").body;
    assert!(metrics.contains("rentomatic_database_connections_in_use 0"), "{metrics}");
    assert!(metrics.contains("rentomatic_database_up 1"), "{metrics}");
    let none = "rentomatic_requests_refused_total{reason=\"late\"} 0";
    assert!(metrics.contains(none.trim_end_matches('0')) && !metrics.contains(none), "{metrics}");
}

#[test]
fn a_killed_database_costs_503s_and_is_found_again_at_once() {
    let Some((cluster, server)) = with_rooms() else { return };
    is_found_again_when_it_was_killed(&cluster, &server, Duration::from_secs(1));
}

#[test]
fn a_frozen_database_keeps_nobody_waiting_and_costs_no_connection() {
    let Some((cluster, server)) = with_rooms() else { return };
    keeps_nobody_waiting_when_it_is_frozen(&cluster, &server);
}

#[test]
fn reads_never_fail_though_all_backends_are_terminated_again_and_again() {
    let Some((cluster, server)) = with_rooms() else { return };
    let rooms = load(&server, Duration::from_millis(5));
    let end = Instant::now() + Duration::from_secs(by_form(3, 20));
    let mut times = 0;
    while Instant::now() < end {
        cluster.psql(
            &cluster.url("postgres"),
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() \
             AND application_name = 'rentomatic'",
        );
        times += 1;
    }
    let shots = rooms.stop();
    let failed: Vec<_> = shots.iter().filter(|shot| shot.outcome != Ok(200)).collect();
    report(
        "all backends terminated, again and again",
        format!("{} reads, {} terminations, {} failed", shots.len(), times, failed.len()),
    );
    assert!(failed.is_empty(), "{failed:?}");
}

#[test]
fn a_server_that_starts_before_its_database_serves_once_that_is_there() {
    let Some(cluster) = Cluster::alone() else { return };
    let url = cluster.new_url();
    stdout(&mut rentomatic(&["--database-url", &url, "init-db"]));
    cluster.kill();
    let server = Server::start(&url, &["--sample-data"], &[]);
    assert_eq!((server.get("/live").status, server.get("/ready").status), (200, 503));
    assert_eq!(server.get("/rooms").status, 503);
    thread::sleep(Duration::from_secs(by_form(2, 60)));
    cluster.run();
    let back = Instant::now();
    while server.get("/ready").status != 200 {
        assert!(back.elapsed() < PATIENCE, "{}", server.log());
        thread::sleep(Duration::from_millis(20));
    }
    report("the server starts before its database", format!("ready {:.0?} after", back.elapsed()));
    assert_eq!(server.get("/rooms").codes().len(), 4);
    assert!(!is_long() || back.elapsed() < Duration::from_secs(2));
}
