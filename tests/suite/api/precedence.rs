//! Which error a client gets for a request that is wrong in several ways.
//!
//! Each test lists the faults that a request can have, in the order of their precedence. For every two of
//! them, and for each together with all that follow it, a request with those faults is sent, and must be
//! answered with the error of the fault that comes first.

use crate::support::client::raw_answer;
use crate::support::owner;
use crate::support::server::Server;
use crate::support::storage::Storage;

const CODE: &str = "f853578c-fc0f-4e65-81b8-566c5dffa35a";
const ABSENT: &str = "00000000-0000-4000-8000-000000000000";
const OTHER: &str = "00000000-0000-4000-8000-000000000001";
const ROOM: &str = r#"{"size":215,"price":39,"latitude":51.75,"longitude":-0.5}"#;
const FORM: &str = "application/x-www-form-urlencoded";

/// The servers that requests go to.
struct Servers {
    /// Accepts writes; bodies have at most 1 KiB, files 1 MiB.
    writable: Server,
    /// Has no token, so that nobody can write.
    read_only: Server,
    /// The cookie of a session on the writable server.
    session: String,
}

impl Servers {
    fn start() -> Self {
        let limits = [
            owner::WRITES,
            ("RENTOMATIC_SERVER__MAX_BODY_KIB", "1"),
            ("RENTOMATIC_SERVER__MAX_IMPORT_MIB", "1"),
        ];
        let writable = Server::start("memory:", &["--sample-data"], &limits);
        let session = owner::session(&writable.client());
        Self { writable, read_only: Server::with_sample_rooms(&Storage::Memory), session }
    }
}

#[derive(Clone)]
struct Request {
    is_read_only: bool,
    method: &'static str,
    path: String,
    query: Vec<String>,
    headers: Vec<(&'static str, String)>,
    body: String,
    /// Bytes that the head announces in addition to those of the body, and that are not sent.
    announced: usize,
}

impl Request {
    fn of(method: &'static str, path: &str) -> Self {
        Self {
            is_read_only: false,
            method,
            path: path.to_owned(),
            query: Vec::new(),
            headers: Vec::new(),
            body: String::new(),
            announced: 0,
        }
    }

    /// A request by the owner, with the token.
    fn by_owner(method: &'static str, path: &str) -> Self {
        Self::of(method, path).with("authorization", &owner::bearer())
    }

    /// A request by the owner's browser, from one of the server's own pages.
    fn by_browser(servers: &Servers, method: &'static str, path: &str) -> Self {
        Self::of(method, path)
            .with("cookie", &servers.session)
            .with("sec-fetch-site", "same-origin")
    }

    fn with(mut self, header: &'static str, value: &str) -> Self {
        self.set(header, value);
        self
    }

    fn body(mut self, media_type: &str, body: &str) -> Self {
        body.clone_into(&mut self.body);
        self.with("content-type", media_type)
    }

    fn set(&mut self, header: &'static str, value: &str) {
        self.remove(header);
        self.headers.push((header, value.to_owned()));
    }

    fn remove(&mut self, header: &str) {
        self.headers.retain(|(name, _)| *name != header);
    }

    /// Sends it; returns the status and the body of the answer.
    fn send(&self, servers: &Servers) -> (u16, String) {
        let mark = if self.query.is_empty() { "" } else { "?" };
        let target = format!("{}{mark}{}", self.path, self.query.join("&"));
        let mut lines = vec![format!("{} {target} HTTP/1.1", self.method), "host: x".to_owned()];
        // Nobody has used up the log-ins of this address.
        lines.push(format!("x-forwarded-for: {}", owner::new_address()));
        lines.extend(self.headers.iter().map(|(name, value)| format!("{name}: {value}")));
        let length = self.body.len() + self.announced;
        if length > 0 {
            lines.push(format!("content-length: {length}"));
        }
        let request = format!("{}\r\n\r\n{}", lines.join("\r\n"), self.body);
        let server = if self.is_read_only { &servers.read_only } else { &servers.writable };
        let (head, body) = raw_answer(server.address(), request.as_bytes());
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        (status.unwrap_or_else(|| panic!("{request}: {head}")), body)
    }
}

/// Something that is wrong with a request.
struct Fault {
    name: &'static str,
    /// The status of the answer, and a part of its body that tells this fault from others with the same
    /// status.
    answer: (u16, &'static str),
    add_to: fn(&mut Request),
}

const fn fault(
    name: &'static str,
    status: u16,
    part: &'static str,
    add_to: fn(&mut Request),
) -> Fault {
    Fault { name, answer: (status, part), add_to }
}

// Faults that are found before a handler runs.

const LONG_URI: Fault = fault("a long URI", 414, "8192", |request| {
    request.query.push(format!("x={}", "9".repeat(10_000)));
});
const ENCODING: Fault = fault("Accept-Encoding", 406, "Accept-Encoding:", |request| {
    request.set("accept-encoding", "br, identity;q=0");
});
const PATH: Fault = fault("an unknown path", 404, "at this path", |request| {
    request.path = String::from("/rooms/a/b");
});
const METHOD: Fault = fault("the method", 405, "", |request| request.method = "PURGE");

const OUTER: [&Fault; 4] = [&LONG_URI, &ENCODING, &PATH, &METHOD];

// Faults of who sends the request.

const READ_ONLY: Fault = fault("writes that are off", 403, "writes.admin_token", |request| {
    request.is_read_only = true;
});
const WRONG_TOKEN: Fault = fault("a wrong token", 401, "", |request| {
    request.set("authorization", "Bearer 1f8fad5bd9cb469fa16570867728950e");
});
const NO_TOKEN: Fault = fault("no token", 401, "Authorization: Bearer", |request| {
    request.remove("authorization");
});
const NO_SESSION: Fault = fault("no session", 401, "", |request| request.remove("cookie"));
const CROSS_SITE: Fault = fault("another site", 403, "site", |request| {
    request.set("sec-fetch-site", "cross-site");
});

// Faults of the address and of what is accepted.

const ACCEPT: Fault = fault("Accept", 406, "application/geo+json", |request| {
    request.set("accept", "image/png");
});
const SUFFIX: Fault = fault("the suffix", 404, ".geojson", |request| {
    request.path = request.path.replace(".json", ".xml");
});
const BAD_CODE: Fault = fault("a bad code", 404, "There is no such room", |request| {
    request.path = request.path.replace(CODE, "f853578").replace(ABSENT, "f853578");
});
const QUERY: Fault = fault("the query", 400, r#""parameter":"filter_price__lt""#, |request| {
    request.query.push("filter_price__lt=cheap".to_owned());
});
const CURSOR: Fault = fault("the cursor", 400, r#""parameter":"cursor""#, |request| {
    request.query.push("cursor=x".to_owned());
});

// Faults of the body.

const MEDIA_TYPE: Fault = fault("the media type", 415, "", |request| {
    request.set("content-type", "image/png");
});
const LONG_BODY: Fault = fault("a long body", 413, "1024 bytes", |request| {
    request.announced = 2_000;
});
const LONG_FILE: Fault = fault("a long file", 413, "bytes", |request| {
    // More than the file, the other fields of a form and their boundaries may have.
    request.announced = (1 << 20) + (1 << 13);
});
const SYNTAX: Fault = fault("the syntax", 400, "write one JSON object", |request| {
    request.body = String::from("{");
});
const FIELD: Fault = fault("a field", 400, r#""parameter":"price""#, |request| {
    request.body = request.body.replace(r#""price":39"#, r#""price":-1"#);
});
const OTHER_CODE: Fault = fault("another code", 400, "the path has the code", |request| {
    request.body = request.body.replace('{', &format!(r#"{{"code":"{OTHER}","#));
});
const ROW: Fault = fault("a row", 400, "cheap", |request| {
    request.body = request.body.replace(",39,", ",cheap,");
});
const TYPED: Fault = fault("a field", 400, "price-error-1", |request| {
    request.body = request.body.replace("price=39", "price=cheap");
});

// Faults that depend on the rooms.

const IF_MATCH: Fault = fault("If-Match", 400, "If-Match:", |request| {
    request.set("if-match", "nonsense");
});
const IF_NONE_MATCH: Fault = fault("If-None-Match", 400, "If-None-Match:", |request| {
    request.set("if-none-match", "nonsense");
});
const PRECONDITION: Fault = fault("the precondition", 412, "", |request| {
    request.set("if-match", r#""another""#);
    request.set("if-none-match", "*");
});
const OLD_VERSION: Fault = fault("an old version", 412, "else changed this room", |request| {
    request.body = request.body.replace("version=", "version=0");
});
const TAKEN_CODE: Fault = fault("a code that is taken", 409, "room with th", |request| {
    if request.body.starts_with('{') {
        request.body = request.body.replace('{', &format!(r#"{{"code":"{CODE}","#));
    } else {
        request.body = format!("{}&code={CODE}", request.body);
    }
});
const ABSENT_ROOM: Fault = fault("an absent room", 404, "There is no room with", |request| {
    request.path = request.path.replace(CODE, ABSENT);
});

/// Sends the request with all combinations of faults, which must change no room; then alone, which must
/// succeed.
fn check(servers: &Servers, right: &Request, faults: &[&[&Fault]]) {
    let name = format!("{} {}", right.method, right.path);
    let faults = faults.concat();
    let before = servers.writable.get("/rooms").body;
    let is_refused_for_the_first = |wrong: &[&Fault]| {
        let mut request = right.clone();
        // The first fault is added last: it stays where a later one is about the same part.
        for fault in wrong.iter().rev() {
            (fault.add_to)(&mut request);
        }
        let (status, body) = request.send(servers);
        let names = wrong.iter().map(|fault| fault.name).collect::<Vec<_>>().join(" and ");
        let (expected, part) = wrong[0].answer;
        assert_eq!(status, expected, "{name}, wrong in {names}: {body}");
        if right.method != "HEAD" {
            assert!(body.contains(part), "{name}, wrong in {names}: no {part:?} in {body}");
        }
    };
    for (at, first) in faults.iter().enumerate() {
        is_refused_for_the_first(&[first]);
        is_refused_for_the_first(&faults[at..]);
        for second in &faults[at + 1..] {
            is_refused_for_the_first(&[first, second]);
        }
    }
    assert_eq!(servers.writable.get("/rooms").body, before, "{name}: an error changed a room");
    let (status, body) = right.send(servers);
    assert!((200..400).contains(&status), "{name}: {status} {body}");
}

#[test]
fn a_read_reports_the_accepted_formats_first_then_the_address_then_the_query() {
    let servers = Servers::start();
    for method in ["GET", "HEAD"] {
        // No error is hidden by the client's having the newest answer.
        let read = |path: &str| Request::of(method, path).with("if-none-match", "*");
        check(&servers, &read("/rooms"), &[&OUTER, &[&ACCEPT, &QUERY, &CURSOR]]);
        let room = read(&format!("/rooms/{CODE}"));
        check(&servers, &room, &[&OUTER, &[&ACCEPT, &BAD_CODE]]);
        check(&servers, &room, &[&OUTER, &[&ACCEPT, &ABSENT_ROOM]]);
        // A suffix counts in place of Accept.
        let list = read("/rooms.json").with("accept", "image/png");
        check(&servers, &list, &[&OUTER, &[&SUFFIX, &QUERY, &CURSOR]]);
        let room = read(&format!("/rooms/{CODE}.json")).with("accept", "image/png");
        check(&servers, &room, &[&OUTER, &[&SUFFIX, &ABSENT_ROOM]]);
    }
}

#[test]
fn a_write_reports_the_token_first_then_the_address_then_the_body_then_the_room() {
    let servers = Servers::start();
    let room_path = format!("/rooms/{CODE}");
    let token = [&READ_ONLY, &WRONG_TOKEN, &NO_TOKEN];
    let body = [&MEDIA_TYPE, &LONG_BODY, &SYNTAX, &FIELD];
    let condition = [&IF_MATCH, &IF_NONE_MATCH, &PRECONDITION];

    let post = Request::by_owner("POST", "/rooms").body("application/json", ROOM);
    check(&servers, &post, &[&OUTER, &token, &[&ACCEPT], &body, &[&TAKEN_CODE]]);

    let put = Request::by_owner("PUT", &room_path).body("application/json", ROOM);
    let address = [&ACCEPT, &BAD_CODE];
    check(&servers, &put, &[&OUTER, &token, &address, &body, &[&OTHER_CODE], &condition]);

    let patch = Request::by_owner("PATCH", &room_path).body("application/merge-patch+json", ROOM);
    let room = [&IF_MATCH, &IF_NONE_MATCH, &PRECONDITION, &ABSENT_ROOM];
    check(&servers, &patch, &[&OUTER, &token, &address, &body, &[&OTHER_CODE], &room]);

    // The answer to a removal has no body, so that Accept does not count.
    let delete = Request::by_owner("DELETE", &room_path).with("accept", "image/png");
    check(&servers, &delete, &[&OUTER, &token, &[&BAD_CODE], &room]);
}

#[test]
fn a_write_with_a_session_reports_the_other_site_before_the_rest() {
    let servers = Servers::start();
    let path = format!("/rooms/{CODE}");
    // A token counts before a session.
    let sender = [&READ_ONLY, &WRONG_TOKEN, &NO_SESSION, &CROSS_SITE];
    let write = |method, path: &str| {
        Request::by_browser(&servers, method, path).body("application/json", ROOM)
    };
    check(&servers, &write("POST", "/rooms"), &[&OUTER, &sender, &[&ACCEPT, &MEDIA_TYPE]]);
    check(&servers, &write("PUT", &path), &[&OUTER, &sender, &[&ACCEPT, &BAD_CODE]]);
    check(&servers, &write("PATCH", &path), &[&OUTER, &sender, &[&ACCEPT, &BAD_CODE]]);
    check(&servers, &write("DELETE", &path), &[&OUTER, &sender, &[&BAD_CODE, &IF_MATCH]]);
}

#[test]
fn an_import_reports_the_sender_first_then_the_format_then_the_query_then_the_file() {
    const CHOICE: Fault = fault("on_conflict", 400, "refuse, skip, replace", |request| {
        request.query.push("on_conflict=merge".to_owned());
    });
    const NO_MEDIA_TYPE: Fault = fault("no media type", 415, "text/csv", |request| {
        request.remove("content-type");
    });
    let servers = Servers::start();
    let file = "size,price,latitude,longitude\n215,39,51.75,-0.5\n";
    let content = [&NO_MEDIA_TYPE, &MEDIA_TYPE, &CHOICE, &LONG_FILE, &ROW];
    // The report is JSON, whatever the client accepts.
    let by_token = Request::by_owner("POST", "/rooms/import").with("accept", "image/png");
    let by_token = by_token.body("text/csv", file);
    check(&servers, &by_token, &[&OUTER, &[&READ_ONLY, &WRONG_TOKEN, &NO_TOKEN], &content]);
    let by_session = Request::by_browser(&servers, "POST", "/rooms/import").body("text/csv", file);
    let sender = [&READ_ONLY, &WRONG_TOKEN, &NO_SESSION, &CROSS_SITE];
    check(&servers, &by_session, &[&OUTER, &sender, &content]);
}

#[test]
fn an_import_by_the_form_reports_the_sender_first_then_the_form_then_the_file() {
    const BOUNDARY: Fault = fault("the boundary", 400, "body: ", |request| {
        request.set("content-type", "multipart/form-data");
    });
    const CHOICE: Fault = fault("on_conflict", 400, "refuse, skip, replace", |request| {
        request.body = request.body.replace("\r\nrefuse\r\n", "\r\nmerge\r\n");
    });
    const FILE_NAME: Fault =
        fault("the file's name", 400, "Choose a file whose name ends with .csv", |request| {
            request.body = request.body.replace("rooms.csv", "rooms.xlsx");
        });
    let servers = Servers::start();
    let form = "--x\r\ncontent-disposition: form-data; name=\"on_conflict\"\r\n\r\nrefuse\r\n\
                --x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"rooms.csv\"\r\n\r\n\
                size,price,latitude,longitude\n215,39,51.75,-0.5\n\r\n--x--\r\n";
    let import = Request::by_browser(&servers, "POST", "/rooms/import")
        .body("multipart/form-data; boundary=x", form);
    let sender = [&READ_ONLY, &WRONG_TOKEN, &NO_SESSION, &CROSS_SITE];
    let content = [&LONG_FILE, &BOUNDARY, &CHOICE, &FILE_NAME, &ROW];
    check(&servers, &import, &[&OUTER, &sender, &content]);
}

/// A form that comes without a session is shown again with what was typed. So it is read before it is
/// refused, and what cannot be read is reported first.
#[test]
fn a_form_reports_the_other_site_first_then_the_body_then_the_session_then_the_fields() {
    let servers = Servers::start();
    let fields = "size=215&price=39&latitude=51.75&longitude=-0.5";
    let unread = [&MEDIA_TYPE, &LONG_BODY];
    let sender = [&WRONG_TOKEN, &NO_SESSION];

    let add = Request::by_browser(&servers, "POST", "/rooms/add").body(FORM, fields);
    let typed = [&TYPED, &TAKEN_CODE];
    check(&servers, &add, &[&OUTER, &[&READ_ONLY], &unread, &sender, &typed]);
    check(&servers, &add, &[&OUTER, &[&READ_ONLY, &CROSS_SITE], &unread, &typed]);

    let path = format!("/rooms/{CODE}/change");
    let change = Request::by_browser(&servers, "POST", &path)
        .body(FORM, &format!("version={}&{fields}", version(&servers)));
    let typed = [&TYPED, &ABSENT_ROOM, &OLD_VERSION];
    let entry = [&BAD_CODE, &READ_ONLY];
    check(&servers, &change, &[&OUTER, &entry, &unread, &sender, &typed]);
    let change = Request::by_browser(&servers, "POST", &path)
        .body(FORM, &format!("version={}&{fields}", version(&servers)));
    check(&servers, &change, &[&OUTER, &entry, &[&CROSS_SITE], &unread, &typed]);

    // Nothing is typed to remove a room, so that nothing is lost if the sender is refused first.
    let remove = Request::by_browser(&servers, "POST", &format!("/rooms/{CODE}/remove"))
        .body(FORM, &format!("version={}", version(&servers)));
    let sender = [&READ_ONLY, &WRONG_TOKEN, &NO_SESSION, &CROSS_SITE, &BAD_CODE];
    check(&servers, &remove, &[&OUTER, &sender, &unread, &[&ABSENT_ROOM, &OLD_VERSION]]);
}

/// The state of the room, as the form to change it has it.
fn version(servers: &Servers) -> String {
    let headers = [("cookie", servers.session.as_str())];
    let path = format!("/rooms/{CODE}/change");
    let page = servers.writable.client().ask("GET", &path, &headers).body;
    let (_, rest) = page.split_once("name=\"version\" value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[test]
fn the_page_of_a_form_asks_for_the_log_in_before_it_looks_for_the_room() {
    const LOG_IN: Fault = fault("no session", 303, "", |request| request.remove("cookie"));
    let servers = Servers::start();
    for action in ["change", "remove"] {
        let path = format!("/rooms/{CODE}/{action}");
        let page = Request::by_browser(&servers, "GET", &path);
        for room in [&BAD_CODE, &ABSENT_ROOM] {
            check(&servers, &page, &[&OUTER, &[&READ_ONLY, &LOG_IN, room]]);
        }
    }
}

#[test]
fn a_log_in_reports_the_other_site_first_then_the_body_then_the_token() {
    const TOKEN: Fault = fault("the token", 401, "token-error", |request| {
        request.body = request.body.replace("token=0", "token=1");
    });
    let servers = Servers::start();
    let log_in = Request::by_browser(&servers, "POST", "/log-in")
        .body(FORM, &format!("token={}", owner::TOKEN));
    let faults = [&CROSS_SITE, &READ_ONLY, &MEDIA_TYPE, &LONG_BODY, &TOKEN];
    check(&servers, &log_in, &[&OUTER, &faults]);
}
