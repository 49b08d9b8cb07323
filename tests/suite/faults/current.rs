//! Rooms change by every way there is, while everybody reads: whoever was told of a write sees it, on any
//! server, and a change by hand is seen within a few milliseconds.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{by_form, report};
use crate::support::owner;
use crate::support::postgres::Cluster;
use crate::support::server::{PATIENCE, Server};
use crate::support::storage::Storage;
use crate::support::{rentomatic, stdout};

/// After how long a change by hand is promised to be seen.
const SEEN: Duration = Duration::from_millis(5);

/// Each writer has a room of its own and only ever raises its price, so of two lists one can tell which is
/// older.
const WRITERS: usize = 4;

/// The price of each room that was acknowledged, by whichever way it was written.
#[derive(Default)]
struct Acknowledged([AtomicI64; WRITERS]);

impl Acknowledged {
    fn now(&self) -> [i64; WRITERS] {
        self.0.each_ref().map(|price| price.load(Ordering::SeqCst))
    }
}

fn code(writer: usize) -> String {
    format!("00000000-0000-4000-8000-00000000000{writer}")
}

/// Asks for lists in several forms, on each server in turn, and holds each against what had been
/// acknowledged before it was asked for. Every other time it asks whether what it has is current.
fn read(servers: &[Server; 2], acknowledged: &Acknowledged, stop: &AtomicBool, counts: &Counts) {
    let paths = ["/rooms", "/rooms?sort=price", "/rooms?limit=100&count=exact", "/rooms.ndjson"];
    let clients = servers.each_ref().map(Server::client);
    let mut had: HashMap<(usize, &str), (String, [i64; WRITERS])> = HashMap::new();
    for number in 0.. {
        if stop.load(Ordering::SeqCst) {
            return;
        }
        let (at, path) = (number % 2, paths[number / 2 % paths.len()]);
        let known = had.get(&(at, path)).filter(|_| number % 3 > 0).cloned();
        let tag = known.as_ref().map(|(tag, _)| ("if-none-match", tag.as_str()));
        let before = acknowledged.now();
        let answer = clients[at].ask("GET", path, tag.as_slice());
        let prices = match (answer.status, known) {
            (200, _) => prices(&answer.body),
            (304, Some((_, prices))) => {
                counts.unchanged.fetch_add(1, Ordering::Relaxed);
                prices
            }
            (status, _) => panic!("{path}: {status} {}", answer.body),
        };
        for (writer, (seen, acknowledged)) in prices.iter().zip(before).enumerate() {
            assert!(
                *seen >= acknowledged,
                "{path} of server {at}: room {writer} had the price {acknowledged} before this was asked \
                 for, and has {seen}"
            );
        }
        had.insert((at, path), (answer.header("etag").to_owned(), prices));
        counts.reads.fetch_add(1, Ordering::Relaxed);
    }
}

fn prices(body: &str) -> [i64; WRITERS] {
    let rooms: Vec<Value> = match serde_json::from_str(body) {
        Ok(Value::Array(rooms)) => rooms,
        _ => body.lines().map(|line| serde_json::from_str(line).unwrap()).collect(),
    };
    let mut prices = [0; WRITERS];
    for room in rooms {
        let writer = (0..WRITERS).find(|writer| room["code"] == code(*writer).as_str()).unwrap();
        prices[writer] = room["price"].as_i64().unwrap();
    }
    prices
}

#[derive(Default)]
struct Counts {
    reads: AtomicU64,
    unchanged: AtomicU64,
    writes: AtomicU64,
}

/// Two servers over one database; two writers write through the servers, and two by hand.
fn nothing_old_is_seen(name: &str, url: &str, by_hand: &(dyn Fn(&str) + Sync), disturb: &dyn Fn()) {
    stdout(&mut rentomatic(&["--database-url", url, "init-db"]));
    let servers = [0, 1].map(|_| Server::start(url, &[], &[owner::WRITES]));
    let headers = [("content-type", "application/json")];
    let put = |writer: usize, price: i64| {
        let body = format!(r#"{{"size":1,"price":{price},"latitude":3,"longitude":4}}"#);
        let path = format!("/rooms/{}", code(writer));
        servers[writer % 2].owner().send("PUT", &path, &headers, body.as_bytes()).status
    };
    for writer in 0..WRITERS {
        assert_eq!(put(writer, 0), 201);
    }
    let (acknowledged, stop, counts) =
        (Acknowledged::default(), AtomicBool::new(false), Counts::default());
    let length = Duration::from_secs(by_form(4, 600));
    let begin = Instant::now();
    thread::scope(|scope| {
        let (put, acknowledged, stop, counts) = (&put, &acknowledged, &stop, &counts);
        for writer in 0..WRITERS {
            scope.spawn(move || {
                for price in 1.. {
                    if stop.load(Ordering::SeqCst) {
                        return;
                    }
                    let is_done = if writer < 2 {
                        // Its connection may just have been killed; then nothing is acknowledged.
                        put(writer, price) == 200
                    } else {
                        let code = code(writer);
                        by_hand(&format!("UPDATE room SET price = {price} WHERE code = '{code}'"));
                        thread::sleep(SEEN);
                        true
                    };
                    if is_done {
                        acknowledged.0[writer].store(price, Ordering::SeqCst);
                        counts.writes.fetch_add(1, Ordering::Relaxed);
                    }
                    // Now and then nothing changes for a while, so that something can be kept.
                    let at = u64::try_from(begin.elapsed().as_millis() % 500).unwrap();
                    thread::sleep(Duration::from_millis(if at > 250 { 500 - at } else { 3 }));
                }
            });
        }
        let readers: Vec<_> =
            (0..8).map(|_| scope.spawn(|| read(&servers, acknowledged, stop, counts))).collect();
        // On a loaded machine, it takes longer until anything has happened.
        let is_enough = || {
            let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
            begin.elapsed() >= length && count(&counts.unchanged) > 5 && count(&counts.writes) > 20
                || begin.elapsed() >= length + PATIENCE
        };
        while !is_enough() && readers.iter().all(|reader| !reader.is_finished()) {
            thread::sleep(Duration::from_millis(300));
            disturb();
        }
        stop.store(true, Ordering::SeqCst);
    });
    let metrics = servers[0].get("/metrics").body;
    let hits = metrics.lines().find_map(|line| line.strip_prefix("rentomatic_cache_hits_total "));
    let hits: u64 = hits.unwrap().parse().unwrap();
    let (reads, writes) =
        (counts.reads.load(Ordering::Relaxed), counts.writes.load(Ordering::Relaxed));
    let unchanged = counts.unchanged.load(Ordering::Relaxed);
    assert!(hits > 5 && unchanged > 5 && writes > 20, "{hits} hits, {unchanged}, {writes}");
    report(
        &format!("rooms change by every way, {name}"),
        format!(
            "{reads} lists read ({unchanged} of them 304, at least {hits} kept), {writes} writes \
             acknowledged, 0 lists older than promised"
        ),
    );
}

#[test]
fn no_list_is_older_than_its_question_on_postgresql_whose_backends_are_killed() {
    let Some(cluster) = Cluster::alone() else { return };
    let url = cluster.new_url();
    let by_hand = |sql: &str| drop(cluster.psql(&url, sql));
    let kill = || {
        drop(cluster.psql(
            &url,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'rentomatic'",
        ));
    };
    nothing_old_is_seen("PostgreSQL, all backends killed every 0.3 s", &url, &by_hand, &kill);
}

#[test]
fn no_list_is_older_than_its_question_on_sqlite() {
    let storage = Storage::sqlite();
    if storage.by_hand("SELECT 1").is_none() {
        return;
    }
    let by_hand = |sql: &str| drop(storage.by_hand(&format!("PRAGMA busy_timeout = 5000; {sql}")));
    nothing_old_is_seen("SQLite", &storage.url(), &by_hand, &|| {});
}

#[test]
fn without_a_cache_nothing_is_kept() {
    let environment = [("RENTOMATIC_CACHE__MAX_MIB", "0")];
    let storage = Storage::sqlite();
    let server = Server::start(&storage.url(), &["--sample-data"], &environment);
    let rooms = server.get("/rooms");
    assert_eq!(rooms.codes().len(), 4);
    let tag = rooms.header("etag").to_owned();
    assert_eq!(server.client().ask("GET", "/rooms", &[("if-none-match", &tag)]).status, 304);
    let metrics = server.get("/metrics").body;
    for line in ["rentomatic_cache_bytes 0", "rentomatic_cache_hits_total 0"] {
        assert!(metrics.contains(line), "{metrics}");
    }
    let storage = Storage::sqlite();
    let kept = Server::with_sample_rooms(&storage);
    for _ in 0..3 {
        assert_eq!(kept.get("/rooms").body, rooms.body);
    }
    let metrics = kept.get("/metrics").body;
    assert!(metrics.contains("rentomatic_cache_hits_total 2"), "{metrics}");
    assert!(!metrics.contains("rentomatic_cache_bytes 0"), "{metrics}");
}
