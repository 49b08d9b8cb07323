//! Clients that take their time do not take that of others.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use super::{by_form, is_long, report};
use crate::nginx::{FIRST, Proxy};
use crate::support::component::program;
use crate::support::load::{Load, Shot};
use crate::support::server::{PATIENT, Server};
use crate::support::storage::Storage;

/// Holds idle connections, and others that send a head or a body byte by byte, or read a long answer as
/// slowly, until its standard input ends. What is closed is opened again. In the end it says how many of the
/// idle ones were held: they are open, or were until nginx's time-out, and were not turned away before.
const SLOW: &str = r#"
import random, resource, select, socket, sys, time
host, port, idle, slow = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 16384), most))
def connect(kind):
    # From forty addresses, each of which has less than its share.
    source = ("127.0.1.%d" % random.randint(1, 40), 0)
    one = socket.socket()
    if kind == 2:
        # So that the answer waits on the other side.
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    one.settimeout(5)
    one.bind(source)
    one.connect((host, port))
    if kind == 1:
        one.send(b"POST /rooms HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n")
    if kind == 2:
        one.send(b"GET /rooms HTTP/1.1\r\nhost: x\r\n\r\n")
    return one
def is_open(one):
    one.setblocking(False)
    try:
        return one.recv(1) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False
TIME_OUT = 10
def idle_one():
    return connect(0), time.monotonic()
def is_held(one, begin):
    return is_open(one) or time.monotonic() - begin > TIME_OUT
held = [idle_one() for _ in range(idle)]
ones = [[number % 3, None] for number in range(slow)]
told = False
while True:
    for one in ones:
        try:
            if one[1] is None:
                one[1] = connect(one[0])
            if one[0] == 2:
                one[1].recv(1)
            else:
                one[1].send(b"G")
        except OSError:
            one[1] = None
    held = [one if is_open(one[0]) else idle_one() for one in held]
    if not told:
        print("ready", flush=True)
        told = True
    if select.select([sys.stdin], [], [], 1)[0]:
        break
print(sum(is_held(*one) for one in held), flush=True)
"#;

/// How long this part of the requests took at most, in per cent.
fn percentile(shots: &[Shot], part: usize) -> Duration {
    let mut durations: Vec<_> = shots.iter().map(|shot| shot.duration).collect();
    durations.sort_unstable();
    durations[durations.len() * part / 100]
}

/// nginx before a server over the same rooms.
fn with_proxy(storage: &Storage) -> Option<(Proxy, Server)> {
    let proxy = Proxy::start(&[FIRST])?;
    let bind = format!("{FIRST}:{}", proxy.port());
    let server = Server::start(&storage.url(), &["--bind", &bind], &PATIENT);
    proxy.wait_for("the server", |client| client.get("/live").status == 200);
    Some((proxy, server))
}

/// Resident memory of these processes, in KiB.
fn memory(pids: &[String]) -> u64 {
    pids.iter()
        .map(|pid| {
            let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
            line.map_or(0, |line| line.trim().trim_end_matches(" kB").parse().unwrap())
        })
        .sum()
}

#[test]
fn slow_and_idle_clients_do_not_slow_others() {
    let Some(python) = program("Python", &["python3"]) else { return };
    let storage = Storage::sqlite();
    // As many as are kept: a list of a megabyte.
    storage.fill(10_000);
    let Some((proxy, server)) = with_proxy(&storage) else { return };
    // The same without slow clients, on the same machine at the same time: what is slower there is slower
    // because of the machine.
    let Some((other_proxy, _other)) = with_proxy(&storage) else { return };
    let measure = || {
        let [with, without] = [&proxy, &other_proxy].map(|proxy| {
            Load::start(proxy.address(), "/rooms?limit=4", 4, Duration::from_millis(30))
        });
        thread::sleep(Duration::from_secs(by_form(3, 15)));
        [with.stop(), without.stop()]
    };
    let [before, _] = measure();
    let (host, port) = proxy.address().split_once(':').unwrap();
    let (idle, slow) = (5_000, 2_000);
    let mut clients = Command::new(python)
        .args(["-c", SLOW, host, port, &idle.to_string(), &slow.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(clients.stdout.take().unwrap()).lines();
    assert_eq!(told.next().unwrap().unwrap(), "ready");
    let [during, without] = measure();
    let used = (memory(&proxy.processes()) + server.resident_kib()) / 1024;
    drop(clients.stdin.take());
    let held: usize = told.next().unwrap().unwrap().parse().unwrap();
    clients.wait().unwrap();
    assert!(held >= idle * 9 / 10, "only {held} idle connections were held");
    let bad = |shots: &[Shot]| shots.iter().filter(|shot| shot.outcome != Ok(200)).count();
    assert_eq!((bad(&before), bad(&during)), (0, 0));
    let [median, median_without] = [&during, &without].map(|shots| percentile(shots, 50));
    let [before, during, without] = [&before, &during, &without].map(|shots| percentile(shots, 99));
    report(
        &format!("{slow} slow and {idle} idle clients"),
        format!(
            "{held} idle held; p99 of others {before:.1?} before, {during:.1?} during; their median \
             {median:.1?}, {median_without:.1?} of those who share nothing with the slow ones; server \
             and nginx use {used} MB"
        ),
    );
    assert!(used < 300, "{used} MB");
    assert!(!is_long() || during <= before * 2, "{during:?}");
    // The rare ones, and most.
    let most = without * 3 + Duration::from_secs(1);
    assert!(during <= most, "{during:?}, {without:?} without slow clients");
    let most = median_without * 2 + Duration::from_millis(100);
    assert!(median <= most, "{median:?}, {median_without:?} without slow clients");
}
