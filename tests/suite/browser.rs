//! The pages in a real browser.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::Command;
use std::sync::mpsc;
use std::thread;

use crate::support::chromium::Chromium;
use crate::support::component::program;
use crate::support::server::{PATIENCE, Server};
use crate::support::stdout;
use crate::support::storage::Storage;

/// The page as Chromium has it once it is loaded.
fn dom(url: &str) -> Option<String> {
    let chromium = program("Chromium", &["chromium", "chromium-browser", "google-chrome"])?;
    let profile = tempfile::tempdir().unwrap();
    let dom = stdout(
        Command::new(chromium)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-sync"])
            .args(["--disable-background-networking", "--disable-component-update"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .args(["--virtual-time-budget=10000", "--dump-dom", url]),
    );
    Some(dom)
}

#[test]
fn a_browser_shows_the_four_rooms() {
    for storage in Storage::databases() {
        let server = Server::with_sample_rooms(&storage);
        // From the root, as one would type it.
        let Some(dom) = dom(&format!("http://{}/", server.address())) else { return };
        assert!(dom.contains("<title>Rooms · rentomatic</title>"), "{dom}");
        assert_eq!(dom.matches("<tr ").count(), 5, "{dom}");
        for cell in ["215 m²", "405 m²", "56 m²", "93 m²", "€39", "€66", "€60", "€48"] {
            assert!(dom.contains(&format!(">{cell}</td>")), "{cell} is not in {dom}");
        }
        // The policy lets the page have what it asks for, and it asks for nothing that is not there.
        let log = server.log_with("path=/assets/rentomatic.css status=200");
        assert!(!log.contains("status=4") && !log.contains("status=5"), "{log}");
    }
}

#[test]
fn a_browser_shows_an_error_as_a_page() {
    let server = Server::with_sample_rooms(&Storage::Memory);
    let url = format!("http://{}/rooms?filter_price__lt=cheap", server.address());
    let Some(dom) = dom(&url) else { return };
    assert!(dom.contains("<h1>There is a problem with your search</h1>"), "{dom}");
    assert!(dom.contains("Value \"cheap\" of price__lt cannot be used"), "{dom}");
}

#[test]
fn a_browser_shows_the_documents_operations() {
    let server = Server::over(&Storage::Memory);
    let Some(dom) = dom(&format!("http://{}/docs", server.address())) else { return };
    for text in ["List rooms, in the format that Accept selects", "Show one room", "OAS 3.1"] {
        assert!(dom.contains(text), "{text} is not in {dom}");
    }
    let log = server.log_with("path=/openapi.json status=200");
    assert!(!log.contains("status=4") && !log.contains("status=5"), "{log}");
}

const TOKEN: &str = "0f8fad5bd9cb469fa16570867728950e";

/// The prices in the table, from the top.
fn prices(browser: &Chromium) -> Vec<String> {
    browser.texts("tbody td:nth-of-type(2)")
}

#[test]
fn the_owner_can_do_everything_in_a_browser() {
    let storage = Storage::databases().next().unwrap();
    let token = [("RENTOMATIC_WRITES__ADMIN_TOKEN", TOKEN)];
    let server = Server::start(&storage.url(), &["--sample-data"], &token);
    let Some(browser) = Chromium::start("owner") else { return };
    browser.open(&format!("http://{}/", server.address()));
    assert_eq!(prices(&browser), ["€39", "€66", "€60", "€48"]);
    browser.look("01-rooms");

    // To the form, by way of the log-in, which refuses a wrong token.
    browser.click("nav a[href='/log-in']");
    browser.look("02-log-in");
    browser.fill("token", "not the token");
    browser.click("main button");
    assert!(browser.text().contains("This token is not right"), "{}", browser.text());
    browser.look("03-log-in-refused");
    browser.fill("token", TOKEN);
    browser.click("main button");
    assert_eq!(browser.path(), "/rooms");
    browser.click("nav a[href='/rooms/add']");
    browser.look("04-add");

    // A mistake, mended; what was right need not be typed again.
    browser.fill("size", "12");
    browser.fill("price", "cheap");
    browser.fill("latitude", "51.5");
    browser.fill("longitude", "-0.12");
    browser.click("main button");
    assert!(browser.texts(".error")[0].contains("write a whole number"), "{}", browser.text());
    assert_eq!((browser.value("price"), browser.value("size")), ("cheap".into(), "12".into()));
    browser.look("05-mistake");
    browser.fill("price", "50");
    browser.click("main button");
    assert!(browser.text().contains("€50"), "{}", browser.text());
    browser.look("06-added");
    let room = browser.path();

    // Filter and sort.
    browser.click_text("See all rooms");
    browser.press("summary");
    browser.look("07-filter");
    browser.fill("filter_price__lte", "60");
    browser.fill("place", "51.5, 0");
    browser.fill("within", "40");
    browser.click_text("Search");
    assert_eq!(browser.path(), "/rooms?filter_price__lte=60&near=51.5,0&radius=40000");
    assert_eq!(prices(&browser), ["€50", "€60", "€48", "€39"]);
    assert_eq!((browser.value("place"), browser.value("within")), ("51.5,0".into(), "40".into()));
    browser.look("08-nearest");
    // The heading, which a telephone has not: there, the form has the orders.
    browser.click("thead a[href*='sort=price']");
    assert_eq!(prices(&browser), ["€39", "€48", "€50", "€60"]);
    assert_eq!(browser.texts("th[aria-sort=ascending]").len(), 1);
    browser.choose("sort", "Highest price first");
    browser.click_text("Search");
    assert_eq!(prices(&browser), ["€60", "€50", "€48", "€39"]);
    browser.look("09-dearest");
    browser.fill("within", "far");
    browser.click_text("Search");
    assert_eq!(browser.value("within"), "far");
    assert!(browser.text().contains("Enter a distance"), "{}", browser.text());
    browser.look("10-bad-filter");
    browser.fill("place", "Frankfurt");
    browser.fill("within", "500 m");
    browser.click_text("Search");
    assert!(browser.text().contains("Which Frankfurt?"), "{}", browser.text());
    browser.look("10-which");
    browser.click_text("Frankfurt am Main, Hesse, Germany");
    assert_eq!(browser.value("place"), "Frankfurt am Main");
    assert!(browser.text().contains("0 rooms within 500 m of Frankfurt am Main"));
    browser.fill("place", "51.5, 0");
    browser.fill("within", "1 m");
    browser.click_text("Search");
    assert!(browser.text().contains("No rooms match your filters"), "{}", browser.text());
    browser.look("11-none");

    // A point of the map is a link.
    browser.click_text("Clear all filters");
    browser.click(&format!("svg a[href='{room}']"));
    assert_eq!(browser.path(), room);

    // Change and remove, which asks first.
    browser.click_text("Edit");
    browser.look("12-change");
    browser.fill("price", "55");
    browser.click("main button");
    assert!(browser.text().contains("€55"), "{}", browser.text());
    browser.click_text("Delete");
    browser.look("13-remove");
    assert_eq!(server.get(&room).status, 200);
    browser.click_text("Delete room");
    assert_eq!((browser.path().as_str(), prices(&browser).len()), ("/rooms", 4));
    assert_eq!(server.get(&room).status, 404);

    import(&browser);

    // The other button first, which ends the session as well.
    browser.click("nav form[action='/log-out-everywhere'] button");
    assert_eq!(browser.path(), "/rooms");
    assert_eq!(browser.texts("nav a[href='/log-in']").len(), 1);
    browser.click("nav a[href='/log-in']");
    browser.fill("token", TOKEN);
    browser.click("main button");
    browser.click("nav form[action='/log-out'] button");
    assert_eq!(browser.path(), "/rooms");
    assert_eq!(browser.texts("nav a[href='/log-in']").len(), 1);
    browser.open(&format!("http://{}/nowhere", server.address()));
    browser.look("18-not-found");
    assert_eq!(browser.complaints(), [""; 0]);
}

/// Names as long as they can be, and the owner's own words.
#[test]
fn a_visitor_reads_names_and_finds_whom_to_ask() {
    let settings = [
        ("RENTOMATIC_WRITES__ADMIN_TOKEN", TOKEN),
        ("RENTOMATIC_SITE__TITLE", "Zimmer in Berlin"),
        ("RENTOMATIC_SITE__INTRO", "Furnished rooms\nfor a few weeks or longer"),
        ("RENTOMATIC_SITE__CONTACT", "mailto:me@rooms.example?subject=About {name}"),
    ];
    let server = Server::start(&Storage::Memory.url(), &["--sample-data"], &settings);
    let Some(browser) = Chromium::start("visitor") else { return };
    browser.open(&format!("http://{}/log-in", server.address()));
    browser.fill("token", TOKEN);
    browser.click("main button");
    let names = [
        "Attic with a balcony",
        &"W".repeat(120),
        "Room at the garden, two minutes from the station",
    ];
    for (room, name) in (1..).zip(names) {
        browser.click(&format!("tbody tr:nth-of-type({room}) a"));
        browser.click_text("Edit");
        browser.fill("name", name);
        browser.fill("description", "Bright and quiet.\nKitchen and bath are shared.");
        browser.look("20-describe");
        browser.click("main button");
        assert_eq!(browser.texts("h1"), [name]);
        assert_eq!(browser.texts(".lines"), ["Bright and quiet.\nKitchen and bath are shared."]);
        browser.look(&format!("21-described-{room}"));
        browser.click_text("See all rooms");
    }
    assert_eq!(browser.texts("tbody tr:nth-of-type(-n+3) th a:first-of-type"), names);
    assert_eq!(browser.texts(".lines"), ["Furnished rooms\nfor a few weeks or longer"]);
    assert_eq!(browser.texts("a.button").len(), 4);
    browser.look("22-named");
    browser.click("a.home");
    browser.click_text("Attic");
    let link = browser.run("return document.querySelector('a.button').href");
    assert_eq!(link, "mailto:me@rooms.example?subject=About%20Attic%20with%20a%20balcony");
    assert_eq!(browser.complaints(), [""; 0]);
}

/// A file of many rooms, with a mistake first.
fn import(browser: &Chromium) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rooms.csv");
    let rows = |price: &str| {
        let rows = (0..1_000).map(|row| format!("{row},{price},51.{row:03},-0.{row:03}\n"));
        ["size,price,latitude,longitude\n", &rows.skip(1).collect::<String>()].concat()
    };
    browser.click("nav a[href='/rooms/import']");
    browser.look("14-import");
    std::fs::write(&file, rows("free")).unwrap();
    browser.choose("file", file.to_str().unwrap());
    browser.click("main button");
    assert!(browser.text().contains("And 899 more mistakes"), "{}", browser.text());
    browser.look("15-bad-rows");
    std::fs::write(&file, rows("20")).unwrap();
    browser.choose("file", file.to_str().unwrap());
    browser.click("main button");
    assert!(browser.text().contains("999 rooms added"), "{}", browser.text());
    browser.look("16-imported");
    browser.click_text("See the rooms");
    assert!(browser.text().contains("100 of 1,003 rooms"), "{}", browser.text());
    browser.look("17-many");
    browser.click_text("Next page");
    assert_eq!(browser.texts("tbody tr").len(), 100);
}

/// Tiles come from the server that is set, and from no other.
/// A server of tiles, as other sites have them. Returns its address, and the first line of each request.
fn tile_server() -> (SocketAddr, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, requests) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let head: Vec<String> = BufReader::new(&stream)
                .lines()
                .map_while(Result::ok)
                .take_while(|line| !line.is_empty())
                .collect();
            let tile = "<svg xmlns='http://www.w3.org/2000/svg' width='256' height='256'/>";
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: image/svg+xml\r\n\
                 content-length: {}\r\n\r\n{tile}",
                tile.len()
            );
            if let Some(line) = head.into_iter().next() {
                let _ = tell.send(line);
            }
        }
    });
    (address, requests)
}

#[test]
fn a_browser_lays_the_tiles_under_the_map() {
    let (address, requests) = tile_server();
    let url = format!("http://{address}/tiles/{{z}}/{{x}}/{{y}}.svg");
    let server = Server::start("memory:", &[], &[("RENTOMATIC_MAP__TILE_URL", url.as_str())]);
    let Some(browser) = Chromium::start("tiles") else { return };
    browser.open(&format!("http://{}/rooms", server.address()));
    let request = requests.recv_timeout(PATIENCE).unwrap();
    assert!(request.starts_with("GET /tiles/"), "{request}");
    assert!(browser.text().contains("OpenStreetMap contributors"), "{}", browser.text());
    browser.look("tiles");
    assert_eq!(browser.complaints(), [""; 0]);
}
