//! PostgreSQL refuses connections: for a while, or for good.

use std::thread;
use std::time::{Duration, Instant};

use crate::support::postgres::Cluster;
use crate::support::refusing::{Refusal, RefusingServer};
use crate::support::server::{PATIENCE, Server};
use crate::support::{failure, rentomatic, stdout};

const TEMPORARY: [Refusal; 11] = [
    ("FATAL", "57P03", "the database system is starting up"),
    ("FATAL", "57P03", "das Datenbanksystem startet"),
    ("FATAL", "57P03", "das Datenbanksystem wird heruntergefahren"),
    ("FATAL", "57P03", "le système de bases de données se lance"),
    ("FATAL", "57P03", "le système de base de données s'arrête"),
    ("ВАЖНО", "57P03", "система баз данных запускается"),
    ("FATAL", "53300", "sorry, too many clients already"),
    ("FATAL", "53300", "tut mir leid, schon zu viele Verbindungen"),
    (
        "FATAL",
        "53300",
        "remaining connection slots are reserved for roles with the SUPERUSER attribute",
    ),
    ("FATAL", "53300", "too many connections for role \"rentomatic\""),
    ("FATAL", "55000", "database \"rooms\" is not currently accepting connections"),
];

const PERMANENT: [Refusal; 6] = [
    ("FATAL", "28P01", "password authentication failed for user \"rentomatic\""),
    (
        "FATAL",
        "28000",
        "no pg_hba.conf entry for host \"127.0.0.1\", user \"rentomatic\", no encryption",
    ),
    ("FATAL", "28000", "role \"rentomatic\" does not exist"),
    ("FATAL", "28000", "role \"rentomatic\" is not permitted to log in"),
    ("FATAL", "3D000", "database \"rooms\" does not exist"),
    ("FATAL", "42501", "permission denied for database \"rooms\""),
];

#[test]
fn a_server_waits_while_postgresql_takes_no_connections_in_any_language() {
    let refusing = RefusingServer::start(TEMPORARY[0]);
    let server = Server::start(&refusing.url(), &[], &[]);
    for refusal in TEMPORARY {
        refusing.refuse(refusal);
        // The reason is in the log, and the server goes on.
        server.log_with(&format!("{}:  {}", refusal.0, refusal.2));
        assert_eq!((server.get("/live").status, server.get("/ready").status), (200, 503));
    }
}

#[test]
fn a_server_ends_with_the_reason_if_waiting_will_not_help() {
    for refusal in PERMANENT {
        let refusing = RefusingServer::start(refusal);
        let serve = ["--database-url", &refusing.url(), "serve", "--bind", "127.0.0.1:0"];
        let said = failure(&mut rentomatic(&serve), 1);
        assert!(said.contains(refusal.2), "{said}");
        let off = ("RENTOMATIC_DATABASE__MIGRATE_ON_START", "false");
        let said = failure(rentomatic(&serve).env(off.0, off.1), 1);
        assert!(said.contains(refusal.2), "{said}");
        // While it waits as well.
        let refusing = RefusingServer::start(TEMPORARY[1]);
        let server = Server::start(&refusing.url(), &[], &[]);
        refusing.refuse(refusal);
        let (code, log) = server.wait();
        assert_eq!(code, Some(1), "{log}");
        assert!(log.contains(refusal.2), "{log}");
    }
}

#[test]
fn every_command_reports_a_refusal_at_once() {
    let refusing = RefusingServer::start(TEMPORARY[0]);
    let url = refusing.url();
    for refusal in TEMPORARY.into_iter().chain(PERMANENT) {
        refusing.refuse(refusal);
        for words in [
            &["rooms", "list"][..],
            &["rooms", "delete", "f853578c-fc0f-4e65-81b8-566c5dffa35a"],
            &["migrate"],
            &["migrate", "status"],
            &["doctor"],
            &["init-db"],
        ] {
            let begin = Instant::now();
            let all = [&["--database-url", &*url], words].concat();
            let said = failure(&mut rentomatic(&all), 1);
            assert!(said.contains(refusal.2) && said.lines().count() == 1, "{words:?}: {said}");
            assert!(begin.elapsed() < super::bound(Duration::from_secs(1)), "{words:?}");
        }
    }
}

#[test]
fn a_server_starts_once_a_real_postgresql_takes_its_connections() {
    let Some(cluster) = Cluster::alone() else { return };
    let url = cluster.new_url();
    let name = url.rsplit('/').next().unwrap();
    let by_hand = |sql: &str| cluster.psql(&cluster.url("postgres"), sql);
    stdout(&mut rentomatic(&["--database-url", &url, "init-db"]));
    stdout(&mut rentomatic(&["--database-url", &url, "migrate"]));
    by_hand("CREATE ROLE rent LOGIN CONNECTION LIMIT 0");
    cluster.psql(&url, "GRANT ALL ON room, __diesel_schema_migrations, room_version TO rent");
    let limited = url.replace("rentomatic@", "rent@");
    let closed = format!("ALTER DATABASE {name} ALLOW_CONNECTIONS");
    for (url, refusal, before, after) in [
        (
            &limited,
            "too many connections for role",
            "SELECT",
            "ALTER ROLE rent CONNECTION LIMIT 50",
        ),
        (&url, "not currently accepting", &*format!("{closed} false"), &*format!("{closed} true")),
    ] {
        by_hand(before);
        let server = Server::start(url, &[], &[]);
        server.log_with(refusal);
        by_hand(after);
        server.log_with("INFO  ready");
        let begin = Instant::now();
        while server.get("/ready").status != 200 {
            assert!(begin.elapsed() < PATIENCE, "{}", server.log());
            thread::sleep(Duration::from_millis(50));
        }
    }
}

#[test]
fn a_server_that_cannot_add_its_sample_rooms_yet_waits() {
    let Some(cluster) = Cluster::alone() else { return };
    let url = cluster.new_url();
    stdout(&mut rentomatic(&["--database-url", &url, "init-db"]));
    stdout(&mut rentomatic(&["--database-url", &url, "migrate"]));
    let writing = format!("{url}?options=-cdefault_transaction_read_only%3Doff");
    let make_read_only = |value: &str| {
        cluster
            .psql(&writing, &format!("ALTER SYSTEM SET default_transaction_read_only = {value}"));
        cluster.psql(&writing, "SELECT pg_reload_conf()");
    };
    make_read_only("on");
    let server = Server::start(&url, &["--sample-data"], &[]);
    server.log_with("not ready: the storage currently accepts no writes");
    make_read_only("off");
    server.log_with("added the four sample rooms");
    assert_eq!(server.get("/rooms").codes().len(), 4);
}
