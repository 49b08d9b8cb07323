//! What strangers make nginx store: its temporary files are in memory, and count towards its container's limit.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use super::Stack;
use crate::faults::report;
use crate::support::server::PATIENCE;

const MIB: usize = 1024 * 1024;

/// What the kernel says about the container of nginx: the most memory that it ever used, and how many of its
/// processes were killed because there was no more.
fn peak_and_kills(stack: &Stack) -> (usize, usize) {
    // The files of cgroup v2, then of v1, one of which exists.
    let read = |files: &str| {
        let script = format!("cd /sys/fs/cgroup; cat {files} 2>/dev/null; true");
        stack.run(&["exec", "-T", "nginx", "sh", "-c", &script])
    };
    let peak = read("memory.peak memory/memory.max_usage_in_bytes");
    let events = read("memory.events memory/memory.oom_control");
    let kills = events.lines().find_map(|line| line.strip_prefix("oom_kill "));
    (peak.trim().parse().unwrap(), kills.unwrap().parse().unwrap())
}

pub fn strangers_cannot_fill_the_memory_of_nginx(stack: &Stack) {
    stack.psql(
        "INSERT INTO room (code, size, price, longitude, latitude)
         SELECT gen_random_uuid(), 10, 1 + n % 9999, n % 180, n % 90 FROM generate_series(1, 1000000) n",
    );
    let connect = |head: &str| {
        let mut stream = TcpStream::connect(stack.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let lines = format!("{head} HTTP/1.1\r\nhost: localhost\r\n");
        stream.write_all(lines.as_bytes()).unwrap();
        stream
    };

    // Somebody who asks for everything, and reads next to nothing.
    let mut reader = connect("GET /rooms.json");
    reader.write_all(b"\r\n").unwrap();
    let mut part = [0; 1024];
    for _ in 0..25 {
        reader.read_exact(&mut part).unwrap();
        thread::sleep(Duration::from_millis(200));
    }
    drop(reader);

    // Somebody without a token who sends long files, except for the last byte.
    let length = 64 * MIB;
    let uploads: Vec<_> = (0..2)
        .map(|_| {
            let mut stream = connect("POST /rooms/import");
            let rest = format!("content-type: text/csv\r\ncontent-length: {length}\r\n\r\n");
            stream.write_all(rest.as_bytes()).unwrap();
            thread::spawn(move || {
                let part = vec![b'x'; MIB];
                for _ in 1..length / MIB {
                    // nginx may have closed the connection after its response.
                    if stream.write_all(&part).is_err() {
                        break;
                    }
                }
                let mut status = [0; 12];
                stream.read_exact(&mut status).unwrap();
                String::from_utf8_lossy(&status).into_owned()
            })
        })
        .collect();
    for upload in uploads {
        assert_eq!(upload.join().unwrap(), "HTTP/1.1 401");
    }

    let (peak, kills) = peak_and_kills(stack);
    let measured = format!("{} KiB at most, {kills} processes killed", peak / 1024);
    report("nginx's container with a slow reader and two uploads by strangers", measured);
    assert!(peak < 64 * MIB && kills == 0, "{peak} bytes, {kills} killed");
    stack.psql("DELETE FROM room WHERE size = 10");
}
