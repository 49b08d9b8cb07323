//! A real browser, driven as a person would use it.

use std::fs;
use std::future::Future;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::{By, ChromiumLikeCapabilities, DesiredCapabilities, WebDriver};
use tokio::runtime::Runtime;

use super::component::{left_out, program};
use super::server::PATIENCE;

/// Widths of a telephone and of a desk, in CSS pixels, with the heights that go with them.
const SIZES: [(u32, u32); 2] = [(390, 844), (1280, 800)];

/// What axe-core is asked to check: WCAG 2.2 at level AA, with all that it stands on, and its own best
/// practices.
const RULES: [&str; 6] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

pub struct Chromium {
    runtime: Runtime,
    /// It is there until the end.
    driver: Option<WebDriver>,
    process: Child,
    axe: String,
    pictures: PathBuf,
    _profile: TempDir,
}

impl Chromium {
    /// Starts one, if this machine has all it takes; it keeps its pictures in a folder of this name.
    pub fn start(name: &str) -> Option<Self> {
        let chromium = program("Chromium", &["chromium", "chromium-browser", "google-chrome"])?;
        let driver = program("chromedriver", &["chromedriver"])?;
        let axe = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/axe/axe.min.js");
        let Ok(axe) = fs::read_to_string(&axe) else {
            left_out("axe-core", &format!("there is no {}", axe.display()));
            return None;
        };
        let mut process =
            Command::new(driver).arg("--port=0").stdout(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(process.stdout.take().unwrap()).lines();
        let port = said.map_while(Result::ok).find_map(|line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            Some(port.trim_end_matches('.').to_owned())
        });
        let profile = tempfile::tempdir().unwrap();
        let mut wanted = DesiredCapabilities::chrome();
        wanted.set_binary(chromium.to_str().unwrap()).unwrap();
        for argument in [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            &format!("--user-data-dir={}", profile.path().display()),
        ] {
            wanted.add_arg(argument).unwrap();
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let address = format!("http://127.0.0.1:{}", port.unwrap());
        let driver = runtime.block_on(WebDriver::new(address, wanted)).unwrap();
        let pictures = Path::new(env!("CARGO_TARGET_TMPDIR")).join("screenshots").join(name);
        let _ = fs::remove_dir_all(&pictures);
        fs::create_dir_all(&pictures).unwrap();
        Some(Self { runtime, driver: Some(driver), process, axe, pictures, _profile: profile })
    }

    fn wait<T>(&self, what: impl Future<Output = thirtyfour::error::WebDriverResult<T>>) -> T {
        self.runtime.block_on(what).unwrap()
    }

    fn driver(&self) -> &WebDriver {
        self.driver.as_ref().unwrap()
    }

    pub fn open(&self, url: &str) {
        self.wait(self.driver().goto(url));
    }

    /// Clicks what has this selector, which stays on the page.
    pub fn press(&self, selector: &str) {
        self.wait(async { self.driver().find(By::Css(selector)).await?.click().await });
    }

    /// Follows the link or sends the form whose button has this selector.
    pub fn click(&self, selector: &str) {
        self.leave(By::Css(selector));
    }

    /// Follows the link or sends the form whose button has this text.
    pub fn click_text(&self, text: &str) {
        self.leave(By::XPath(format!("//main//*[self::a or self::button][contains(., '{text}')]")));
    }

    /// Clicks, and waits for the next page: a click may return before it is there.
    fn leave(&self, what: By) {
        self.run("window.isOld = true");
        self.wait(async { self.driver().find(what).await?.click().await });
        let deadline = Instant::now() + PATIENCE;
        let is_new = "return !window.isOld && document.readyState === 'complete'";
        while !self
            .runtime
            .block_on(self.driver().execute(is_new, Vec::new()))
            .is_ok_and(|answer| *answer.json() == json!(true))
        {
            assert!(Instant::now() < deadline, "no other page comes after {}", self.path());
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Types into a field, over what is there.
    pub fn fill(&self, name: &str, text: &str) {
        self.wait(async {
            let field = self.driver().find(By::Name(name)).await?;
            field.clear().await?;
            field.send_keys(text).await
        });
    }

    /// Chooses a file, or an option by its text.
    pub fn choose(&self, name: &str, text: &str) {
        self.wait(async { self.driver().find(By::Name(name)).await?.send_keys(text).await });
    }

    pub fn value(&self, name: &str) -> String {
        let value = async { self.driver().find(By::Name(name)).await?.prop("value").await };
        self.wait(value).unwrap()
    }

    /// What a person reads on the page.
    pub fn text(&self) -> String {
        self.wait(async { self.driver().find(By::Tag("body")).await?.text().await })
    }

    /// The text of each element with this selector.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        self.wait(async {
            let mut texts = Vec::new();
            for element in self.driver().find_all(By::Css(selector)).await? {
                texts.push(element.text().await?);
            }
            Ok(texts)
        })
    }

    /// The path and query of the page.
    pub fn path(&self) -> String {
        let url = self.wait(self.driver().current_url());
        url[url::Position::BeforePath..].to_owned()
    }

    /// What a script on the page gives back, whatever the page's own policy on scripts.
    pub fn run(&self, script: &str) -> Value {
        self.wait(self.driver().execute(script, Vec::new())).json().clone()
    }

    fn command(&self, name: &str, parameters: &Value) -> Value {
        self.wait(self.driver().cdp().send_raw(name, parameters))
    }

    /// Keeps a picture of the page at each size, light and dark. None of them may be wider than its
    /// screen, or be anything that axe-core objects to.
    pub fn look(&self, step: &str) {
        for (width, height) in SIZES {
            for theme in ["light", "dark"] {
                let screen = json!({"width": width, "height": height, "deviceScaleFactor": 1,
                                    "mobile": false});
                self.command("Emulation.setDeviceMetricsOverride", &screen);
                let features = json!([{"name": "prefers-color-scheme", "value": theme}]);
                self.command("Emulation.setEmulatedMedia", &json!({"features": features}));
                let picture = json!({"format": "png", "captureBeyondViewport": true});
                let picture = self.command("Page.captureScreenshot", &picture);
                let bytes = STANDARD.decode(picture["data"].as_str().unwrap()).unwrap();
                let name = format!("{step}-{width}-{theme}.png");
                fs::write(self.pictures.join(&name), bytes).unwrap();
                let page = self.run("return document.documentElement.scrollWidth");
                assert!(page.as_u64().unwrap() <= width.into(), "{name} is {page} pixels wide");
                self.check(&name);
            }
        }
    }

    fn check(&self, name: &str) {
        let run = format!(
            "{}; const done = arguments[arguments.length - 1];
             axe.run({{runOnly: {}}}).then(result => done(result.violations.map(violation => [
                 violation.id, violation.help, violation.nodes.map(node => node.html)])));",
            self.axe,
            json!(RULES)
        );
        let violations = self.wait(self.driver().execute_async(run, Vec::new())).json().clone();
        assert_eq!(violations, json!([]), "{name}: {violations:#}");
    }

    /// What the browser complained of, but for pages that are errors.
    pub fn complaints(&self) -> Vec<String> {
        let log = self.wait(self.driver().browser_log());
        let messages = log.into_iter().map(|entry| entry.message);
        messages.filter(|message| !message.contains("responded with a status of 4")).collect()
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        if let Some(driver) = self.driver.take() {
            let _ = self.runtime.block_on(driver.quit());
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
