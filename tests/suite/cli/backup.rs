//! `rentomatic backup` and `rentomatic restore`

use std::fs;
use std::thread;

use crate::support::owner;
use crate::support::postgres::cluster;
use crate::support::server::Server;
use crate::support::storage::Storage;
use crate::support::{failure, rentomatic, stdout};

#[test]
fn a_copy_made_under_writes_is_whole_and_brings_back_every_room() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let url = format!("sqlite:{}", path("rooms.db"));
    let server = Server::start(&url, &["--sample-data"], &[owner::WRITES]);
    let headers = [("content-type", "text/csv")];
    // Files of ten rooms each, so that a copy with part of a file would show.
    let csv = ["size,price,latitude,longitude\n", &"1,2,3,4\n".repeat(10)].concat();
    let import = || server.owner().send("POST", "/rooms/import", &headers, csv.as_bytes()).status;
    thread::scope(|scope| {
        scope.spawn(|| (0..30).for_each(|_| assert_eq!(import(), 200)));
        for number in 0..5 {
            let copy = path(&format!("copy-{number}.db"));
            stdout(&mut rentomatic(&["--database-url", &url, "backup", &copy]));
            let list = ["--database-url", &format!("sqlite:{copy}"), "rooms", "export"];
            let rooms = stdout(&mut rentomatic(&list)).lines().count() - 1;
            assert_eq!(rooms % 10, 4, "{rooms} rooms");
        }
    });

    let copy = path("last.db");
    stdout(&mut rentomatic(&["--database-url", &url, "backup", &copy]));
    let before = server.get("/rooms");
    assert_eq!(before.json().as_array().unwrap().len(), 304);
    let room = "/rooms/f853578c-fc0f-4e65-81b8-566c5dffa35a";
    assert_eq!(server.owner().ask("DELETE", room, &[]).status, 204);
    assert_eq!(import(), 200);
    // The server goes on meanwhile, and shows the rooms of then, in their order.
    let said = stdout(&mut rentomatic(&["--database-url", &url, "restore", &copy]));
    assert_eq!(said, "restored 304 rooms\n");
    let after = server.get("/rooms");
    assert_eq!(after.body, before.body);
    assert_eq!(after.header("etag"), before.header("etag"));
    assert_eq!(server.get("/rooms?near=51.75,-0.1&radius=1000").codes(), ["f853578c"]);
    // Into a file that is not there yet as well.
    let new = format!("sqlite:{}", path("new.db"));
    stdout(&mut rentomatic(&["--database-url", &new, "restore", &copy]));
    let export = |url: &str| stdout(&mut rentomatic(&["--database-url", url, "rooms", "export"]));
    assert_eq!(export(&new), export(&url));
}

#[test]
fn what_cannot_be_copied_or_restored_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let url = format!("sqlite:{}", path("rooms.db"));
    let at = |words: &[&str]| rentomatic(&[&["--database-url", &url], words].concat());
    stdout(&mut at(&["migrate"]));
    let add = ["rooms", "add", "--size=1", "--price=2", "--latitude=3", "--longitude=4"];
    stdout(&mut at(&add));
    let copy = path("copy.db");
    stdout(&mut at(&["backup", &copy]));
    let bytes = fs::read(&copy).unwrap();
    assert!(failure(&mut at(&["backup", &copy]), 1).contains("exists already"));
    assert_eq!(fs::read(&copy).unwrap(), bytes);
    assert!(
        failure(&mut at(&["backup", "/nowhere/copy.db"]), 1)
            .contains("Check that its folder exists")
    );

    let mut damaged = bytes.clone();
    damaged[4096..].fill(0xff);
    fs::write(path("damaged.db"), damaged).unwrap();
    fs::write(path("text.db"), "this is no database, but text").unwrap();
    fs::write(path("cut.db"), &bytes[..bytes.len() / 2]).unwrap();
    for name in ["damaged.db", "text.db", "cut.db", "absent.db"] {
        let said = failure(&mut at(&["restore", &path(name)]), 1);
        assert!(said.contains("Nothing was changed") && said.lines().count() == 1, "{said}");
    }
    assert_eq!(stdout(&mut at(&["rooms", "export"])).lines().count(), 2);
    for storage in Storage::all() {
        if !storage.url().starts_with("sqlite:") {
            let words = ["--database-url", &storage.url(), "backup", &path("x.db")];
            assert!(failure(&mut rentomatic(&words), 1).contains("pg_dump"));
        }
    }
}

/// PostgreSQL's own programs, as the README has them.
#[test]
fn a_dump_of_postgresql_brings_back_every_room() {
    let Some(cluster) = cluster() else { return };
    let (url, other) = (cluster.new_url(), cluster.new_url());
    for url in [&url, &other] {
        stdout(&mut rentomatic(&["--database-url", url, "init-db"]));
        stdout(&mut rentomatic(&["--database-url", url, "migrate"]));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let rows = (0..500).map(|row| format!("{},{row},{},{}\n", row + 1, row % 90, row % 180));
    let csv: String =
        std::iter::once("size,price,latitude,longitude\n".to_owned()).chain(rows).collect();
    fs::write(path("rooms.csv"), csv).unwrap();
    let at = |url: &str, words: &[&str]| {
        stdout(&mut rentomatic(&[&["--database-url", url], words].concat()))
    };
    at(&url, &["rooms", "import", &path("rooms.csv")]);
    let dump = stdout(cluster.program("pg_dump").args(["--clean", "--if-exists", &url]));
    fs::write(path("rooms.sql"), dump).unwrap();
    // Into a new database, and over rooms that came since.
    at(&url, &["rooms", "import", &path("rooms.csv")]);
    let mut exports = Vec::new();
    for url in [&url, &other] {
        stdout(
            cluster
                .program("psql")
                .args(["--quiet", "-v", "ON_ERROR_STOP=1", "-f"])
                .args([&path("rooms.sql"), url]),
        );
        exports.push(at(url, &["rooms", "export"]));
        assert_eq!(at(url, &["migrate"]), "nothing to apply\n");
    }
    assert_eq!(exports[0].lines().count(), 501);
    assert_eq!(exports[0], exports[1]);
}
