//! The primary is lost, and its standby takes over.

use std::collections::HashSet;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use super::{bound, by_form, report};
use crate::support::client::Client;
use crate::support::load::{Load, Shot, shoot, slowest};
use crate::support::owner;
use crate::support::postgres::Cluster;
use crate::support::server::{PATIENCE, Server};
use crate::support::{rentomatic, stdout};

/// A room that was to be written, and the status or what kept an answer from coming.
struct Put {
    number: u32,
    begin: Instant,
    outcome: Result<u16, String>,
}

fn code(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012x}")
}

fn put_room(client: &Client, number: u32) -> Put {
    let headers = [("content-type", "application/json")];
    let path = format!("/rooms/{}", code(number));
    let body = br#"{"size":1,"price":2,"latitude":3,"longitude":4}"#;
    let begin = Instant::now();
    let answer = client.try_send("PUT", &path, &headers, body);
    let outcome = answer.map(|answer| answer.status).map_err(|error| error.to_string());
    Put { number, begin, outcome }
}

/// Puts new rooms, one after the other, and tells of each, until nobody listens any more.
fn write_on(client: Client) -> Receiver<Put> {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        for number in 10_000.. {
            if tell.send(put_room(&client, number)).is_err() {
                break;
            }
            thread::sleep(Duration::from_millis(2));
        }
    });
    told
}

/// From here on, no write is acknowledged before the standby has it.
fn make_synchronous(primary: &Cluster, url: &str) {
    primary.psql(url, "ALTER SYSTEM SET synchronous_standby_names = '*'");
    primary.psql(url, "SELECT pg_reload_conf()");
    let begin = Instant::now();
    loop {
        let state = primary.psql(url, "SELECT sync_state FROM pg_stat_replication");
        if state.trim() == "sync" {
            break;
        }
        assert!(begin.elapsed() < PATIENCE, "the standby's state is {state:?}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// For how long reads failed after a moment: until the last of those that failed was answered.
fn failed_for(failed: &[&Shot], from: Instant) -> Duration {
    let ends = failed.iter().map(|shot| shot.begin + shot.duration);
    ends.max().map_or(Duration::ZERO, |end| end.saturating_duration_since(from))
}

#[test]
fn writes_go_on_soon_after_a_standby_is_promoted_and_none_is_lost() {
    let Some(primary) = Cluster::alone() else { return };
    let url = primary.new_url();
    stdout(&mut rentomatic(&["--database-url", &url, "init-db"]));
    let standby = primary.standby();
    make_synchronous(&primary, &url);
    // Two hosts in one URL, the primary first.
    let hosts = format!("127.0.0.1:{},127.0.0.1:{}", primary.port(), standby.port());
    let both = url.replace(&format!("127.0.0.1:{}", primary.port()), &hosts);
    let server = Server::start(&both, &["--sample-data"], &[owner::WRITES]);
    let put = |number: u32| put_room(&server.owner(), number).outcome.unwrap();
    let mut acknowledged = Vec::new();
    for number in 0..50 {
        assert_eq!(put(number), 201, "{}", server.log());
        acknowledged.push(number);
    }

    let reads = Load::start(server.address(), "/rooms?limit=3", 4, Duration::from_millis(20));
    // It goes on through all that follows.
    let told = write_on(server.owner());
    let mut puts: Vec<Put> = told.iter().take(20).collect();
    assert!(puts.iter().all(|put| put.outcome == Ok(201)), "{}", server.log());
    primary.kill();
    let alone = Instant::now();
    // Reads are answered by the standby meanwhile; writes are not done, and say so.
    thread::sleep(Duration::from_secs(by_form(5, 10)));
    assert_eq!(put(1_000), 503, "{}", server.log());
    let shot = shoot(&server.client(), "/rooms?limit=3");
    assert_eq!(shot.outcome, Ok(200), "{}", server.log());
    let promotion = Instant::now();
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
    let mut after = 0;
    while after < 50 {
        assert!(promoted.elapsed() < PATIENCE * 2, "{}", server.log());
        let put = told.recv_timeout(PATIENCE).unwrap();
        after += u32::from(put.begin > promoted && put.outcome == Ok(201));
        puts.push(put);
    }
    reads.wait_for_answers(10);
    let shots = reads.stop();
    puts.extend(told.try_iter());

    for put in &puts {
        assert!(matches!(put.outcome, Ok(201 | 503)), "{}: {:?}", put.number, put.outcome);
    }
    let written = puts.iter().filter(|put| put.outcome == Ok(201));
    acknowledged.extend(written.map(|put| put.number));
    let name = url.rsplit('/').next().unwrap();
    let there = standby.psql(&standby.url(name), "SELECT code FROM room");
    let there: HashSet<&str> = there.lines().collect();
    for code in acknowledged.iter().map(|number| code(*number)) {
        assert!(there.contains(&*code), "{code} was acknowledged, and is lost");
        assert_eq!(server.get(&format!("/rooms/{code}")).status, 200, "{code} is not found");
    }
    let failed: Vec<&Shot> = shots.iter().filter(|shot| shot.outcome != Ok(200)).collect();
    let failed_for = failed_for(&failed, alone);
    let slowest = slowest(&shots);
    report(
        "the primary lost, its synchronous standby promoted",
        format!(
            "writes resumed {resumed:.0?} after, 0 of {} acknowledged writes lost; {} of {} \
             reads refused, the last {failed_for:.0?} after the primary was gone, the slowest \
             {slowest:.0?}",
            acknowledged.len(),
            failed.len(),
            shots.len()
        ),
    );
    assert!(resumed <= bound(Duration::from_secs(5)), "{resumed:?}");
    assert!(shots.iter().all(|shot| matches!(shot.outcome, Ok(200 | 503))));
    // From soon after the primary was gone, no read failed: not before, in, or after the promotion.
    assert!(failed_for <= bound(Duration::from_secs(1)), "{failed_for:?}");
    assert!(slowest <= bound(Duration::from_millis(2_500)), "{slowest:?}");
    let without = alone + bound(Duration::from_secs(1))..promotion;
    assert!(shots.iter().any(|shot| without.contains(&shot.begin)), "no read without a primary");
}
