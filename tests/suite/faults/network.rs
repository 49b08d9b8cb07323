//! The network between the server and its database breaks.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::outages::check_answers;
use super::{CLIENTS, bound, by_form, is_long, load, report};
use crate::support::component::{left_out, program};
use crate::support::load::{Load, healthy_after, slowest};
use crate::support::owner;
use crate::support::postgres::Cluster;
use crate::support::server::{PATIENCE, Server};
use crate::support::{rentomatic, stdout};

/// Packets to and from one port of this machine are swallowed for as long as this lives.
struct Swallowed {
    iptables: std::path::PathBuf,
    port: u16,
}

impl Swallowed {
    fn begin(port: u16) -> Option<Self> {
        let iptables = program("iptables", &["iptables"])?;
        let swallowed = Self { iptables, port };
        match swallowed.rules("-I") {
            Ok(()) => Some(swallowed),
            Err(said) => {
                left_out("iptables", &said);
                None
            }
        }
    }

    fn rules(&self, change: &str) -> Result<(), String> {
        for side in ["--dport", "--sport"] {
            let output = Command::new(&self.iptables)
                .args(["-w", change, "INPUT", "-i", "lo", "-p", "tcp", side])
                .args([&self.port.to_string(), "-j", "DROP"])
                .output()
                .unwrap();
            if !output.status.success() {
                return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
            }
        }
        Ok(())
    }
}

impl Drop for Swallowed {
    fn drop(&mut self) {
        let _ = self.rules("-D");
    }
}

#[test]
fn a_network_that_swallows_packets_keeps_nobody_waiting() {
    let Some(cluster) = Cluster::alone() else { return };
    let url = cluster.new_url();
    stdout(&mut rentomatic(&["--database-url", &url, "init-db"]));
    let server = Server::start(&url, &["--sample-data"], &[]);
    let rounds = by_form(1, 3);
    let (mut longest, mut latest) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..rounds {
        let rooms = load(&server, Duration::from_millis(20));
        let live = Load::start(server.address(), "/live", 1, Duration::from_millis(20));
        rooms.wait_for_answers(CLIENTS as usize);
        let Some(swallowed) = Swallowed::begin(cluster.port()) else { return };
        thread::sleep(Duration::from_secs(by_form(5, 20)));
        drop(swallowed);
        let back = Instant::now();
        rooms.wait_until_healthy(back);
        let (rooms, live) = (rooms.stop(), live.stop());
        check_answers(&rooms, &live);
        longest = longest.max(slowest(&rooms));
        latest = latest.max(healthy_after(&rooms, back));
    }
    report(
        &format!("a network that swallows packets, {rounds} times"),
        format!("slowest answer {longest:.0?}, healthy {latest:.0?} after the network was back"),
    );
    assert!(longest <= bound(Duration::from_millis(2_500)), "{longest:?}");
    assert!(latest <= bound(Duration::from_secs(3)), "{latest:?}");
    let metrics = server.get("/metrics").body;
    assert!(metrics.contains("rentomatic_database_connections_in_use 0"), "{metrics}");
}

/// Passes bytes on between a client and PostgreSQL, and cuts the connection after so many of them.
struct Cutter {
    port: u16,
    /// Bytes until the cut; the largest number means never.
    left: Arc<AtomicU64>,
    /// Bytes that went by.
    passed: Arc<AtomicU64>,
}

impl Cutter {
    fn before(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let cutter = Self {
            port: listener.local_addr().unwrap().port(),
            left: Arc::new(AtomicU64::new(u64::MAX)),
            passed: Arc::default(),
        };
        let (left, passed) = (Arc::clone(&cutter.left), Arc::clone(&cutter.passed));
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else { continue };
                // Else each message waits 40 ms for the acknowledgement of its first byte.
                client.set_nodelay(true).unwrap();
                server.set_nodelay(true).unwrap();
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    let (left, passed) = (Arc::clone(&left), Arc::clone(&passed));
                    thread::spawn(move || pass(from, to, &left, &passed));
                }
            }
        });
        cutter
    }
}

/// Byte by byte, so that every cut is possible.
fn pass(mut from: TcpStream, mut to: TcpStream, left: &AtomicU64, passed: &AtomicU64) {
    let mut bytes = [0; 1];
    while matches!(from.read(&mut bytes), Ok(1)) {
        passed.fetch_add(1, Ordering::SeqCst);
        let may = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| match left {
            u64::MAX => Some(u64::MAX),
            left => left.checked_sub(1),
        });
        if may.is_err() || to.write_all(&bytes).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

#[test]
fn a_write_whose_connection_is_cut_anywhere_is_done_or_not_and_never_twice() {
    let Some(cluster) = Cluster::alone() else { return };
    let cutter = Cutter::before(cluster.port());
    let direct = cluster.new_url();
    let url = direct.replace(&cluster.port().to_string(), &cutter.port.to_string());
    stdout(&mut rentomatic(&["--database-url", &direct, "init-db"]));
    let environment = [owner::WRITES, ("RENTOMATIC_DATABASE__POOL_SIZE", "1")];
    let server =
        Server::start(&format!("{url}?sslmode=disable&gssencmode=disable"), &[], &environment);
    let headers = [("content-type", "application/json")];
    let put = |number: u64| {
        let path = format!("/rooms/00000000-0000-4000-8000-{number:012x}");
        let body = br#"{"size":1,"price":2,"latitude":3,"longitude":4}"#;
        server.owner().send("PUT", &path, &headers, body).status
    };
    let recover = || {
        let deadline = Instant::now() + PATIENCE;
        while server.get("/ready").status != 200 {
            assert!(Instant::now() < deadline, "{}", server.log());
            thread::sleep(Duration::from_millis(10));
        }
    };
    // As many bytes as a write takes on a connection that is there, its ping included.
    recover();
    assert_eq!(put(0), 201);
    let before = cutter.passed.load(Ordering::SeqCst);
    assert_eq!(put(1), 201);
    let bytes = cutter.passed.load(Ordering::SeqCst) - before;
    let step = by_form(usize::try_from(bytes / 60).unwrap() + 1, 1);
    let (mut cuts, mut unknown_but_done) = (0, 0);
    for after in (0..=bytes).step_by(step) {
        let number = 2 + after;
        recover();
        cutter.left.store(after, Ordering::SeqCst);
        let status = put(number);
        cutter.left.store(u64::MAX, Ordering::SeqCst);
        assert!([201, 503].contains(&status), "{status} after {after} bytes: {}", server.log());
        let code = format!("00000000-0000-4000-8000-{number:012x}");
        let count = format!("SELECT count(*) FROM room WHERE code = '{code}'");
        // A session that was cut in its COMMIT may still be at it.
        let waits = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'rentomatic' \
                     AND state <> 'idle'";
        let begin = Instant::now();
        while cluster.psql(&direct, waits).trim() != "0" {
            assert!(begin.elapsed() < PATIENCE, "a session goes on, cut after {after} bytes");
            thread::sleep(Duration::from_millis(5));
        }
        let is_there = cluster.psql(&direct, &count).trim() == "1";
        assert!(status != 201 || is_there, "acknowledged, and lost after {after} bytes");
        unknown_but_done += u32::from(status != 201 && is_there);
        recover();
        assert!([200, 201].contains(&put(number)));
        assert_eq!(cluster.psql(&direct, &count).trim(), "1", "after {after} bytes");
        cuts += 1;
    }
    report(
        "the connection cut at a byte around COMMIT",
        format!(
            "{cuts} cuts in {bytes} bytes, 0 lost, 0 twice, {unknown_but_done} done but answered \
             503"
        ),
    );
    // The answer to COMMIT is shorter than a step of the short form.
    assert!(!is_long() || unknown_but_done > 0, "no cut fell after the COMMIT");
}
