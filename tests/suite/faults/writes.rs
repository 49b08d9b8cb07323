//! Processes are killed in the middle of writes: what was acknowledged stays, and nothing is half done.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::outages::Breakable;
use super::{by_form, report};
use crate::support::client::Client;
use crate::support::component::program;
use crate::support::mongo::mongo_server;
use crate::support::owner;
use crate::support::postgres::Cluster;
use crate::support::server::{PATIENCE, Server};
use crate::support::{rentomatic, stdout};

/// The rows of one import.
const ROWS: usize = 300;

fn code(number: u64) -> String {
    format!("00000000-0000-4000-8000-{number:012x}")
}

/// Writes rooms one by one and imports files, each with codes of its own, until told to stop. Notes
/// which were acknowledged.
#[derive(Default)]
pub struct Writers {
    next: AtomicU64,
    stop: AtomicBool,
    added: Mutex<Vec<u64>>,
    imports: Mutex<Vec<u64>>,
    acknowledged_imports: Mutex<Vec<u64>>,
}

impl Writers {
    fn work(&self, address: &str, breaks: impl FnOnce()) {
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| self.add(address));
            }
            scope.spawn(|| self.import(address));
            let broken = catch_unwind(AssertUnwindSafe(breaks));
            self.stop.store(true, Ordering::Relaxed);
            broken.unwrap_or_else(|panic| resume_unwind(panic));
        });
        self.stop.store(false, Ordering::Relaxed);
    }

    fn send(client: &Client, method: &str, path: &str, media_type: &str, body: &str) -> u16 {
        let headers = [("content-type", media_type)];
        client.try_send(method, path, &headers, body.as_bytes()).map_or(0, |answer| answer.status)
    }

    fn add(&self, address: &str) {
        let client = Client::of_owner(address);
        while !self.stop.load(Ordering::Relaxed) {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let body = r#"{"size":1,"price":2,"latitude":3,"longitude":4}"#;
            let path = format!("/rooms/{}", code(number));
            if Self::send(&client, "PUT", &path, "application/json", body) == 201 {
                self.added.lock().unwrap().push(number);
            }
        }
    }

    fn import(&self, address: &str) {
        let client = Client::of_owner(address);
        while !self.stop.load(Ordering::Relaxed) {
            let first = self.next.fetch_add(ROWS as u64, Ordering::Relaxed);
            let rows =
                (first..first + ROWS as u64).map(|number| format!("{},1,2,3,4\n", code(number)));
            let file = "code,size,price,latitude,longitude\n".to_owned();
            let file: String = std::iter::once(file).chain(rows).collect();
            self.imports.lock().unwrap().push(first);
            if Self::send(&client, "POST", "/rooms/import", "text/csv", &file) == 200 {
                self.acknowledged_imports.lock().unwrap().push(first);
            }
        }
    }

    /// Until a room and an import have been acknowledged.
    fn wait_for_both(&self) {
        let deadline = Instant::now() + PATIENCE;
        let lacks = |acknowledged: &Mutex<Vec<u64>>| acknowledged.lock().unwrap().is_empty();
        while (lacks(&self.added) || lacks(&self.acknowledged_imports)) && Instant::now() < deadline
        {
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Every acknowledged room is there once, and each import is there as a whole or not at all.
    pub fn check(&self, rooms: &str) -> String {
        let mut codes: Vec<&str> = rooms.lines().collect();
        let all = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), all, "a room is there twice");
        let is_there = |number: u64| codes.binary_search(&code(number).as_str()).is_ok();
        let added = self.added.lock().unwrap();
        for number in added.iter() {
            assert!(is_there(*number), "{number} was acknowledged, and is lost");
        }
        let acknowledged = self.acknowledged_imports.lock().unwrap();
        for first in self.imports.lock().unwrap().iter() {
            let there = (*first..*first + ROWS as u64).filter(|number| is_there(*number)).count();
            assert!(there == 0 || there == ROWS, "{there} rows of an import");
            assert!(there == ROWS || !acknowledged.contains(first), "an import is lost");
        }
        assert!(!added.is_empty() && !acknowledged.is_empty(), "nothing was written");
        format!(
            "{} rooms and {} imports acknowledged, 0 lost, 0 half",
            added.len(),
            acknowledged.len()
        )
    }
}

/// Times from a kill to the next, in milliseconds: odd ones, so that they fall anywhere.
fn moments() -> impl Iterator<Item = Duration> {
    let kills = by_form(6, 100);
    (0..kills).map(|kill| Duration::from_millis(150 + kill * 37 % 250))
}

#[test]
fn a_killed_server_loses_nothing_that_it_acknowledged() {
    let cluster = Cluster::alone();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rooms.db").display().to_string();
    let mut urls = vec![format!("sqlite:{file}")];
    urls.extend(cluster.as_ref().map(Cluster::new_url));
    let mongo = mongo_server();
    urls.extend(mongo.as_ref().map(|server| server.new_url()));
    for url in urls {
        stdout(&mut rentomatic(&["--database-url", &url, "init-db"]));
        let writers = Writers::default();
        let mut kills = 0;
        for moment in moments() {
            let server = Server::start(&url, &[], &[owner::WRITES]);
            let address = server.address().to_owned();
            writers.work(&address, || {
                thread::sleep(moment);
                server.signal("KILL");
            });
            kills += 1;
        }
        // On a loaded machine, a slow database may not have acknowledged anything so far.
        let server = Server::start(&url, &[], &[owner::WRITES]);
        writers.work(server.address(), || {
            writers.wait_for_both();
            server.signal("KILL");
        });
        kills += 1;
        let export = stdout(&mut rentomatic(&["--database-url", &url, "rooms", "export"]));
        let codes: Vec<_> = export.lines().skip(1).map(|line| &line[..36]).collect();
        let told = writers.check(&codes.join("\n"));
        let kind = url.split(':').next().unwrap();
        report(&format!("kill -9 of the server, {kills} times, {kind}"), told);
        if kind == "sqlite"
            && let Some(shell) = program("the sqlite3 shell", &["sqlite3"])
        {
            let said = stdout(Command::new(shell).args([&file, "PRAGMA integrity_check"]));
            assert_eq!(said.trim(), "ok");
        }
    }
}

/// Writes through a server while its database is killed again and again; tells how often.
pub fn write_while_it_is_killed(database: &impl Breakable, url: &str) -> (Writers, usize) {
    let server = Server::start(url, &[], &[owner::WRITES]);
    let writers = Writers::default();
    let mut kills = 0;
    for moment in moments() {
        writers.work(server.address(), || {
            thread::sleep(moment);
            database.kill();
            database.run();
            thread::sleep(Duration::from_millis(400));
        });
        kills += 1;
    }
    (writers, kills)
}

#[test]
fn a_killed_database_loses_nothing_that_was_acknowledged() {
    let Some(cluster) = Cluster::alone() else { return };
    let url = cluster.new_url();
    stdout(&mut rentomatic(&["--database-url", &url, "init-db"]));
    let (writers, kills) = write_while_it_is_killed(&cluster, &url);
    let told = writers.check(cluster.psql(&url, "SELECT code FROM room").trim());
    report(&format!("kill -9 of PostgreSQL, {kills} times"), told);
    let amcheck = cluster.amcheck(&url);
    assert_eq!(amcheck, "", "{amcheck}");
}
