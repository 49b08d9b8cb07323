//! The owner's pages: logging in and out, and the forms.

use crate::support::client::{Answer, raw};
use crate::support::owner::{self, TOKEN};
use crate::support::server::Server;
use crate::support::storage::Storage;

const CODE: &str = "f853578c-fc0f-4e65-81b8-566c5dffa35a";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// A browser's request with a form, from a page of the server's own.
pub fn post(server: &Server, session: &str, path: &str, form: &str) -> Answer {
    let headers =
        [FORM, ("accept", "text/html"), ("cookie", session), ("sec-fetch-site", "same-origin")];
    server.client().send("POST", path, &headers, form.as_bytes())
}

pub fn page(server: &Server, session: &str, path: &str) -> Answer {
    server.client().ask("GET", path, &[("accept", "text/html"), ("cookie", session)])
}

pub fn log_in(server: &Server) -> String {
    let answer = owner::log_in(&server.client(), TOKEN, "/rooms/add");
    assert_eq!((answer.status, answer.header("location")), (303, "/rooms/add"), "{}", answer.body);
    let cookie = answer.header("set-cookie");
    assert!(cookie.contains("; HttpOnly; SameSite=Strict"), "{cookie}");
    assert!(!cookie.contains(TOKEN), "{cookie}");
    cookie.split(';').next().unwrap().to_owned()
}

fn version_in(page: &Answer) -> String {
    let (_, rest) = page.body.split_once("name=\"version\" value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[test]
fn the_owner_logs_in_and_adds_changes_and_removes_a_room() {
    for storage in Storage::all() {
        let server = Server::with_owner_and_sample_rooms(&storage);
        assert!(page(&server, "", "/rooms").body.contains("Log in</a>"));
        let first = page(&server, "", "/rooms/add");
        assert_eq!((first.status, first.header("location")), (303, "/log-in?next=/rooms/add"));
        let session = log_in(&server);
        assert!(page(&server, &session, "/rooms").body.contains("Add a room"));

        // With mistakes: each is told at its field, and nothing that was typed is lost.
        let wrong = "code=&size=12&price=cheap&latitude=51.5&longitude=200";
        let answer = post(&server, &session, "/rooms/add", wrong);
        assert_eq!(answer.status, 400);
        for text in [
            "write a whole number",
            "from -180 to 180 degrees",
            "value=\"cheap\"",
            "value=\"200\"",
            "value=\"12\"",
        ] {
            assert!(answer.body.contains(text), "{text} is not in {}", answer.body);
        }
        let right = "code=&size=12&price=30&latitude=51.5&longitude=-0.2";
        let answer = post(&server, &session, "/rooms/add", right);
        assert_eq!(answer.status, 303, "{}", answer.body);
        let room = answer.header("location").to_owned();
        assert_eq!(server.get(&room).json()["price"], 30);
        let taken = format!("{right}&code={CODE}").replace("code=&", "");
        let answer = post(&server, &session, "/rooms/add", &taken);
        assert_eq!(answer.status, 409);
        assert!(answer.body.contains("A room with this code already exists"), "{}", answer.body);

        // Two change it at once: the second gets a message, and can then replace the first change.
        let change = format!("{room}/change");
        let version = version_in(&page(&server, &session, &change));
        let form = |price: u32, version: &str| {
            format!("version={version}&size=12&price={price}&latitude=51.5&longitude=-0.2")
        };
        assert_eq!(post(&server, &session, &change, &form(31, &version)).status, 303);
        let answer = post(&server, &session, &change, &form(32, &version));
        assert_eq!((answer.status, &server.get(&room).json()["price"]), (412, &31.into()));
        assert!(answer.body.contains("price €31") && answer.body.contains("value=\"32\""));
        let version = version_in(&answer);
        assert_eq!(post(&server, &session, &change, &form(32, &version)).status, 303);
        assert_eq!(server.get(&room).json()["price"], 32);

        // Removing asks first.
        let remove = format!("{room}/remove");
        let asked = page(&server, &session, &remove);
        assert_eq!((asked.status, server.get(&room).status), (200, 200));
        assert_eq!(post(&server, &session, &remove, &format!("version={version}")).status, 412);
        let version = format!("version={}", version_in(&asked));
        assert_eq!(post(&server, &session, &remove, &version).status, 303);
        assert_eq!(server.get(&room).status, 404);

        let answer = post(&server, &session, "/log-out", "");
        assert!(answer.header("set-cookie").contains("Max-Age=0"), "{}", answer.status);
    }
}

#[test]
fn a_form_without_a_session_is_refused_with_what_was_typed() {
    let server = Server::with_owner_and_sample_rooms(&Storage::Memory);
    let typed = "size=12&price=30&latitude=51.5&longitude=-0.2";
    for path in ["/rooms/add".to_owned(), format!("/rooms/{CODE}/change")] {
        let answer = post(&server, "rentomatic_session=99999999999", &path, typed);
        assert_eq!(answer.status, 401, "{path}");
        assert!(answer.body.contains("value=\"51.5\""), "{}", answer.body);
    }
    assert_eq!(post(&server, "", &format!("/rooms/{CODE}/remove"), "").status, 401);
    assert_eq!(server.get("/rooms").codes().len(), 4);
    assert_eq!(server.get(&format!("/rooms/{CODE}")).json()["price"], 39);
}

#[test]
fn a_wrong_token_is_refused_and_never_shown() {
    let server = Server::with_owner_and_sample_rooms(&Storage::Memory);
    let wrong = TOKEN.replace('0', "1");
    let answer = owner::log_in(&server.client(), &wrong, "/rooms");
    assert_eq!((answer.status, answer.header("set-cookie")), (401, ""));
    assert!(answer.body.contains("This token is not right") && !answer.body.contains(&wrong));
    log_in(&server);
    let log = server.log_with("path=/log-in status=303");
    assert!(!log.contains(TOKEN) && !log.contains(&wrong), "{log}");
}

#[test]
fn a_page_of_another_site_can_do_nothing_with_a_session() {
    let server = Server::with_owner_and_sample_rooms(&Storage::Memory);
    let session = log_in(&server);
    let typed = "size=12&price=30&latitude=51.5&longitude=-0.2";
    for foreign in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "http://evil.example"),
        ("origin", "null"),
    ] {
        for (path, body) in [
            ("/rooms/add".to_owned(), typed.to_owned()),
            (format!("/rooms/{CODE}/change"), typed.to_owned()),
            (format!("/rooms/{CODE}/remove"), String::new()),
            ("/log-in".to_owned(), format!("token={TOKEN}")),
            ("/log-out".to_owned(), String::new()),
            ("/log-out-everywhere".to_owned(), String::new()),
        ] {
            let headers = [FORM, ("cookie", &session), foreign];
            let answer = server.client().send("POST", &path, &headers, body.as_bytes());
            assert_eq!(answer.status, 403, "{path} {foreign:?}");
            assert_eq!(answer.header("set-cookie"), "");
        }
        let headers = [("cookie", session.as_str()), foreign];
        let answer = server.client().ask("DELETE", &format!("/rooms/{CODE}"), &headers);
        assert_eq!(answer.status, 403, "{foreign:?}");
    }
    assert_eq!(server.get("/rooms").codes().len(), 4);
    assert_eq!(server.get(&format!("/rooms/{CODE}")).json()["price"], 39);
    // To look at a form changes nothing: a link on another site may lead to it.
    let headers = [("cookie", session.as_str()), ("sec-fetch-site", "same-site")];
    assert_eq!(server.client().ask("GET", "/rooms/add", &headers).status, 200);
}

#[test]
fn only_our_own_pages_may_use_a_session() {
    let server = Server::over(&Storage::Memory);
    for (origin, is_ours) in
        [("https://rooms.example:8080", true), ("http://rooms.example:8080", false)]
    {
        let headers =
            [("host", "rooms.example:8080"), ("x-forwarded-proto", "https"), ("origin", origin)];
        let status = server.client().send("POST", "/log-out", &headers, b"").status;
        assert_eq!(status, if is_ours { 303 } else { 403 }, "{origin} over HTTPS");
    }
    for (site, origin, is_ours) in [
        (None, None, true),
        (Some("same-origin"), Some("http://rooms.example:8080"), true),
        (Some("none"), None, true),
        (Some("cross-site"), None, false),
        (Some("same-site"), Some("http://rooms.example:8080"), false),
        (Some("nonsense"), None, false),
        (None, Some("http://rooms.example:8080"), true),
        (None, Some("https://rooms.example:8080"), false),
        (None, Some("http://rooms.example"), false),
        (None, Some("http://rooms.example:8081"), false),
        (None, Some("http://evil.example"), false),
        (None, Some("http://evil.example/rooms.example:8080"), false),
        (None, Some("null"), false),
        (None, Some(""), false),
    ] {
        let mut headers = vec![("host", "rooms.example:8080")];
        headers.extend(site.map(|site| ("sec-fetch-site", site)));
        headers.extend(origin.map(|origin| ("origin", origin)));
        let status = server.client().send("POST", "/log-out", &headers, b"").status;
        assert_eq!(status, if is_ours { 303 } else { 403 }, "{site:?} {origin:?}");
    }
}

#[test]
fn a_made_up_session_is_none() {
    let server = Server::with_owner(&Storage::Memory);
    let session = log_in(&server);
    assert_eq!(page(&server, &session, "/rooms/add").status, 200);
    let mut other = session.clone();
    let last = other.pop().unwrap();
    // The last character has only four bits.
    other.push(if last == 'A' { 'E' } else { 'A' });
    for made_up in [
        other.as_str(),
        "rentomatic_session=",
        "rentomatic_session=99999999999",
        "rentomatic_session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        &session.replace("rentomatic", "__Host-rentomatic"),
    ] {
        assert_eq!(page(&server, made_up, "/rooms/add").status, 303, "{made_up}");
    }
}

#[test]
fn a_session_is_for_this_site_and_scheme_only() {
    let server = Server::with_owner(&Storage::Memory);
    for (scheme, name) in [("http", "rentomatic_session"), ("https", "__Host-rentomatic_session")] {
        let forwarded = ("x-forwarded-proto", scheme);
        let send = |path: &str, form: &str| {
            let answer = server.client().send("POST", path, &[FORM, forwarded], form.as_bytes());
            answer.header("set-cookie").to_owned()
        };
        let cookies = [send("/log-in", &format!("token={TOKEN}")), send("/log-out", "")];
        for cookie in &cookies {
            assert!(cookie.starts_with(&format!("{name}=")), "{cookie}");
            assert!(cookie.contains("HttpOnly; SameSite=Strict"), "{cookie}");
            assert_eq!(cookie.contains("; Secure"), scheme == "https", "{cookie}");
            assert!(cookie.contains("; Path=/"), "{cookie}");
            assert!(!cookie.contains("Domain"), "{cookie}");
        }
        let session = cookies[0].split(';').next().unwrap();
        for asked_by in ["http", "https"] {
            let headers =
                [("accept", "text/html"), ("cookie", session), ("x-forwarded-proto", asked_by)];
            let status = server.client().ask("GET", "/rooms/add", &headers).status;
            assert_eq!(status, if asked_by == scheme { 200 } else { 303 }, "{scheme} {asked_by}");
        }
    }
}

#[test]
fn what_is_typed_comes_back_as_text_only() {
    let server = Server::with_owner_and_sample_rooms(&Storage::Memory);
    let session = log_in(&server);
    let script = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E";
    let typed = format!("code={script}&size={script}&{script}=1");
    for path in ["/rooms/add".to_owned(), format!("/rooms/{CODE}/change")] {
        let answer = post(&server, &session, &path, &typed);
        assert_eq!(answer.status, 400);
        let shown = "value=\"&#34;&#62;&#60;script&#62;alert(1)&#60;/script&#62;\"";
        assert!(answer.body.contains(shown), "{}", answer.body);
        assert!(!answer.body.contains("<script"), "{}", answer.body);
    }
    for path in [format!("/log-in?next={script}"), format!("/rooms/{script}")] {
        assert!(!page(&server, &session, &path).body.contains("<script"));
    }
}

#[test]
fn a_log_in_leads_nowhere_else_and_puts_in_no_header() {
    let server = Server::with_owner_and_sample_rooms(&Storage::Memory);
    let ours = format!("/rooms/{CODE}/change");
    for (next, target) in [
        (ours.as_str(), ours.as_str()),
        ("", "/rooms"),
        ("//evil.example", "/rooms"),
        ("https://evil.example/rooms", "/rooms"),
        ("/%5Cevil.example", "/rooms"),
        ("/rooms%5Cevil", "/rooms"),
        ("/rooms%0d%0aX-Planted:%201", "/rooms"),
        ("javascript:alert(1)", "/rooms"),
        ("/log-out", "/rooms"),
    ] {
        let answer = owner::log_in(&server.client(), TOKEN, next);
        assert_eq!((answer.status, answer.header("location")), (303, target), "{next}");
        assert_eq!(answer.header("x-planted"), "");
    }
}

#[test]
fn a_path_leads_to_no_file() {
    let server = Server::with_owner_and_sample_rooms(&Storage::Memory);
    for path in [
        "/../Cargo.toml",
        "/assets/../../Cargo.toml",
        "/assets/..%2f..%2fCargo.toml",
        "/docs/../../etc/passwd",
        "/docs/..%2f..%2f..%2fetc%2fpasswd",
        "/rooms/..%2f..%2fetc%2fpasswd",
        "/rooms/%00",
        "/docs//etc/passwd",
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        let answer = raw(server.address(), request.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
    }
}

#[test]
fn every_answer_says_what_a_browser_may_do_with_it() {
    let server = Server::with_owner_and_sample_rooms(&Storage::Memory);
    let session = log_in(&server);
    for (path, status) in [
        ("/rooms", 200),
        ("/rooms.csv", 200),
        ("/rooms/add", 200),
        ("/nothing", 404),
        ("/live", 200),
        ("/log-in", 200),
        ("/assets/rentomatic.css", 200),
        ("/openapi.json", 200),
        ("/docs/", 200),
    ] {
        for accept in ["text/html", "*/*"] {
            let headers = [("accept", accept), ("cookie", session.as_str())];
            let answer = server.client().ask("HEAD", path, &headers);
            assert_eq!(answer.status, status, "{path}");
            let policy = answer.header("content-security-policy");
            assert!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
            assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
            assert!(!policy.contains("unsafe"), "{path}: {policy}");
            assert_eq!(policy.contains("script-src 'self'"), path == "/docs/", "{path}: {policy}");
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(answer.header("referrer-policy"), "strict-origin-when-cross-origin");
        }
    }
}

#[test]
fn a_page_in_a_cache_is_not_shown_to_another_kind_of_viewer() {
    let server = Server::with_owner_and_sample_rooms(&Storage::Memory);
    let session = log_in(&server);
    let visitor = page(&server, "", "/rooms");
    let tag = visitor.header("etag");
    assert!(visitor.header("vary").contains("Cookie"));
    let ask = |cookie: &str| {
        let headers = [("accept", "text/html"), ("cookie", cookie), ("if-none-match", tag)];
        server.client().ask("GET", "/rooms", &headers).status
    };
    assert_eq!((ask(""), ask(&session)), (304, 200));
}

/// A browser's request with a file, from the form of the server's own.
fn import(server: &Server, session: &str, on_conflict: &str, name: &str, file: &[u8]) -> Answer {
    let mut body = format!(
        "--x\r\ncontent-disposition: form-data; name=\"on_conflict\"\r\n\r\n{on_conflict}\r\n--x\r\n\
         content-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         content-type: application/vnd.ms-excel\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(file);
    body.extend_from_slice(b"\r\n--x--\r\n");
    let headers = [
        ("content-type", "multipart/form-data; boundary=x"),
        ("accept", "text/html"),
        ("cookie", session),
        ("sec-fetch-site", "same-origin"),
    ];
    server.client().send("POST", "/rooms/import", &headers, &body)
}

#[test]
fn the_owner_imports_a_file() {
    for storage in Storage::all() {
        let server = Server::with_owner_and_sample_rooms(&storage);
        let first = page(&server, "", "/rooms/import");
        assert_eq!((first.status, first.header("location")), (303, "/log-in?next=/rooms/import"));
        let session = log_in(&server);
        assert_eq!(page(&server, &session, "/rooms/import").status, 200);
        let rows = "51.5,-0.1,10,20\n".repeat(1_000);
        let csv = format!("latitude,longitude,size,price\n{rows}");
        let answer = import(&server, &session, "refuse", "Rooms.CSV", csv.as_bytes());
        let done = answer.header("location");
        assert_eq!(
            (answer.status, done),
            (303, "/rooms/import?added=1000&replaced=0&skipped=0"),
            "{}",
            answer.body
        );
        let told = page(&server, &session, done).body;
        assert!(told.contains("1,000 rooms added."), "{told}");
        assert_eq!(server.get("/rooms?count=exact&limit=1").header("x-total-count"), "1004");

        // The same codes again: refused with their lines, or as was chosen.
        let file = server.get("/rooms.ndjson?filter_price__gt=20").body;
        let answer = import(&server, &session, "refuse", "rooms.ndjson", file.as_bytes());
        assert_eq!(answer.status, 400);
        for text in [">1</td>", ">4</td>", CODE, "<option value=\"refuse\" selected>"] {
            assert!(answer.body.contains(text), "{text} is not in {}", answer.body);
        }
        let answer = import(&server, &session, "skip", "rooms.ndjson", file.as_bytes());
        assert!(answer.header("location").ends_with("skipped=4"), "{}", answer.body);
        let answer = import(&server, &session, "replace", "rooms.ndjson", file.as_bytes());
        assert!(answer.header("location").contains("replaced=4"), "{}", answer.body);
    }
}

#[test]
fn what_is_wrong_with_a_file_is_told_on_its_page() {
    let server = Server::with_owner_and_sample_rooms(&Storage::Memory);
    let session = log_in(&server);
    let header = "size,price,latitude,longitude\n";
    let many = [header, &"0,1,1,1\n".repeat(102)].concat();
    let huge = [header, &"x".repeat(500_000), ",1,1,1\n"].concat();
    for (on_conflict, name, file, text) in [
        (
            "refuse",
            "a.csv",
            "size,price,latitude,longitude\n1,<b>,1,1\n",
            "<code>&#60;b&#62;</code>",
        ),
        ("refuse", "a.csv", many.as_str(), "And 2 more mistakes."),
        ("skip", "a.csv", huge.as_str(), "xxx…</code>"),
        ("refuse", "a.xlsx", header, "Save a spreadsheet as CSV"),
        (
            "refuse",
            "",
            "",
            "Choose a file whose name ends with .csv, .tsv, .txt, .ndjson, .jsonl, .json, .geojson",
        ),
        ("skip", "a.csv", "", "<option value=\"skip\" selected>"),
        ("merge", "a.csv", header, "write one of refuse, skip, replace"),
    ] {
        let answer = import(&server, &session, on_conflict, name, file.as_bytes());
        assert_eq!(answer.status, 400, "{name}");
        assert!(answer.body.contains(text), "{text} is not in {}", answer.body);
    }
    let csv = header.to_owned() + "1,1,1,1\n";
    assert_eq!(import(&server, "", "refuse", "a.csv", csv.as_bytes()).status, 401);
    // A form on another site can send a file as well.
    let headers = [
        ("content-type", "multipart/form-data; boundary=x"),
        ("cookie", session.as_str()),
        ("sec-fetch-site", "cross-site"),
    ];
    let body = format!(
        "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n{csv}\r\n--x--\r\n"
    );
    let answer = server.client().send("POST", "/rooms/import", &headers, body.as_bytes());
    assert_eq!(answer.status, 403, "{}", answer.body);
    // A body that breaks off, and one without a boundary.
    let ours = ("sec-fetch-site", "same-origin");
    let cut = [headers[0], headers[1], ours];
    let answer = server.client().send("POST", "/rooms/import", &cut, &body.as_bytes()[..90]);
    assert_eq!(answer.status, 400, "{}", answer.body);
    let bare = [("content-type", "multipart/form-data"), headers[1], ours];
    let answer = server.client().send("POST", "/rooms/import", &bare, body.as_bytes());
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert_eq!(server.get("/rooms").codes().len(), 4);
}

#[test]
fn the_form_ignores_other_columns_if_the_owner_says_so_and_shows_them() {
    let server = Server::with_owner_and_sample_rooms(&Storage::Memory);
    let session = log_in(&server);
    let long = "ä".repeat(200);
    let others: Vec<_> = (10..30).map(|number| format!("{number}{long}")).collect();
    let file = format!(
        "Size;Price;Lat;Lon;Colour <b>;{}\r\n1;2;3,5;4;red{}\r\n",
        others.join(";"),
        ";".repeat(20)
    );
    let send = |choice: &str| {
        let body = format!(
            "--x\r\ncontent-disposition: form-data; name=\"columns\"\r\n\r\n{choice}\r\n--x\r\n\
             content-disposition: form-data; name=\"file\"; filename=\"R.CSV\"\r\n\r\n{file}\r\n--x--\r\n"
        );
        let headers = [
            ("content-type", "multipart/form-data; boundary=x"),
            ("accept", "text/html"),
            ("cookie", session.as_str()),
            ("sec-fetch-site", "same-origin"),
        ];
        server.client().send("POST", "/rooms/import", &headers, body.as_bytes())
    };
    for (choice, text) in [
        ("refuse", "more than 15 names"),
        ("", "write one of refuse, ignore"),
        ("skip", "write one of refuse, ignore"),
    ] {
        let answer = send(choice);
        assert!(answer.status == 400 && answer.body.contains(text), "{choice}: {}", answer.body);
    }
    let answer = send("ignore");
    assert_eq!(answer.status, 303, "{}", answer.body);
    let done = page(&server, &session, answer.header("location"));
    assert_eq!(done.status, 200, "{}", done.body);
    for text in ["1 room added. Ignored columns: 10ääää", "…."] {
        assert!(done.body.contains(text), "{text}: {}", done.body);
    }
    assert!(!done.body.contains("<b>"), "{}", done.body);
    assert_eq!(server.get("/rooms").json()[4]["latitude"], 3.5);
}
