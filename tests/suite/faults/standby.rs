//! The primary is lost, and its standby takes over.

use std::thread;
use std::time::{Duration, Instant};

use super::{bound, by_form, report};
use crate::support::load::{Load, shoot, slowest};
use crate::support::postgres::Cluster;
use crate::support::server::{PATIENCE, Server};
use crate::support::{rentomatic, stdout};

const TOKEN: &str = "0f8fad5bd9cb469fa16570867728950e";

#[test]
fn writes_go_on_soon_after_a_standby_is_promoted_and_none_is_lost() {
    let Some(primary) = Cluster::alone() else { return };
    let url = primary.new_url();
    stdout(&mut rentomatic(&["--database-url", &url, "init-db"]));
    let standby = primary.standby();
    primary.psql(&url, "ALTER SYSTEM SET synchronous_standby_names = '*'");
    primary.psql(&url, "SELECT pg_reload_conf()");
    // Two hosts in one URL, the primary first.
    let hosts = format!("127.0.0.1:{},127.0.0.1:{}", primary.port(), standby.port());
    let both = url.replace(&format!("127.0.0.1:{}", primary.port()), &hosts);
    let server =
        Server::start(&both, &["--sample-data"], &[("RENTOMATIC_WRITES__ADMIN_TOKEN", TOKEN)]);
    let authorization = format!("Bearer {TOKEN}");
    let headers = [("authorization", &*authorization), ("content-type", "application/json")];
    let path = |number: u32| format!("/rooms/00000000-0000-4000-8000-{number:012x}");
    let put = |number: u32| {
        let body = br#"{"size":1,"price":2,"latitude":3,"longitude":4}"#;
        server.client().send("PUT", &path(number), &headers, body).status
    };
    let mut acknowledged = Vec::new();
    for number in 0..50 {
        assert_eq!(put(number), 201, "{}", server.log());
        acknowledged.push(number);
    }

    let reads = Load::start(server.address(), "/rooms?limit=3", 4, Duration::from_millis(20));
    primary.kill();
    // Reads are answered by the standby meanwhile; writes are not done, and say so.
    thread::sleep(Duration::from_secs(by_form(2, 10)));
    assert_eq!(put(1_000), 503, "{}", server.log());
    let shot = shoot(&server.client(), "/rooms?limit=3");
    assert_eq!(shot.outcome, Ok(200), "{}", server.log());
    standby.promote();
    let promoted = Instant::now();
    let mut number = 2_000;
    while put(number) != 201 {
        number += 1;
        assert!(promoted.elapsed() < PATIENCE, "{}", server.log());
        thread::sleep(Duration::from_millis(20));
    }
    let resumed = promoted.elapsed();
    acknowledged.push(number);
    thread::sleep(Duration::from_millis(500));
    let shots = reads.stop();
    let failed = shots.iter().filter(|shot| shot.outcome != Ok(200)).count();
    for number in &acknowledged {
        assert_eq!(
            server.get(&path(*number)).status,
            200,
            "{number} was acknowledged, and is lost"
        );
    }
    report(
        "the primary lost, its synchronous standby promoted",
        format!(
            "writes resumed {resumed:.0?} after, 0 of {} acknowledged writes lost, {failed} of {} reads \
             refused, the slowest {:.0?}",
            acknowledged.len(),
            shots.len(),
            slowest(&shots)
        ),
    );
    assert!(resumed <= bound(Duration::from_secs(5)), "{resumed:?}");
    assert!(shots.iter().all(|shot| matches!(shot.outcome, Ok(200 | 503))));
}
