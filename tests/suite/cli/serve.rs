//! `rentomatic serve`

use std::process::Stdio;
use std::time::{Duration, Instant};

use super::over;
use crate::support::server::Server;
use crate::support::storage::Storage;
use crate::support::{failure, rentomatic};

#[test]
fn it_says_where_it_listens_on_which_storage_and_what_to_do_next() {
    for storage in Storage::all() {
        let server = Server::over(&storage);
        let log = server.log_with("in a browser");
        assert!(log.contains(&format!("rooms are stored in {}", storage.url())), "{log}");
        assert!(log.contains(&format!("listening on http://{}", server.address())), "{log}");
        let port = server.address().split(':').nth(1).unwrap();
        assert!(log.contains(&format!("open http://localhost:{port}/rooms in a browser")), "{log}");
    }
}

#[test]
fn it_listens_on_a_host_by_its_name() {
    for bind in ["localhost:0", " localhost:0 "] {
        let server = Server::start("memory:", &["--bind", bind], &[]);
        assert!(server.address().starts_with("127.0.0.1:"), "{}", server.address());
        assert_eq!(server.get("/ready").status, 200);
    }
    let said = failure(&mut over("memory:", &["serve", "--bind", "nowhere.invalid:1"]), 2);
    assert!(said.contains("this machine does not know the host"), "{said}");
}

#[test]
fn a_file_of_places_with_a_mistake_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("places.csv");
    std::fs::write(&file, "name,latitude,longitude\nCampus,north,1\n").unwrap();
    let mut serve = over("memory:", &["serve", "--bind", "127.0.0.1:0"]);
    let said = failure(serve.env("RENTOMATIC_PLACES__FILE", &file), 1);
    assert!(said.contains("places.csv: line 2: latitude is \"north\""), "{said}");
}

#[test]
fn it_leaves_no_core_dump_with_secrets_in_it() {
    let limits = Server::over(&Storage::Memory).process_limits();
    let line = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(line.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "{line}");
}

#[test]
fn an_address_that_is_taken_is_named_and_nothing_is_changed() {
    let server = Server::over(&Storage::Memory);
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}/rooms.db", folder.path().display());
    let said = failure(&mut over(&url, &["serve", "--bind", server.address()]), 1);
    assert!(said.contains(&format!("cannot listen on {}", server.address())), "{said}");
    assert!(said.contains("--bind"), "{said}");
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}

#[test]
fn without_any_setting_it_keeps_rooms_beside_itself_at_port_8080() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = rentomatic(&["serve", "--sample-data", "--bind", "127.0.0.1:0"])
        .current_dir(&folder)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    let list = || {
        let mut command = rentomatic(&["rooms", "list", "--format", "json"]);
        let output = command.current_dir(&folder).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    while !list().contains("f853578c") {
        assert!(Instant::now() < deadline);
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(folder.path().join("rentomatic.db").is_file());
    let config = crate::support::stdout(&mut rentomatic(&["config"]));
    assert!(config.contains("server.bind = \"127.0.0.1:8080\"  # default"), "{config}");
    assert!(config.contains("database.url = \"sqlite:rentomatic.db\"  # default"), "{config}");
}

#[test]
fn with_migrations_off_a_database_stays_as_it_is() {
    for storage in Storage::databases() {
        if let Storage::Sqlite(_) = storage {
            crate::support::stdout(&mut over(&storage.url(), &["init-db"]));
        }
        let off = [("RENTOMATIC_DATABASE__MIGRATE_ON_START", "false")];
        let server = Server::start(&storage.url(), &[], &off);
        server.log_with("run `rentomatic migrate`");
        assert_eq!(server.get("/ready").status, 503);
        let status = crate::support::stdout(&mut over(&storage.url(), &["migrate", "status"]));
        assert!(!status.contains("applied"), "{status}");
        crate::support::stdout(&mut over(&storage.url(), &["migrate"]));
        assert_eq!(server.get("/ready").status, 200);
    }
}
