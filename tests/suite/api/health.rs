//! `/live`, `/ready`, and how an outage is answered.

use crate::support::server::Server;
use crate::support::storage::Storage;

/// Nothing listens there.
const NOWHERE: &str = "postgres://rentomatic:S3cret@127.0.0.1:1/rooms";

fn without_database() -> Server {
    Server::start(NOWHERE, &[], &[("RENTOMATIC_DATABASE__MIGRATE_ON_START", "false")])
}

#[test]
fn a_server_over_each_storage_is_live_and_ready() {
    for storage in Storage::all() {
        let server = Server::over(&storage);
        for (path, body) in [("/live", r#"{"status":"live"}"#), ("/ready", r#"{"status":"ready"}"#)]
        {
            let answer = server.get(path);
            assert_eq!((answer.status, answer.body.as_str()), (200, body));
        }
    }
}

#[test]
fn without_its_database_a_server_is_live_but_not_ready() {
    let server = without_database();
    assert_eq!(server.get("/live").status, 200);
    for path in ["/ready", "/rooms", "/rooms/f853578c-fc0f-4e65-81b8-566c5dffa35a"] {
        let answer = server.get(path);
        assert_eq!(answer.status, 503, "{path}");
        assert_eq!(answer.header("retry-after"), "1");
        assert_eq!(answer.json()["type"], "SystemError");
        assert!(!answer.body.contains("127.0.0.1"), "{}", answer.body);
    }
    let log = server.log_with("refused");
    assert!(!log.contains("S3cret"), "{log}");
}

#[test]
fn a_server_whose_schema_is_old_is_not_ready() {
    for storage in Storage::databases() {
        let server = Server::over(&storage);
        assert_eq!(server.get("/ready").status, 200);
        let revert = ["--database-url", &storage.url(), "migrate", "revert"];
        let reverted = crate::support::stdout(&mut crate::support::rentomatic(&revert));
        assert_eq!(server.get("/ready").status, 503);
        let name = reverted.strip_prefix("reverted ").unwrap().trim();
        server.log_with(&format!("lacks the migration {name}"));
    }
}

#[test]
fn a_bad_request_is_refused_before_a_connection_is_taken() {
    let server = without_database();
    for query in ["filter_foo=1", "filter_price__lt=x", "filter_price__lt="] {
        assert_eq!(server.get(&format!("/rooms?{query}")).status, 400, "{query}");
    }
    assert_eq!(server.client().get_as("/rooms", "image/png").status, 406);
    assert_eq!(server.get("/rooms/nonsense").status, 404);
    assert!(!server.log().contains("ERROR"), "{}", server.log());
}

#[test]
fn a_signal_to_stop_ends_the_server_with_success() {
    for signal in ["TERM", "INT"] {
        let server = Server::over(&Storage::Memory);
        assert_eq!(server.get("/live").status, 200);
        server.signal(signal);
        let (code, log) = server.wait();
        assert_eq!(code, Some(0), "{log}");
        assert!(log.contains("stopped"), "{log}");
    }
}

/// What will become a problem if nobody does anything about it, as far as the storage knows.
#[test]
fn the_metrics_of_a_storage_are_left_out_while_it_does_not_respond() {
    for storage in Storage::all() {
        let server = Server::with_sample_rooms(&storage);
        let metrics = server.get("/metrics").body;
        let ids = !matches!(storage, Storage::Memory | Storage::Mongo { .. });
        let snapshots = matches!(storage, Storage::Postgres { .. });
        for (name, is_known) in [
            ("\nrentomatic_room_ids_used_ratio ", ids),
            ("\nrentomatic_database_oldest_snapshot_seconds 0", snapshots),
        ] {
            assert_eq!(metrics.contains(name), is_known, "{name}: {metrics}");
        }
    }
    let metrics = without_database().get("/metrics");
    assert!(metrics.status == 200 && !metrics.body.contains("used_ratio"), "{}", metrics.body);
}

#[test]
fn what_the_server_does_can_be_read_by_prometheus() {
    let server = Server::with_sample_rooms(&Storage::Memory);
    assert_eq!((server.get("/rooms").status, server.get("/nothing").status), (200, 404));
    let metrics = server.get("/metrics");
    assert!(metrics.header("content-type").starts_with("application/openmetrics-text"));
    for (name, labels) in [
        ("http_requests_total", r#"{method="GET",route="/rooms",status="200"} 1"#),
        ("http_requests_total", r#"{method="GET",route="none",status="404"} 1"#),
        ("http_request_duration_seconds_count", r#"{route="/rooms"} 1"#),
        ("database_up", " 1"),
        ("database_connections_in_use", " 0"),
        ("database_connections_max", " 8"),
        ("requests_waiting", " 0"),
        ("cache_hits_total", " 0"),
        ("cache_misses_total", " 1"),
        ("cache_bytes", " "),
        ("requests_refused_total", r#"{reason="busy"} 0"#),
        ("requests_refused_total", r#"{reason="outage"} 0"#),
        ("requests_refused_total", r#"{reason="late"} 0"#),
        ("build_info", r#"{version=""#),
    ] {
        let line = format!("rentomatic_{name}{labels}");
        assert!(metrics.body.contains(&line), "{line}: {}", metrics.body);
    }
}
