//! The disk is full: reads go on, writes fail cleanly, and all is well once there is room.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::report;
use crate::support::component::left_out;
use crate::support::owner;
use crate::support::postgres::Cluster;
use crate::support::server::Server;
use crate::support::{rentomatic, stdout};

/// A disk of some megabytes, in memory.
struct SmallDisk(TempDir);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=8m,mode=777", "small"])
            .arg(folder.path())
            .output()
            .unwrap();
        if !mounted.status.success() {
            let said = String::from_utf8_lossy(&mounted.stderr);
            left_out("a small disk", &format!("mount says: {}", said.trim()));
            return None;
        }
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
        Some(Self(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Takes all the room that is left.
    fn fill(&self) -> PathBuf {
        let filler = self.path().join("filler");
        assert!(fs::write(&filler, vec![1; 16 * 1024 * 1024]).is_err(), "the disk is not small");
        filler
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").args(["--lazy"]).arg(self.path()).status();
    }
}

/// Imports files until one fails, which the log says in these words, and puts rooms until they fail
/// too; then makes room, and does both again. Between, rooms are read.
fn check(url: &str, disk: &SmallDisk, name: &str, words: &str) {
    let server = Server::start(url, &[], &[owner::WRITES]);
    let headers = [("content-type", "text/csv")];
    let csv = ["size,price,latitude,longitude\n", &"1,2,3,4\n".repeat(200)].concat();
    let import = || server.owner().send("POST", "/rooms/import", &headers, csv.as_bytes());
    assert_eq!(import().status, 200);
    let filler = disk.fill();
    let mut acknowledged = 200;
    let refused = loop {
        let answer = import();
        if answer.status != 200 {
            break answer;
        }
        acknowledged += 200;
        assert!(acknowledged < 100_000, "the disk is never full");
    };
    assert_eq!((refused.status, &refused.json()["type"]), (500, &"SystemError".into()));
    server.log_with(words);
    let headers = [("content-type", "application/json")];
    let path = |number: u32| format!("/rooms/00000000-0000-4000-8000-{number:012x}");
    let put = |number: u32| {
        let body = br#"{"size":1,"price":2,"latitude":3,"longitude":4}"#;
        server.owner().send("PUT", &path(number), &headers, body)
    };
    let count = || server.get("/rooms?limit=1&count=exact").header("x-total-count").to_owned();
    for _ in 0..20 {
        assert_eq!(import().status, 500);
        assert_eq!(count(), acknowledged.to_string(), "a part of an import, or fewer rooms");
    }
    // What is left is too little for an import, but may do for some rooms.
    let mut refused = Vec::new();
    for number in 0..1_000 {
        let answer = put(number);
        if answer.status == 201 {
            acknowledged += 1;
            assert_eq!(server.get(&path(number)).status, 200, "{number} is lost");
        } else {
            assert_eq!((answer.status, &answer.json()["type"]), (500, &"SystemError".into()));
            assert_eq!(server.get(&path(number)).status, 404, "{number} was refused, and is there");
            refused.push(number);
        }
        if refused.len() == 20 {
            break;
        }
    }
    assert_eq!(refused.len(), 20, "the disk is never full for single rooms");
    assert_eq!(count(), acknowledged.to_string());
    fs::remove_file(filler).unwrap();
    assert_eq!(import().status, 200, "{}", server.log());
    assert_eq!(count(), (acknowledged + 200).to_string());
    for number in refused {
        assert_eq!(put(number).status, 201, "{}", server.log());
        assert_eq!(server.get(&path(number)).status, 200, "{number} is lost");
    }
    assert_eq!(count(), (acknowledged + 220).to_string());
    report(
        &format!("the disk is full, {name}"),
        "reads went on, imports and PUTs were answered with 500, and well at once when there was \
         room",
    );
}

#[test]
fn a_full_disk_under_sqlite_stops_writes_only() {
    let Some(disk) = SmallDisk::mount() else { return };
    check(
        &format!("sqlite:{}", disk.path().join("rooms.db").display()),
        &disk,
        "SQLite",
        "disk is full",
    );
}

#[test]
fn a_full_disk_under_postgresql_stops_writes_only() {
    let (Some(cluster), Some(disk)) = (Cluster::alone(), SmallDisk::mount()) else { return };
    let url = cluster.new_url();
    stdout(&mut rentomatic(&["--database-url", &url, "init-db"]));
    stdout(&mut rentomatic(&["--database-url", &url, "migrate"]));
    let space = disk.path().join("space");
    fs::create_dir(&space).unwrap();
    cluster.own(&space);
    let space = space.display();
    // Its write-ahead log is on another disk, as it should be.
    cluster.psql(&cluster.url("postgres"), &format!("CREATE TABLESPACE small LOCATION '{space}'"));
    cluster.psql(&url, "ALTER TABLE room SET TABLESPACE small");
    check(&url, &disk, "PostgreSQL", "No space left on device");
}
