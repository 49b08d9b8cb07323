//! How a session ends: by logging out, after a time, or with the admin token.

use std::thread;
use std::time::{Duration, Instant};

use super::session::{log_in, page, post};
use crate::support::client::Answer;
use crate::support::owner;
use crate::support::server::{PATIENCE, Server};
use crate::support::storage::Storage;

const CODE: &str = "f853578c-fc0f-4e65-81b8-566c5dffa35a";

fn is_accepted(server: &Server, session: &str) -> bool {
    page(server, session, "/rooms/add").status == 200
}

/// A write with a session, by a program that has copied the cookie.
fn write(server: &Server, session: &str) -> Answer {
    server.client().ask("DELETE", &format!("/rooms/{CODE}"), &[("cookie", session)])
}

/// A number in the database.
fn number(storage: &Storage, sql: &str) -> Option<i64> {
    Some(storage.by_hand(sql)?.trim().parse().unwrap())
}

#[test]
fn a_cookie_from_before_the_log_out_is_refused_by_every_server() {
    for storage in Storage::databases() {
        let servers = [Server::with_owner_and_sample_rooms(&storage), Server::with_owner(&storage)];
        // Two log-ins in one second are two sessions.
        let (ours, theirs) = (log_in(&servers[0]), log_in(&servers[1]));
        assert_ne!(ours, theirs);
        for server in &servers {
            assert!(is_accepted(server, &ours) && is_accepted(server, &theirs));
        }
        let answer = post(&servers[0], &ours, "/log-out", "");
        assert_eq!((answer.status, answer.header("location")), (303, "/rooms"), "{}", answer.body);
        assert!(answer.header("set-cookie").contains("Max-Age=0"), "{}", answer.status);
        for server in &servers {
            assert_eq!(write(server, &ours).status, 401);
            assert!(!is_accepted(server, &ours));
            assert!(page(server, &ours, "/rooms").body.contains("Log in</a>"));
            assert!(is_accepted(server, &theirs));
        }
        assert_eq!(servers[0].get(&format!("/rooms/{CODE}")).status, 200);
        assert_eq!(post(&servers[0], &ours, "/log-out", "").status, 303);
    }
}

#[test]
fn logging_out_everywhere_ends_all_sessions_and_needs_one() {
    for storage in Storage::all() {
        let server = Server::with_owner_and_sample_rooms(&storage);
        let sessions = [log_in(&server), log_in(&server)];
        let button = "action=\"/log-out-everywhere\"";
        assert!(page(&server, &sessions[0], "/rooms").body.contains(button));
        assert_eq!(post(&server, "", "/log-out-everywhere", "").status, 401);
        assert!(sessions.iter().all(|session| is_accepted(&server, session)));
        let answer = post(&server, &sessions[0], "/log-out-everywhere", "");
        assert_eq!((answer.status, answer.header("location")), (303, "/rooms"), "{}", answer.body);
        assert!(answer.header("set-cookie").contains("Max-Age=0"), "{}", answer.status);
        for session in &sessions {
            assert!(!is_accepted(&server, session));
            assert_eq!(write(&server, session).status, 401);
        }
        assert!(is_accepted(&server, &log_in(&server)));
    }
}

#[test]
fn a_log_in_ends_the_session_that_it_replaces() {
    let server = Server::with_owner(&Storage::Memory);
    let old = log_in(&server);
    let form = format!("token={}", owner::TOKEN);
    let answer = post(&server, &old, "/log-in", &form);
    let new = answer.header("set-cookie").split(';').next().unwrap();
    assert!(is_accepted(&server, new) && !is_accepted(&server, &old));
}

#[test]
fn another_admin_token_ends_all_sessions() {
    for storage in Storage::databases() {
        let session = log_in(&Server::with_owner(&storage));
        assert!(is_accepted(&Server::with_owner(&storage), &session), "the same token");
        let other = ("RENTOMATIC_WRITES__ADMIN_TOKEN", "7c9e6679742540de944be07fc1f90ae7");
        let server = Server::start(&storage.url(), &[], &[other]);
        assert!(!is_accepted(&server, &session));
        assert_eq!(write(&server, &session).status, 401);
    }
}

#[test]
fn a_session_expires_when_it_is_idle_or_old_and_is_then_removed() {
    for storage in Storage::sql() {
        let server = Server::with_owner_and_sample_rooms(&storage);
        for (change, is_valid) in [
            ("last_seen_at = last_seen_at - 1801", false),
            ("last_seen_at = last_seen_at - 1000", true),
            ("begun_at = begun_at - 43201", false),
            ("begun_at = begun_at - 42000", true),
        ] {
            let session = log_in(&server);
            if storage.by_hand(&format!("UPDATE session SET {change}")).is_none() {
                break;
            }
            assert_eq!(is_accepted(&server, &session), is_valid, "{change}");
            assert_eq!(write(&server, &session).status == 401, !is_valid, "{change}");
            storage.by_hand("UPDATE session SET begun_at = 0");
            log_in(&server);
            assert_eq!(number(&storage, "SELECT count(*) FROM session"), Some(1));
            storage.by_hand("DELETE FROM session");
        }
    }
}

#[test]
fn the_use_of_a_session_is_noted_and_is_no_change_of_the_rooms() {
    for storage in Storage::sql() {
        let server = Server::with_owner_and_sample_rooms(&storage);
        let tag = server.get("/rooms").header("etag").to_owned();
        let session = log_in(&server);
        let idle = "UPDATE session SET last_seen_at = last_seen_at - 1000";
        if storage.by_hand(idle).is_none() {
            continue;
        }
        assert!(is_accepted(&server, &session));
        let deadline = Instant::now() + PATIENCE;
        while number(&storage, "SELECT count(*) FROM session WHERE last_seen_at >= begun_at")
            != Some(1)
        {
            assert!(Instant::now() < deadline, "the use of the session is not noted");
            thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(server.get("/rooms").header("etag"), tag);
        post(&server, &session, "/log-out", "");
        assert_eq!(server.get("/rooms").header("etag"), tag);
    }
}

#[test]
fn the_database_has_no_id_of_a_session() {
    for storage in Storage::sql() {
        let server = Server::with_owner(&storage);
        let session = log_in(&server);
        let (_, id) = session.split_once('=').unwrap();
        // 256 bits in base64.
        assert_eq!(id.len(), 43, "{id}");
        if let Some(row) = storage.by_hand("SELECT * FROM session") {
            assert!(row.contains('|') && !row.contains(id), "{row}");
            assert!(!row.contains(owner::TOKEN), "{row}");
        }
        let log = server.log_with("path=/log-in status=303");
        assert!(!log.contains(id), "{log}");
    }
}

/// As long as the storage does not answer, nobody is taken for the owner, and nobody is logged out.
#[test]
fn without_the_storage_a_session_reads_what_is_cached_and_writes_nothing() {
    for storage in Storage::sql() {
        let server = Server::with_owner_and_sample_rooms(&storage);
        let session = log_in(&server);
        if storage.by_hand("ALTER TABLE session RENAME TO hidden").is_none() {
            continue;
        }
        let versions = "DELETE FROM __diesel_schema_migrations WHERE version = '20261127000004'";
        storage.by_hand(versions);
        let list = page(&server, &session, "/rooms");
        assert_eq!(list.status, 200);
        assert!(list.body.contains("Log in</a>"), "{}", list.body);
        assert_eq!(page(&server, &session, "/rooms/add").status, 503);
        assert_eq!(write(&server, &session).status, 503);
        let answer = post(&server, &session, "/log-out", "");
        assert_eq!((answer.status, answer.header("set-cookie")), (503, ""));
        storage.by_hand("ALTER TABLE hidden RENAME TO session");
        assert!(is_accepted(&server, &session));
    }
}
