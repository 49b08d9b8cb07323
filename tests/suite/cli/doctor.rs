//! `rentomatic doctor`

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::owner;
use crate::support::postgres::cluster;
use crate::support::server::{PATIENCE, Server};
use crate::support::storage::Storage;
use crate::support::{RENTOMATIC, failure, rentomatic, stdout};

fn doctor(url: &str) -> String {
    stdout(&mut rentomatic(&["--database-url", url, "doctor"]))
}

#[test]
fn it_says_of_an_sqlite_file_what_is_unwise() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rooms.db");
    let url = format!("sqlite:{}", file.display());
    let absent = failure(&mut rentomatic(&["--database-url", &url, "doctor"]), 1);
    assert!(absent.contains("run `rentomatic migrate` to create it"), "{absent}");
    stdout(&mut rentomatic(&["--database-url", &url, "init-db"]));
    let empty = doctor(&url);
    assert!(empty.contains("fix   the schema lacks"), "{empty}");
    assert!(empty.contains("fix   readers and writers block"), "{empty}");
    stdout(&mut rentomatic(&["--database-url", &url, "migrate"]));
    let good = doctor(&url);
    assert!(!good.contains("fix ") && good.contains("ok    the file is intact"), "{good}");
    assert!(good.contains("8 requests run at once, 256 more wait for up to 500 ms"), "{good}");
    fs::set_permissions(&file, Permissions::from_mode(0o666)).unwrap();
    assert!(doctor(&url).contains("fix   the file is world-writable"));
    assert!(doctor("memory:").contains("fix   memory: loses"));
}

#[test]
fn it_says_whether_the_owners_places_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("places.csv");
    let doctor = || {
        let mut doctor = rentomatic(&["--database-url", "memory:", "doctor"]);
        stdout(doctor.env("RENTOMATIC_PLACES__FILE", &file))
    };
    assert!(doctor().contains("fix   serve would not start: places.file: "), "{}", doctor());
    fs::write(&file, "name,latitude,longitude\nCampus,1,2\n").unwrap();
    assert!(doctor().contains("ok    places of your own: 1"), "{}", doctor());
}

#[test]
fn it_says_of_a_postgresql_server_what_is_unwise() {
    let Some(cluster) = cluster() else { return };
    let storage = Storage::databases().find(|one| one.url().starts_with("postgres"));
    let url = storage.unwrap().url();
    stdout(&mut rentomatic(&["--database-url", &url, "migrate"]));
    // The tests' own server spares its disk, and its role may do anything.
    let said = doctor(&url);
    for bad in ["the server may lose acknowledged writes", "is a superuser", "owns the table"] {
        assert!(said.contains(&format!("fix   {bad}")) || said.contains(bad), "{bad}: {said}");
    }
    assert!(said.contains("ok    the schema is the one"), "{said}");
    let bounds =
        "idle_in_transaction_session_timeout = 1min, lock_timeout = 3s, statement_timeout = 2s";
    assert!(said.contains(&format!("ok    the server has time-outs: {bounds}")), "{said}");
    // Whoever sets one of them has the others all the same.
    for (options, expected) in [
        ("-c%20statement_timeout%3D7s", "lock_timeout = 3s, statement_timeout = 7s"),
        ("-cstatement_timeout%3D7s", "lock_timeout = 3s, statement_timeout = 7s"),
        ("-c%20Statement_Timeout%3D7s", "lock_timeout = 3s, statement_timeout = 7s"),
        ("--lock-timeout%3D5s", "lock_timeout = 5s, statement_timeout = 2s"),
        ("-c%20deadlock_timeout%3D2s", "lock_timeout = 3s, statement_timeout = 2s"),
    ] {
        let own = doctor(&format!("{url}?options={options}"));
        let told = "ok    the server has time-outs: idle_in_transaction_session_timeout";
        assert!(own.contains(&format!("{told} = 1min, {expected}")), "{options}: {own}");
    }
    let all = "-c%20statement_timeout%3D0%20-c%20lock_timeout%3D0%20\
               -c%20idle_in_transaction_session_timeout%3D0";
    let own = doctor(&format!("{url}?options={all}"));
    assert!(own.contains("fix   the server waits for ever (idle_in_transaction_session"), "{own}");
    cluster.psql(
        &url,
        "INSERT INTO room (code, size, price, longitude, latitude) SELECT gen_random_uuid(), 1, 2, 3, 4 \
         FROM generate_series(1, 2000)",
    );
    let database = url.rsplit('/').next().unwrap();
    cluster.psql(
        &url,
        &format!(
            "CREATE ROLE reader_{database} LOGIN; GRANT SELECT ON room, __diesel_schema_migrations \
             TO reader_{database}; SELECT pg_stat_force_next_flush()"
        ),
    );
    let reader = doctor(&url.replace("rentomatic@", &format!("reader_{database}@")));
    for good in ["the role is not a superuser", "the role cannot change the schema"] {
        assert!(reader.contains(&format!("ok    {good}")), "{good}: {reader}");
    }
    assert!(reader.contains("fix   the planner has no statistics about the table"), "{reader}");
    cluster.psql(&url, "ANALYZE room; SELECT pg_stat_force_next_flush()");
    let good = doctor(&url);
    for good_news in [
        "the planner has statistics about the table",
        "0 % of the ids of rooms are used",
        "every change of a room is noticed",
        "no transaction has been open for long",
    ] {
        assert!(good.contains(&format!("ok    {good_news}")), "{good_news}: {good}");
    }
    cluster.psql(
        &url,
        "SELECT setval('room_id_seq', 2000000000); CREATE TABLE child () INHERITS (room)",
    );
    let said = doctor(&url);
    for bad in ["93 % of the ids of rooms are used", "changes of rooms may be missed"] {
        assert!(said.contains(&format!("fix   {bad}")), "{bad}: {said}");
    }
}

#[test]
fn it_says_whether_the_token_can_cross_a_network_in_clear_text() {
    let with_token = |bind: &str| {
        let mut command = rentomatic(&["--database-url", "memory:", "doctor"]);
        command.env("RENTOMATIC_SERVER__BIND", bind).env(owner::WRITES.0, owner::WRITES.1);
        stdout(&mut command)
    };
    let open = with_token("0.0.0.0:8000");
    assert!(open.contains("fix   other machines can reach the server on 0.0.0.0:8000"), "{open}");
    for bind in ["127.0.0.1:8080", "[::1]:8080"] {
        let local = with_token(bind);
        assert!(local.contains(&format!("ok    only this machine reaches the server, on {bind}")));
    }
    assert!(!doctor("memory:").contains("reach"), "without a token there is nothing to protect");
}

/// The binary as a user who may not write to files of others, even if this process may.
fn unprivileged(url: &str, words: &[&str]) -> Command {
    let arguments = [&["--database-url", url], words].concat();
    let is_root = stdout(Command::new("id").arg("-u")).trim() == "0";
    if !is_root {
        return rentomatic(&arguments);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&*RENTOMATIC);
    command.args(arguments).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

#[test]
fn a_file_that_is_read_only_is_named_by_doctor_and_by_every_write() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rooms.db");
    let url = format!("sqlite:{}", file.display());
    stdout(&mut rentomatic(&["--database-url", &url, "migrate"]));
    // The folder can be written to, so that the file can be read.
    fs::set_permissions(&folder, Permissions::from_mode(0o777)).unwrap();
    fs::set_permissions(&file, Permissions::from_mode(0o444)).unwrap();
    let reason = format!("{} is read-only for this user", file.display());
    let said = stdout(unprivileged(&url, &["doctor"]).env(owner::WRITES.0, owner::WRITES.1));
    assert!(said.contains(&format!("fix   {reason}")), "{said}");
    assert!(!said.contains("the owner can write"), "{said}");
    let add = ["rooms", "add", "--size=1", "--price=1", "--latitude=1", "--longitude=1"];
    let said = failure(&mut unprivileged(&url, &add), 1);
    assert!(said.contains(&reason) && said.contains("and to its folder"), "{said}");

    let server = Server::of_command(unprivileged(&url, &["serve"]), &[], &[owner::WRITES]);
    assert_eq!((server.get("/ready").status, server.get("/rooms").status), (200, 200));
    let room = br#"{"size":1,"price":2,"latitude":3,"longitude":4}"#;
    let json = [("content-type", "application/json")];
    let csv = [("content-type", "text/csv")];
    for answer in [
        server.owner().send("POST", "/rooms", &json, room),
        server.owner().send(
            "POST",
            "/rooms/import",
            &csv,
            b"size,price,latitude,longitude\n1,2,3,4\n",
        ),
    ] {
        assert_eq!(answer.status, 503, "{}", answer.body);
        assert!(answer.body.contains("Rooms can be read, but not changed"), "{}", answer.body);
    }
    let deadline = Instant::now() + PATIENCE;
    while server.log().matches(&reason).count() < 2 {
        assert!(Instant::now() < deadline, "{}", server.log());
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn it_says_whether_there_is_a_folder_for_imports() {
    assert!(doctor("memory:").contains("ok    files that are imported can be stored in /tmp"));
    let mut command = rentomatic(&["--database-url", "memory:", "doctor"]);
    let said = stdout(command.env("TMPDIR", "/nowhere/at/all"));
    assert!(said.contains("fix   cannot write a temporary file in /nowhere/at/all"), "{said}");
}
