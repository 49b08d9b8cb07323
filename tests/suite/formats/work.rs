//! The work for a file or a body grows with its length, and no faster, and messages do not grow at all.

use std::fs;
use std::time::Duration;

use rentomatic::formats::reading::{Columns, ROW_FORMATS, UnknownColumns, object};

/// Builds a file of about this many parts.
type Build = fn(usize) -> String;

const FILES: [(&str, &str, Build); 13] = [
    ("csv", "rows", |n| format!("size,price,latitude,longitude\n{}", "1,2,3,4\n".repeat(n))),
    ("csv", "columns", |n| format!("{}\n1\n", names(n, ","))),
    ("csv", "the same column", |n| format!("{}\n1\n", "size,".repeat(n))),
    ("csv", "empty columns", |n| format!("size{}\n1\n", ",".repeat(n))),
    ("csv", "a long name", |n| format!("{}\n1\n", "x".repeat(8 * n))),
    ("csv", "an open quotation mark", |n| format!("size\n\"{}", "1\n".repeat(n))),
    ("ndjson", "rows", |n| "{\"size\":1}\n".repeat(n)),
    ("ndjson", "names", |n| format!("{{\"{}\":1}}\n", names(n, "\":1,\""))),
    ("ndjson", "depth", |n| format!("{{\"size\":{}1{}}}\n", "[".repeat(n), "]".repeat(n))),
    ("ndjson", "a long text", |n| format!("\"{}\"\n", "x".repeat(8 * n))),
    ("json", "rows", |n| format!("[{}{{}}]", "{\"size\":1},".repeat(n))),
    ("geojson", "members", |n| format!("{{\"{}\":1}}\n", names(n, "\":1,\""))),
    ("geojson", "features", |n| format!("{{\"features\":[{}{{}}]}}", "{\"id\":1},".repeat(n))),
];

fn names(number: usize, separator: &str) -> String {
    (0..number).map(|name| format!("n{name}")).collect::<Vec<_>>().join(separator)
}

/// How long this thread has run, which does not depend on what else the machine does.
fn time_used() -> Duration {
    let statistics = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(statistics.split(' ').next().unwrap().parse().unwrap())
}

/// How long it takes to read a file, at best of three times, and the longest message.
fn read(format: &str, file: &str, unknown: UnknownColumns) -> (Duration, usize) {
    let format = ROW_FORMATS.into_iter().find(|known| known.name() == format).unwrap();
    let once = || {
        let begin = time_used();
        let columns = Columns::new(unknown);
        let errors =
            format.rows(Box::new(file.as_bytes()), &columns).filter_map(|row| row.room.err());
        let longest = errors.map(|errors| errors.iter().map(|error| error.to_string().len()).sum());
        let longest = longest.max().unwrap_or(0);
        (time_used().saturating_sub(begin), longest)
    };
    (0..3).map(|_| once()).min().unwrap()
}

#[test]
fn the_time_to_read_a_file_is_proportional_to_its_length() {
    for unknown in [UnknownColumns::Refuse, UnknownColumns::Ignore] {
        for (format, what, build) in FILES {
            let (small, message) = read(format, &build(10_000), unknown);
            let (large, _) = read(format, &build(80_000), unknown);
            // Eight times the length. What is quadratic takes 64 times as long.
            let most = small * 24 + Duration::from_millis(30);
            assert!(large < most, "{format}, {what}: {small:?}, then {large:?}");
            assert!(message < 4_000, "{format}, {what}: {message}");
        }
    }
}

#[test]
fn few_more_names_are_read_than_a_room_has_fields() {
    for number in [16, 30_000] {
        let body = format!("{{\"{}\":1}}", names(number, "\":1,\""));
        let error = object::fields(body.as_bytes(), &Columns::default()).unwrap_err();
        assert!(error.starts_with("more than 15 names; a room has 7 fields"), "{error}");
    }
    let some = format!("{{\"{}\":1}}", names(15, "\":1,\""));
    assert_eq!(object::fields(some.as_bytes(), &Columns::default()).unwrap().len(), 15);
    for long in [format!("\"{}\"", "x".repeat(1 << 20)), format!("{{\"{}\":", "x".repeat(1 << 20))]
    {
        let error = object::fields(long.as_bytes(), &Columns::default()).unwrap_err();
        assert!(error.len() < 200, "{error}");
    }
}
