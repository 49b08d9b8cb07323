//! Servers are stopped and started while clients go on.

use std::io::Write;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::{bound, by_form, report};
use crate::nginx::{FIRST, Proxy, SECOND};
use crate::support::owner;
use crate::support::postgres::{Cluster, cluster};
use crate::support::server::{PATIENCE, Server};
use crate::support::storage::Storage;
use crate::support::{rentomatic, stdout};

/// Reads and writes through nginx, on connections that are kept and on new ones; each of two servers in
/// turn is told to stop, and made anew.
#[test]
fn a_rolling_restart_fails_no_request() {
    let Some(cluster) = cluster() else { return };
    let Some(proxy) = Proxy::start(&[FIRST, SECOND]) else { return };
    let url = cluster.new_url();
    stdout(&mut rentomatic(&["--database-url", &url, "init-db"]));
    stdout(&mut rentomatic(&["--database-url", &url, "migrate"]));
    let start = |address| {
        let bind = format!("{address}:{}", proxy.port());
        Server::start(&url, &["--bind", &bind], &[owner::WRITES])
    };
    let mut servers = [start(FIRST), start(SECOND)];
    proxy.wait_for("both servers", |client| client.get("/ready").status == 200);
    let over = AtomicBool::new(false);
    let rounds = by_form(3, 50);
    let (asked, longest) = thread::scope(|scope| {
        let clients: Vec<_> = (0..4)
            .map(|number| {
                let (proxy, over) = (&proxy, &over);
                scope.spawn(move || {
                    let client = proxy.owner();
                    let code = format!("/rooms/00000000-0000-4000-8000-{number:012x}");
                    let mut asked = 0;
                    while !over.load(Ordering::Relaxed) {
                        let mut headers = vec![("content-type", "application/json")];
                        if number % 2 == 0 {
                            headers.push(("connection", "close"));
                        }
                        let read = client.ask("GET", "/rooms?limit=1", &headers);
                        assert_eq!(read.status, 200, "{}", read.body);
                        let body =
                            format!(r#"{{"size":1,"price":{asked},"latitude":3,"longitude":4}}"#);
                        let written = client.send("PUT", &code, &headers, body.as_bytes());
                        assert!([200, 201].contains(&written.status), "{}", written.body);
                        asked += 2;
                        thread::sleep(Duration::from_millis(50));
                    }
                    asked
                })
            })
            .collect();
        let mut longest = Duration::ZERO;
        'rounds: for _ in 0..rounds {
            for (server, address) in servers.iter_mut().zip([FIRST, SECOND]) {
                let begin = Instant::now();
                server.signal("TERM");
                server.wait_for_end();
                longest = longest.max(begin.elapsed());
                *server = start(address);
                // nginx and the resolver learn of nothing: the address is the same.
                thread::sleep(Duration::from_millis(200));
                if clients.iter().any(thread::ScopedJoinHandle::is_finished) {
                    break 'rounds;
                }
            }
        }
        over.store(true, Ordering::Relaxed);
        let asked: u32 = clients.into_iter().map(|client| client.join().unwrap()).sum();
        (asked, longest)
    });
    report(
        &format!("a rolling restart of two servers, {rounds} times"),
        format!(
            "{asked} reads and PUTs, 0 failed; a server under load is gone {longest:.0?} after SIGTERM"
        ),
    );
    assert!(longest <= bound(Duration::from_secs(10)), "{longest:?}");
}

#[test]
fn whoever_held_the_lock_of_migrations_and_was_killed_does_not_hold_it() {
    let Some(cluster) = Cluster::alone() else { return };
    let rounds = by_form(2, 20);
    let mut freed = Duration::ZERO;
    for _ in 0..rounds {
        let url = cluster.new_url();
        all_at_once(&url, &["init-db"; 20]);
        freed = freed.max(kill_the_holder(&cluster, &url));
        all_at_once(&url, &["init-db", "migrate"].repeat(20));
        let versions = cluster
            .psql(&url, "SELECT count(*), count(DISTINCT version) FROM __diesel_schema_migrations");
        let (all, different) = versions.trim().split_once('|').unwrap();
        assert!(all == different && all != "0", "{versions}");
    }
    report(
        "the holder of the migration lock killed; 20 migrate and 20 init-db at once",
        format!(
            "{rounds} rounds: free at the latest {freed:.0?} after, all done, each version once"
        ),
    );
}

/// Runs all these commands, each of which succeeds.
fn all_at_once(url: &str, commands: &[&str]) {
    let all: Vec<_> = commands
        .iter()
        .map(|command| rentomatic(&["--database-url", url, command]).spawn().unwrap())
        .collect();
    for mut one in all {
        assert!(one.wait().unwrap().success());
    }
}

/// Kills a process that holds the lock and waits; says how long the lock is held then.
fn kill_the_holder(cluster: &Cluster, url: &str) -> Duration {
    // Another session takes the table that the first migration makes, so that it waits with the lock.
    let columns = "size integer, price integer, longitude real, latitude real";
    cluster.psql(url, &format!("CREATE TABLE room (id integer, code text, {columns})"));
    let mut holder = cluster.psql_command().arg(url).stdin(Stdio::piped()).spawn().unwrap();
    let mut sql = holder.stdin.take().unwrap();
    writeln!(sql, "BEGIN; LOCK TABLE room;").unwrap();
    let taken = "SELECT count(*) FROM pg_locks WHERE relation = 'room'::regclass AND granted \
                 AND mode = 'AccessExclusiveLock'";
    let begin = Instant::now();
    while cluster.psql(url, taken).trim() != "1" {
        assert!(begin.elapsed() < PATIENCE, "nobody holds the table");
        thread::sleep(Duration::from_millis(10));
    }
    let mut migrating = rentomatic(&["--database-url", url, "migrate"]).spawn().unwrap();
    let locked = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted";
    let begin = Instant::now();
    while cluster.psql(url, locked).trim() != "1" {
        assert!(begin.elapsed() < PATIENCE, "nobody holds the lock");
        thread::sleep(Duration::from_millis(10));
    }
    migrating.kill().unwrap();
    let begin = Instant::now();
    migrating.wait().unwrap();
    // The table that it waits for is still the other session's.
    while cluster.psql(url, locked).trim() != "0" {
        assert!(begin.elapsed() < bound(Duration::from_secs(1)), "the lock is held");
        thread::sleep(Duration::from_millis(10));
    }
    let held = begin.elapsed();
    writeln!(sql, "DROP TABLE room; COMMIT;").unwrap();
    drop(sql);
    assert!(holder.wait().unwrap().success());
    held
}

#[test]
fn a_server_at_rest_is_gone_soon_after_it_is_told_to_stop() {
    let Some(storage) = Storage::postgres() else { return };
    let rounds = by_form(2, 10);
    let slowest = (0..rounds).map(|_| {
        let server = Server::start(&storage.url(), &["--sample-data"], &[]);
        // A connection that is kept, on which nothing is asked any more.
        let client = server.client();
        assert_eq!(client.get("/rooms").status, 200);
        server.signal("TERM");
        let begin = Instant::now();
        let (code, log) = server.wait();
        assert_eq!(code, Some(0), "{log}");
        begin.elapsed()
    });
    let slowest = slowest.max().unwrap();
    report(
        "a server without load is told to stop",
        format!("{rounds} times: gone after {slowest:.0?} at most"),
    );
    assert!(slowest <= bound(Duration::from_secs(2)), "{slowest:?}");
}
