//! A million rooms: the databases find each first page, and each next one, by an index.

use std::cell::RefCell;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::num::NonZeroU16;
use std::thread;
use std::time::Duration;

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::{SqliteConnection, sql_query};
use rentomatic::formats::reading::query::parse;
use rentomatic::repository::storage as open_storage;
use rentomatic::use_cases::{RoomListRequest, room_list};

use crate::repository_contract::{Repository, default_settings};
use crate::support::server::Server;
use crate::support::storage::Storage;

/// Parameters of a list, and the index that finds its rooms.
const LISTS: [(&[(&str, &str)], &str); 22] = [
    (&[], "primary key"),
    (&[("sort", "price")], "room_price_idx"),
    (&[("sort", "-price")], "room_price_desc_idx"),
    (&[("sort", "size")], "room_size_idx"),
    (&[("sort", "-size")], "room_size_desc_idx"),
    (&[("sort", "price,size")], "room_price_size_idx"),
    (&[("sort", "price,-size")], "room_price_size_desc_idx"),
    (&[("sort", "size,price")], "room_size_price_idx"),
    (&[("sort", "size,-price")], "room_size_price_desc_idx"),
    (&[("sort", "latitude")], "room_latitude_idx"),
    (&[("sort", "-latitude")], "room_latitude_idx"),
    (&[("sort", "longitude")], "room_longitude_idx"),
    (&[("sort", "name")], "room_name_idx"),
    (&[("sort", "-name")], "room_name_desc_idx"),
    (&[("sort", "code")], "code"),
    (&[("sort", "-code")], "code"),
    (&[("filter_code__eq", "00000000-0000-4000-8000-000000500000")], "code"),
    (&[("bbox", "10,20,10.5,20.5")], "room_place"),
    (&[("bbox", "179.8,-10,-179.8,10"), ("sort", "price")], "room_place"),
    (&[("near", "51.5,-0.12"), ("radius", "20000000")], "room_place"),
    (&[("near", "60,30"), ("radius", "50000"), ("sort", "-distance")], "room_place"),
    (&[("filter_price__gte", "150"), ("sort", "price")], "room_price_idx"),
];

fn request(parameters: &[(&str, &str)]) -> RoomListRequest {
    let limit = [("limit", "20")];
    parse(parameters.iter().chain(&limit).copied()).unwrap()
}

/// What `capture` says of a list's first page, and of its next one.
fn two_pages(
    repository: &Repository,
    parameters: &[(&str, &str)],
    mut capture: impl FnMut() -> String,
) -> (String, String) {
    let mut request = request(parameters);
    capture();
    let page = room_list(repository.as_ref(), &request).unwrap();
    let first = capture();
    if page.next.is_some() {
        request.after = page.next;
        room_list(repository.as_ref(), &request).unwrap();
    }
    (first, capture())
}

/// Pages of lists in which many rooms tie, one after the other over the same few connections: the
/// tenth is found as the first is.
fn walk(repository: &Repository, mut check: impl FnMut()) {
    for sort in ["price,latitude", "price,code", "size,longitude", "-price,-size,latitude"] {
        let mut request = request(&[("sort", sort)]);
        for _ in 0..12 {
            let page = room_list(repository.as_ref(), &request).unwrap();
            request.after = page.next;
            check();
        }
    }
}

/// A database with a million rooms.
fn filled(storage: &Storage) -> Repository {
    storage.fill(1_000_000);
    open_storage(&storage.url()).unwrap().open(&default_settings())
}

#[test]
fn postgres_finds_every_page_by_an_index() {
    let Some(storage) = Storage::postgres() else { return };
    let Storage::Postgres { cluster, url } = &storage else { panic!() };
    filled(&storage);
    // The server logs the plan of each of these connections' queries.
    let explained = format!(
        "{url}?options=-c%20session_preload_libraries%3Dauto_explain%20\
         -c%20auto_explain.log_min_duration%3D0"
    );
    let repository = open_storage(&explained).unwrap().open(&default_settings());
    let database = url.rsplit('/').next().unwrap();
    let mut read = 0;
    let mut capture = || {
        let log = cluster.log_of(database);
        let new = log[read..].to_owned();
        read = log.len();
        new
    };
    for (parameters, index) in LISTS {
        let index = match index {
            "primary key" => "room_pkey",
            "code" => "room_code_key",
            "room_place" => "room_place_idx",
            index => index,
        };
        let (first, next) = two_pages(&repository, parameters, &mut capture);
        assert!(first.contains(index), "{parameters:?} without {index}: {first}");
        for plans in [first, next] {
            assert!(!plans.contains("Seq Scan on room "), "{parameters:?}: {plans}");
        }
    }
    let mut settings = default_settings();
    settings.database.pool_size = NonZeroU16::MIN;
    let repository = open_storage(&explained).unwrap().open(&settings);
    let passed_over = |plans: &str| {
        let lines = plans.lines().filter_map(|line| line.split_once("Rows Removed by Filter: "));
        lines.map(|(_, rows)| rows.trim().parse::<u32>().unwrap()).max().unwrap_or_default()
    };
    capture();
    walk(&repository, || {
        let plans = capture();
        assert!(passed_over(&plans) < 20_000, "{plans}");
    });
    streams_within_bounds(&storage);
}

/// The server sends all rooms to a client that reads in bursts, and grows by less than 64 MiB.
fn streams_within_bounds(storage: &Storage) {
    let server = Server::over(storage);
    let before = server.resident_kib();
    let mut stream = TcpStream::connect(server.address()).unwrap();
    let request = b"GET /rooms.ndjson HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    stream.write_all(request).unwrap();
    let (mut rooms, mut reads) = (0, 0);
    let mut buffer = vec![0; 1 << 20];
    loop {
        let length = stream.read(&mut buffer).unwrap();
        if length == 0 {
            break;
        }
        rooms += String::from_utf8_lossy(&buffer[..length]).matches("}\n").count();
        reads += 1;
        if reads % 50 == 0 {
            thread::sleep(Duration::from_millis(50));
        }
    }
    // One that stands across two reads, or two chunks, is not seen here.
    assert!((995_000..=1_000_000).contains(&rooms), "{rooms}");
    assert!(String::from_utf8_lossy(&buffer).contains("0\r\n\r\n"), "it has no end");
    let growth = server.peak_resident_kib() - before;
    assert!(growth < 64 * 1024, "{growth} KiB");
}

thread_local! {
    /// The queries of this thread.
    static QUERIES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

struct Recorder;

impl Instrumentation for Recorder {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            QUERIES.with_borrow_mut(|queries| queries.push(query.to_string()));
        }
    }
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[test]
fn sqlite_finds_every_page_by_an_index() {
    let storage = Storage::sqlite();
    let path = storage.url().strip_prefix("sqlite:").unwrap().to_owned();
    set_default_instrumentation(|| Some(Box::new(Recorder))).unwrap();
    let repository = filled(&storage);
    let mut connection = SqliteConnection::establish(&path).unwrap();
    let mut capture = || {
        let queries = QUERIES.take();
        let rooms = queries.iter().filter(|query| query.contains("FROM `room` "));
        let plans = rooms.map(|query| {
            let (sql, _) = query.split_once(" -- binds").unwrap();
            // SQLite plans by the limit's value. The functions are the repository's own; others with as
            // many arguments take their place.
            let sql = sql.replace("LIMIT ?", "LIMIT 21").replace("great_circle_distance", "max");
            let sql = sql.replace("in_time", "random");
            let steps: Vec<Step> =
                sql_query(format!("EXPLAIN QUERY PLAN {sql}")).load(&mut connection).unwrap();
            steps.into_iter().map(|step| step.detail).collect::<Vec<_>>().join("\n")
        });
        let plans = plans.collect::<Vec<_>>().join("\n");
        QUERIES.take();
        plans
    };
    for (parameters, index) in LISTS {
        let (first, next) = two_pages(&repository, parameters, &mut capture);
        let found = match index {
            // The table itself is in that order.
            "primary key" => first == "SCAN room",
            "code" => first.contains("USING INDEX sqlite_autoindex_room"),
            "room_place" => first.contains("room_place VIRTUAL TABLE INDEX"),
            index => first.contains(&format!("USING INDEX {index}")),
        };
        assert!(found, "{parameters:?} without {index}: {first}");
        // It goes on at a place in an index, and does not begin again.
        let is_read_from_its_start =
            next.lines().any(|step| format!("{step} ").starts_with("SCAN room "));
        assert!(!is_read_from_its_start, "{parameters:?}: {next}");
    }
    streams_within_bounds(&storage);
}
