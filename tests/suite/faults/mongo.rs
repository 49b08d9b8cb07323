//! MongoDB is gone for a while, in one way or another; the server is not.

use std::thread;
use std::time::{Duration, Instant};

use super::outages::{check_answers, under_load};
use super::writes::{ENVIRONMENT, Writers, moments};
use super::{bound, by_form, report};
use crate::support::load::{healthy_after, slowest};
use crate::support::mongo::MongoServer;
use crate::support::server::{PATIENCE, Server};
use crate::support::{rentomatic, stdout};

/// A database server of its own with four rooms, and a server over it.
fn with_rooms() -> Option<(MongoServer, Server)> {
    let mongo = MongoServer::alone()?;
    let server = Server::start(&mongo.new_url(), &["--sample-data"], &[]);
    Some((mongo, server))
}

#[test]
fn a_killed_mongodb_costs_503s_and_is_found_again_at_once() {
    let Some((mongo, server)) = with_rooms() else { return };
    let outages: &[u64] = by_form(&[1, 3], &[1, 10, 30]);
    for seconds in outages {
        let (rooms, live, back) = under_load(&server, || {
            mongo.kill();
            thread::sleep(Duration::from_secs(*seconds));
            mongo.run();
            Instant::now()
        });
        check_answers(&rooms, &live);
        let slowest = slowest(&rooms);
        let healthy = healthy_after(&rooms, back).expect("healthy again");
        report(
            &format!("MongoDB killed, back after {seconds} s"),
            format!(
                "slowest answer {slowest:.0?}, healthy {healthy:.0?} after it took connections"
            ),
        );
        assert!(slowest <= bound(Duration::from_millis(2_500)), "{slowest:?}");
        assert!(healthy <= bound(Duration::from_secs(1)), "{healthy:?}");
    }
    let log = server.log();
    assert_eq!(log.matches("the storage cannot be reached").count(), outages.len(), "{log}");
    assert_eq!(log.matches("the storage can be reached again").count(), outages.len());
}

#[test]
fn a_frozen_mongodb_keeps_nobody_waiting_and_costs_no_connection() {
    let Some((mongo, server)) = with_rooms() else { return };
    let rounds = by_form(2, 20);
    let (mut longest, mut latest) = (Duration::ZERO, Duration::ZERO);
    let threads = server.threads();
    for _ in 0..rounds {
        let (rooms, live, back) = under_load(&server, || {
            mongo.signal("STOP");
            thread::sleep(Duration::from_secs(by_form(4, 20)));
            mongo.signal("CONT");
            Instant::now()
        });
        check_answers(&rooms, &live);
        longest = longest.max(slowest(&rooms));
        latest = latest.max(healthy_after(&rooms, back).expect("healthy again"));
    }
    let growth = server.threads().saturating_sub(threads);
    let metrics = server.get("/metrics").body;
    report(
        &format!("MongoDB frozen, {rounds} times"),
        format!("slowest answer {longest:.0?}, healthy {latest:.0?} after, {growth} threads more"),
    );
    assert!(longest <= bound(Duration::from_millis(2_500)), "{longest:?}");
    assert!(latest <= bound(Duration::from_secs(1)), "{latest:?}");
    assert!(growth <= 16, "{growth} threads more");
    assert!(metrics.contains("rentomatic_database_connections_in_use 0"), "{metrics}");
    assert!(metrics.contains("rentomatic_database_up 1"), "{metrics}");
}

#[test]
fn a_server_that_starts_before_mongodb_serves_once_that_is_there() {
    let Some(mongo) = MongoServer::alone() else { return };
    let url = mongo.new_url();
    mongo.kill();
    let server = Server::start(&url, &["--sample-data"], &[]);
    assert_eq!((server.get("/live").status, server.get("/ready").status), (200, 503));
    assert_eq!(server.get("/rooms").status, 503);
    thread::sleep(Duration::from_secs(by_form(2, 60)));
    mongo.run();
    let back = Instant::now();
    while server.get("/ready").status != 200 {
        assert!(back.elapsed() < PATIENCE, "{}", server.log());
        thread::sleep(Duration::from_millis(20));
    }
    report("the server starts before MongoDB", format!("ready {:.0?} after", back.elapsed()));
    // The sample rooms go in after the collection is made.
    while server.get("/rooms").codes().len() != 4 {
        assert!(back.elapsed() < PATIENCE, "{}", server.log());
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_killed_mongodb_loses_nothing_that_was_acknowledged() {
    let Some(mongo) = MongoServer::alone() else { return };
    let url = mongo.new_url();
    stdout(&mut rentomatic(&["--database-url", &url, "init-db"]));
    let server = Server::start(&url, &[], &ENVIRONMENT);
    let writers = Writers::default();
    let mut kills = 0;
    for moment in moments() {
        writers.work(server.address(), || {
            thread::sleep(moment);
            mongo.kill();
            mongo.run();
            thread::sleep(Duration::from_millis(400));
        });
        kills += 1;
    }
    let export = stdout(&mut rentomatic(&["--database-url", &url, "rooms", "export"]));
    let codes: Vec<_> = export.lines().skip(1).map(|line| &line[..36]).collect();
    let told = writers.check(&codes.join("\n"));
    report(&format!("kill -9 of MongoDB, {kills} times"), told);
}
