//! The file of an SQLite database is moved, deleted or replaced while a server has it open.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::owner;
use crate::support::server::{PATIENCE, Server};
use crate::support::{rentomatic, stdout};

/// A server over a file with the four sample rooms.
struct Served {
    folder: TempDir,
    server: Server,
}

impl Served {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("rooms.db").display());
        let server = Server::start(&url, &["--sample-data"], &[owner::WRITES]);
        Self { folder, server }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn put(&self, number: u32) -> u16 {
        let headers = [("content-type", "application/json")];
        let body = br#"{"size":1,"price":2,"latitude":3,"longitude":4}"#;
        self.server.owner().send("PUT", &code(number), &headers, body).status
    }

    fn status(&self, path: &str) -> u16 {
        self.server.get(path).status
    }

    /// Waits until `/ready` has this status.
    fn wait_until_ready_is(&self, status: u16) {
        let begin = Instant::now();
        while self.status("/ready") != status {
            assert!(begin.elapsed() < PATIENCE, "{}", self.server.log());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until the log has this reason of a refused request.
    fn wait_for_reason(&self, reason: &str) {
        let begin = Instant::now();
        while !self.server.log().contains(reason) {
            assert!(begin.elapsed() < PATIENCE, "{reason}: {}", self.server.log());
            assert_eq!(self.status("/ready"), 503);
        }
    }

    /// Another database, with the room of this number only.
    fn other(&self, name: &str, number: u32) -> PathBuf {
        let csv = self.path("other.csv");
        fs::write(&csv, format!("code,size,price,latitude,longitude\n{},1,2,3,4\n", uuid(number)))
            .unwrap();
        let path = self.path(name);
        run(&path, &["migrate"]);
        run(&path, &["rooms", "import", csv.to_str().unwrap()]);
        assert!(!self.path(&format!("{name}-wal")).exists(), "it is complete without a log");
        path
    }

    /// No read and no write is answered from the earlier file.
    fn assert_not_ready(&self) {
        for _ in 0..3 {
            assert_eq!(self.put(99), 503);
            for path in ["/ready", "/rooms", "/rooms?limit=1", "/rooms?count=exact", &code(1)] {
                assert_eq!(self.status(path), 503, "{path}");
            }
        }
        assert_eq!(self.status("/live"), 200);
    }
}

fn uuid(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012x}")
}

fn code(number: u32) -> String {
    format!("/rooms/{}", uuid(number))
}

fn run(path: &Path, words: &[&str]) -> String {
    let url = format!("sqlite:{}", path.display());
    stdout(&mut rentomatic(&[&["--database-url", &*url], words].concat()))
}

/// The codes in a file that no server has open, whose pages must be whole.
fn codes_in(path: &Path) -> Vec<String> {
    assert!(run(path, &["doctor"]).contains("ok    the file is intact"));
    let list = run(path, &["rooms", "export"]);
    list.lines().skip(1).map(|line| line.split(',').next().unwrap().to_owned()).collect()
}

#[test]
fn a_server_whose_file_is_deleted_acknowledges_no_write_and_serves_a_restored_copy() {
    let served = Served::start();
    let copy = served.path("copy.db");
    run(&served.path("rooms.db"), &["backup", copy.to_str().unwrap()]);
    assert_eq!(served.put(1), 201);
    fs::remove_file(served.path("rooms.db")).unwrap();
    served.assert_not_ready();
    let log = served.server.log_with("was moved or deleted while it was in use");
    assert!(log.contains("restore a copy with `rentomatic restore`"), "{log}");
    run(&served.path("rooms.db"), &["restore", copy.to_str().unwrap()]);
    served.wait_until_ready_is(200);
    assert_eq!(served.server.get("/rooms").codes().len(), 4);
    assert_eq!(served.put(2), 201);
    let path = served.path("rooms.db");
    drop(served.server);
    assert_eq!(codes_in(&path).len(), 5);
}

#[test]
fn a_file_that_is_moved_away_takes_every_room_with_it_and_is_served_again_when_it_is_back() {
    let served = Served::start();
    let (path, away) = (served.path("rooms.db"), served.path("away.db"));
    assert_eq!(served.put(1), 201);
    fs::rename(&path, &away).unwrap();
    served.assert_not_ready();
    assert!(codes_in(&away).contains(&uuid(1)), "what was acknowledged is in the file");
    fs::rename(&away, &path).unwrap();
    served.wait_until_ready_is(200);
    assert_eq!(served.status(&code(1)), 200);
    assert_eq!(served.put(2), 201);
    drop(served.server);
    assert_eq!(codes_in(&path).len(), 6);
}

#[test]
fn a_sound_file_that_replaces_another_is_served_without_a_trace_of_the_other() {
    let served = Served::start();
    let (path, earlier) = (served.path("rooms.db"), served.path("earlier.db"));
    assert_eq!(served.put(1), 201);
    assert_eq!(served.server.get("/rooms").codes().len(), 5);
    let other = served.other("other.db", 7);
    fs::hard_link(&path, &earlier).unwrap();
    fs::rename(&other, &path).unwrap();
    // Not the list in the cache.
    let begin = Instant::now();
    loop {
        let list = served.server.get("/rooms");
        if list.status == 200 {
            assert_eq!(list.codes(), [&uuid(7)[..8]]);
            break;
        }
        assert!(list.status == 503 && begin.elapsed() < PATIENCE, "{}", served.server.log());
    }
    assert_eq!(served.put(8), 201);
    assert_eq!((served.status(&code(1)), served.status(&code(8))), (404, 200));
    served.server.log_with("was replaced: from now on");
    drop(served.server);
    assert_eq!(codes_in(&path), [uuid(7), uuid(8)]);
    assert_eq!(codes_in(&earlier).len(), 5);
}

#[test]
fn a_file_that_is_no_sound_database_is_not_served() {
    let served = Served::start();
    let path = served.path("rooms.db");
    let other = fs::read(served.other("other.db", 7)).unwrap();
    let empty = served.path("empty.db");
    run(&empty, &["init-db"]);
    let mut damaged = other.clone();
    damaged[4096..].fill(0xff);
    for (content, reason) in [
        (b"this is no database, but text".to_vec(), "file is not a database"),
        (damaged, "malformed"),
        (other[..other.len() / 2].to_vec(), "malformed"),
        (fs::read(empty).unwrap(), "that is not migrated"),
    ] {
        let new = served.path("new.db");
        fs::write(&new, content).unwrap();
        fs::rename(&new, &path).unwrap();
        served.assert_not_ready();
        served.wait_for_reason(reason);
    }
    fs::write(served.path("new.db"), other).unwrap();
    fs::rename(served.path("new.db"), &path).unwrap();
    served.wait_until_ready_is(200);
    assert_eq!(served.server.get("/rooms").codes(), [&uuid(7)[..8]]);
}

/// Else the next command would apply the write-ahead log of the earlier file to the new one.
#[test]
fn a_server_without_requests_notices_as_well() {
    let served = Served::start();
    let path = served.path("rooms.db");
    let copy = served.path("copy.db");
    run(&path, &["backup", copy.to_str().unwrap()]);
    assert_eq!(served.put(1), 201);
    fs::rename(served.other("other.db", 7), &path).unwrap();
    served.server.log_with("was replaced: from now on");
    assert!(run(&path, &["rooms", "export"]).contains(&uuid(7)));
    assert_eq!(served.put(8), 201);
    fs::remove_file(&path).unwrap();
    served.server.log_with("was moved or deleted while it was in use");
    assert_eq!(run(&path, &["restore", copy.to_str().unwrap()]), "restored 4 rooms\n");
    served.wait_until_ready_is(200);
    assert_eq!(served.server.get("/rooms").codes().len(), 4);
    drop(served.server);
    assert_eq!(codes_in(&path).len(), 4);
}

/// Each acknowledged room is in one of the two files, whole.
#[test]
fn no_acknowledged_write_is_lost_while_the_file_is_replaced() {
    let served = Served::start();
    let (path, earlier) = (served.path("rooms.db"), served.path("earlier.db"));
    let other = served.other("other.db", 7);
    fs::hard_link(&path, &earlier).unwrap();
    let is_over = AtomicBool::new(false);
    let acknowledged: Vec<u32> = thread::scope(|scope| {
        let writers: Vec<_> = (1..=4)
            .map(|writer| {
                let (served, is_over) = (&served, &is_over);
                scope.spawn(move || {
                    let begin = Instant::now();
                    let goes_on =
                        |_: &u32| !is_over.load(Ordering::Relaxed) && begin.elapsed() < PATIENCE;
                    let numbers = (0..).map(|number| writer * 1_000_000 + number);
                    let going = numbers.take_while(goes_on);
                    going.filter(|number| served.put(*number) == 201).collect::<Vec<u32>>()
                })
            })
            .collect();
        thread::sleep(Duration::from_millis(500));
        fs::rename(&other, &path).unwrap();
        served.wait_until_ready_is(200);
        thread::sleep(Duration::from_millis(500));
        is_over.store(true, Ordering::Relaxed);
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    });
    drop(served.server);
    let (before, after) = (codes_in(&earlier), codes_in(&path));
    assert!(before.len() > 4 && after.len() > 1, "{} {}", before.len(), after.len());
    for number in acknowledged {
        let is_in = |codes: &Vec<String>| codes.contains(&uuid(number));
        assert!(is_in(&before) || is_in(&after), "{number} is lost");
    }
}
