//! One look at the page with a real browser.

use std::process::Command;

use crate::support::component::program;
use crate::support::server::Server;
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
        for cell in ["215 m²", "405 m²", "56 m²", "93 m²", "39 €", "66 €", "60 €", "48 €"]
        {
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
    assert!(dom.contains("<h1>Invalid parameters</h1>"), "{dom}");
    assert!(dom.contains("Value \"cheap\" of price__lt cannot be used"), "{dom}");
}

#[test]
fn a_browser_shows_the_documents_operations() {
    let server = Server::over(&Storage::Memory);
    let Some(dom) = dom(&format!("http://{}/docs", server.address())) else { return };
    for text in ["List rooms, in the format that Accept asks for", "Show one room", "OAS 3.1"] {
        assert!(dom.contains(text), "{text} is not in {dom}");
    }
    let log = server.log_with("path=/openapi.json status=200");
    assert!(!log.contains("status=4") && !log.contains("status=5"), "{log}");
}
