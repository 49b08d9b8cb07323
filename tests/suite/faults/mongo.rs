//! MongoDB is gone for a while, in one way or another; the server is not.

use std::thread;
use std::time::{Duration, Instant};

use mongodb::bson::doc;

use super::outages::{
    Breakable, is_found_again_when_it_was_killed, keeps_nobody_waiting_when_it_is_frozen,
};
use super::writes::write_while_it_is_killed;
use super::{by_form, report};
use crate::support::mongo::{Hand, MongoServer};
use crate::support::server::{PATIENCE, Server};
use crate::support::{rentomatic, stdout};

/// A database server of its own with four rooms, and a server over it.
fn with_rooms() -> Option<(MongoServer, Server)> {
    let mongo = MongoServer::alone()?;
    let url = mongo.new_url();
    let server = Server::start(&url, &["--sample-data"], &[]);
    // SecantusDB writes its journal now and then: what it was told just before it is killed is lost.
    Hand::on(&url).run(doc! { "fsync": 1 });
    Some((mongo, server))
}

impl Breakable for MongoServer {
    const NAME: &'static str = "MongoDB";

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

#[test]
fn a_killed_mongodb_costs_503s_and_is_found_again_at_once() {
    let Some((mongo, server)) = with_rooms() else { return };
    is_found_again_when_it_was_killed(&mongo, &server, Duration::from_secs(1));
}

#[test]
fn a_frozen_mongodb_keeps_nobody_waiting_and_costs_no_connection() {
    let Some((mongo, server)) = with_rooms() else { return };
    keeps_nobody_waiting_when_it_is_frozen(&mongo, &server);
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
    let (writers, kills) = write_while_it_is_killed(&mongo, &url);
    let export = stdout(&mut rentomatic(&["--database-url", &url, "rooms", "export"]));
    let codes: Vec<_> = export.lines().skip(1).map(|line| &line[..36]).collect();
    let told = writers.check(&codes.join("\n"));
    report(&format!("kill -9 of MongoDB, {kills} times"), told);
}
