//! How much slower rentomatic gets if its catalogue is a thousand times larger: the same requests to one
//! server with 1,000 rooms and to another with 1,000,000, in turn, on SQLite and PostgreSQL.
//!
//! `cargo bench --bench scale` prints the median times and their ratio. The two servers take turns, so that
//! changes in the machine's speed affect both alike. It also streams the million rooms and reports how much
//! the server's memory grew.

#![expect(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints its results, and ends at the first unexpected one"
)]

#[path = "../tests/suite/support/mod.rs"]
#[expect(dead_code, reason = "the tests use the rest")]
mod support;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use support::client::Client;
use support::server::Server;
use support::storage::Storage;

const SIZES: [usize; 2] = [1_000, 1_000_000];
const ROUNDS: usize = 101;

const QUESTIONS: [(&str, &str); 13] = [
    ("the first page", "/rooms?limit=20"),
    ("by price", "/rooms?limit=20&sort=price"),
    ("by price, descending", "/rooms?limit=20&sort=-price"),
    ("by size", "/rooms?limit=20&sort=size"),
    ("by price and size", "/rooms?limit=20&sort=price,-size"),
    ("by latitude, descending", "/rooms?limit=20&sort=-latitude"),
    ("by longitude", "/rooms?limit=20&sort=longitude"),
    ("by code", "/rooms?limit=20&sort=code"),
    ("inside a small box", "/rooms?limit=20&bbox=10,20,10.5,20.5"),
    ("inside a large box", "/rooms?limit=20&bbox=-90,-45,90,45"),
    ("the nearest", "/rooms?limit=20&near=51.5,-0.12&radius=20000000"),
    ("within 50 km", "/rooms?limit=20&near=51.5,-0.12&radius=50000"),
    ("one room", "/rooms/00000000-0000-4000-8000-000000000500"),
];

fn main() {
    for (name, storage) in
        [("SQLite", Storage::sqlite as fn() -> Storage), ("PostgreSQL", postgres)]
    {
        let storages = SIZES.map(|size| {
            let storage = storage();
            storage.fill(size);
            storage
        });
        let servers = storages.each_ref().map(Server::over);
        let clients = servers.each_ref().map(Server::client);
        println!("\n{name:26}{:>12}{:>12}{:>8}", "1,000", "1,000,000", "ratio");
        for (question, path) in QUESTIONS {
            let [small, large] = medians(&clients, path);
            let ratio = large.as_secs_f64() / small.as_secs_f64();
            println!(
                "{question:26}{:>9} µs{:>9} µs{ratio:>8.2}",
                small.as_micros(),
                large.as_micros()
            );
        }
        stream(&servers[1]);
    }
}

fn postgres() -> Storage {
    Storage::postgres().unwrap()
}

/// The median response time of each server. They take turns.
fn medians(clients: &[Client; 2], path: &str) -> [Duration; 2] {
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (client, times) in clients.iter().zip(&mut times) {
            let start = Instant::now();
            let status = client.get(path).status;
            times.push(start.elapsed());
            assert_eq!(status, 200, "{path}");
        }
    }
    times.map(|mut times| {
        times.sort();
        times[ROUNDS / 2]
    })
}

/// Streams the whole list in each format at full speed, and as CSV to a slow client.
fn stream(server: &Server) {
    let before = server.resident_kib();
    for format in ["json", "ndjson", "csv", "geojson"] {
        let start = Instant::now();
        let (first, bytes) = read(server, &format!("/rooms.{format}"), None);
        let seconds = start.elapsed().as_secs_f64();
        println!(
            "{:26}{:>9} ms to the first byte, {seconds:.2} s, {} MB",
            format!("a million rooms as {format}"),
            first.as_millis(),
            bytes / 1_000_000
        );
    }
    let start = Instant::now();
    read(server, "/rooms.csv", Some(10_000_000));
    println!("{:26}{:>9.1} s", "the same at 10 MB/s", start.elapsed().as_secs_f64());
    let peak = server.peak_resident_kib();
    println!("{:26}{:>9} KiB, from {before} KiB to {peak} KiB", "memory growth", peak - before);
}

/// Reads a response to its end, at most `rate` bytes per second. Returns the time to the first byte, and the
/// number of bytes.
fn read(server: &Server, path: &str, rate: Option<usize>) -> (Duration, usize) {
    let start = Instant::now();
    let mut stream = TcpStream::connect(server.address()).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    let mut buffer = vec![0; 100_000];
    let (mut first, mut bytes) = (None, 0);
    loop {
        let length = stream.read(&mut buffer).unwrap();
        if length == 0 {
            return (first.unwrap_or_default(), bytes);
        }
        first.get_or_insert_with(|| start.elapsed());
        bytes += length;
        if let Some(rate) = rate {
            let due = Duration::from_micros((bytes * 1_000 / (rate / 1_000)) as u64);
            std::thread::sleep(due.saturating_sub(start.elapsed()));
        }
    }
}
