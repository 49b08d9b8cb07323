//! Strangers request the most expensive lists that there are: nobody else notices.

use std::io::Write;
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::{by_form, is_long, report};
use crate::support::client::Client;
use crate::support::owner;
use crate::support::postgres::{Cluster, cluster};
use crate::support::server::{PATIENCE, PATIENT, Server};
use crate::support::storage::Storage;

const ROOM: &str = "00000000-0000-4000-8000-000000000007";
const BODY: &[u8] = br#"{"size":21,"price":45,"latitude":51.5,"longitude":-0.12}"#;

/// What other clients do meanwhile: a method and a path each.
const OTHERS: [(&str, &str); 4] = [
    ("GET", "/rooms?limit=20"),
    ("GET", "/rooms/00000000-0000-4000-8000-000000000007"),
    ("GET", "/ready"),
    ("PUT", "/rooms/00000000-0000-4000-8000-000000000008"),
];

/// The time from one request of such a client to the next.
const PAUSE: Duration = Duration::from_millis(20);

/// The durations of each kind of other request, and how many failed.
struct Seen {
    p99: [Duration; OTHERS.len()],
    failed: usize,
}

/// The other clients, for so long.
fn others(server: &Server, length: Duration) -> Seen {
    let failed = Mutex::new(0);
    let p99 = thread::scope(|scope| {
        OTHERS
            .map(|(method, path)| {
                let failed = &failed;
                scope.spawn(move || {
                    let client = server.owner();
                    let json = [("content-type", "application/json")];
                    let mut durations = Vec::new();
                    let end = Instant::now() + length;
                    while Instant::now() < end {
                        let begin = Instant::now();
                        let status = match method {
                            "PUT" => client.send(method, path, &json, BODY).status,
                            _ => client.get(path).status,
                        };
                        durations.push(begin.elapsed());
                        *failed.lock().unwrap() += usize::from(!matches!(status, 200 | 201));
                        thread::sleep(PAUSE);
                    }
                    durations.sort_unstable();
                    durations[durations.len() * 99 / 100]
                })
            })
            .map(|client| client.join().unwrap())
    });
    Seen { p99, failed: failed.into_inner().unwrap() }
}

/// Strangers, each with an address of its own, who heed Retry-After, while `meanwhile` runs. Returns what
/// they were answered with.
fn attacked<T>(
    server: &Server,
    strangers: usize,
    query: &str,
    meanwhile: impl FnOnce() -> T,
) -> (T, Vec<u16>) {
    let statuses = Mutex::new(Vec::new());
    let is_over = AtomicBool::new(false);
    let result = thread::scope(|scope| {
        for number in 0..strangers {
            let (statuses, is_over) = (&statuses, &is_over);
            scope.spawn(move || {
                let client = Client::new(server.address());
                let address = format!("198.51.100.{}", number + 1);
                let mut mine = Vec::new();
                while !is_over.load(Ordering::Relaxed) {
                    // No two requests share a read.
                    let path =
                        format!("/rooms?{query}&filter_size__ne={}", mine.len() * 100 + number);
                    let answer = client.try_ask("GET", &path, &[("x-forwarded-for", &address)]);
                    let Ok(answer) = answer else { break };
                    mine.push(answer.status);
                    let again: u64 = answer.header("retry-after").parse().unwrap_or(0);
                    for _ in 0..again * 20 {
                        if !is_over.load(Ordering::Relaxed) {
                            thread::sleep(Duration::from_millis(50));
                        }
                    }
                }
                statuses.lock().unwrap().append(&mut mine);
            });
        }
        let result = meanwhile();
        is_over.store(true, Ordering::Relaxed);
        result
    });
    (result, statuses.into_inner().unwrap())
}

fn expensive_lists_do_not_slow_others(storage: &Storage, query: &str) {
    storage.fill(by_form(100_000, 1_000_000));
    let server = Server::start(&storage.url(), &[], &[owner::WRITES]);
    assert_eq!(server.get(&format!("/rooms/{ROOM}")).status, 200);
    let length = Duration::from_secs(by_form(4, 60));
    let _ = others(&server, Duration::from_secs(1));
    let before = others(&server, length);
    let memory = server.resident_kib();
    let (during, statuses) = attacked(&server, 100, query, || others(&server, length));
    let grown = server.peak_resident_kib().saturating_sub(memory);
    let count = |wanted: u16| statuses.iter().filter(|status| **status == wanted).count();
    let ratios: Vec<_> = OTHERS
        .iter()
        .zip(before.p99.iter().zip(&during.p99))
        .map(|((method, path), (before, during))| {
            let ratio = during.as_secs_f64() / before.as_secs_f64();
            (format!("{method} {path}: {before:.1?} -> {during:.1?}"), ratio)
        })
        .collect();
    report(
        &format!("100 clients with expensive lists, {}", storage.url().split(':').next().unwrap()),
        format!(
            "p99 {ratios:.1?}; {} of others failed; strangers: {} x 200, {} x 503, {} x 504 of {}; {grown} \
             KiB more",
            during.failed,
            count(200),
            count(503),
            count(504),
            statuses.len()
        ),
    );
    assert_eq!(before.failed + during.failed, 0, "another client was turned away");
    assert_eq!(count(200) + count(503) + count(504), statuses.len(), "another answer");
    for (what, ratio) in &ratios {
        assert!(!is_long() || *ratio <= 3.0, "{what}");
    }
    assert!(grown < 128 * 1024, "{grown} KiB");
}

#[test]
fn expensive_lists_do_not_slow_others_on_postgresql() {
    let Some(storage) = Storage::postgres() else { return };
    let query = "near=51.5,0&radius=20000000&sort=price&limit=10&count=exact";
    expensive_lists_do_not_slow_others(&storage, query);
}

#[test]
fn expensive_lists_do_not_slow_others_on_sqlite() {
    let query = "filter_price__gt=1000000&filter_latitude__ne=0&sort=size&limit=10&count=exact";
    expensive_lists_do_not_slow_others(&Storage::sqlite(), query);
}

/// Sends eight different lists while the table is locked. The number of those that query at once.
fn querying_at_once(cluster: &Cluster, url: &str, server: &Server) -> usize {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    const SENT: usize = 8;
    let mut holder = cluster.psql_command().arg(url).stdin(Stdio::piped()).spawn().unwrap();
    let mut sql = holder.stdin.take().unwrap();
    writeln!(sql, "BEGIN; LOCK TABLE room;").unwrap();
    let is_locked = "SELECT count(*) FROM pg_locks WHERE relation = 'room'::regclass AND granted \
                     AND mode = 'AccessExclusiveLock'";
    wait_for(|| cluster.psql(url, is_locked).trim() == "1", "nobody holds the table");
    thread::scope(|scope| {
        let requests: Vec<_> = (0..SENT)
            .map(|_| {
                let number = NUMBER.fetch_add(1, Ordering::Relaxed);
                scope.spawn(move || server.get(&format!("/rooms?filter_size__gt={number}")).status)
            })
            .collect();
        // For longer than a request that counts as short.
        let blocked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                       AND query LIKE '%size%>%' AND wait_event_type = 'Lock' \
                       AND clock_timestamp() > query_start + '500 ms'";
        let count = || cluster.psql(url, blocked).trim().parse::<usize>().unwrap();
        let all_wait = || {
            let waiting = format!("rentomatic_requests_waiting {}\n", SENT - count());
            server.get("/metrics").body.contains(&waiting)
        };
        wait_for(all_wait, "some neither query nor wait");
        let at_once = count();
        drop(sql);
        holder.wait().unwrap();
        for request in requests {
            assert_eq!(request.join().unwrap(), 200);
        }
        at_once
    })
}

#[test]
fn one_address_has_most_connections_while_its_lists_are_short_and_few_after_a_long_one() {
    let Some(cluster) = cluster() else { return };
    let Some(storage) = Storage::postgres() else { return };
    let url = storage.url();
    let connections = ("RENTOMATIC_DATABASE__POOL_SIZE", "8");
    let server = Server::start(&url, &["--sample-data"], &[PATIENT[0], PATIENT[1], connections]);
    // One that was long because the machine is busy limits those after it for ten seconds.
    let begin = Instant::now();
    for price in 0.. {
        assert_eq!(server.get(&format!("/rooms?filter_price__gt={price}")).status, 200);
        if price % 200 == 8 && querying_at_once(cluster, &url, &server) == 6 {
            break;
        }
        assert!(begin.elapsed() < PATIENCE, "the limit stays low");
        thread::sleep(Duration::from_millis(60));
    }
    assert_eq!(querying_at_once(cluster, &url, &server), 1);
}

fn wait_for(condition: impl Fn() -> bool, what: &str) {
    let begin = Instant::now();
    while !condition() {
        assert!(begin.elapsed() < PATIENCE, "{what}");
        thread::sleep(Duration::from_millis(10));
    }
}
