//! Throw-away servers that speak MongoDB's protocol.
//!
//! All tests take turns at one server: it runs in one thread, and tests that used it, or several of them, at
//! the same time made each other's commands time out.
//!
//! It is SecantusDB, since MongoDB itself is in no package of Debian's; `scripts/test` installs it.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::ops::Deref;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Condvar, LazyLock, Mutex};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use mongodb::bson::oid::ObjectId;
use mongodb::bson::{Document, doc};
use mongodb::{Client, Database};
use tokio::runtime::{Builder, Runtime};

use super::component::program;
use super::server::PATIENCE;

/// A running server. It is killed and its files are removed when the test process is gone, however it
/// ends: then the pipe to its keeper closes.
pub struct MongoServer {
    program: PathBuf,
    folder: PathBuf,
    port: u16,
    arguments: &'static [&'static str],
    child: Mutex<Option<Child>>,
    _keeper: ChildStdin,
}

static SERVER: LazyLock<Option<MongoServer>> = LazyLock::new(|| MongoServer::start(&[]));

/// The thread of the test whose turn it is, and how many databases it uses.
static TURN: Mutex<Option<(ThreadId, usize)>> = Mutex::new(None);
static IS_OVER: Condvar = Condvar::new();

/// The server, until this is dropped.
pub struct Lease(&'static MongoServer);

/// The server for one test, if SecantusDB is installed.
pub fn mongo_server() -> Option<Lease> {
    let server = SERVER.as_ref()?;
    let me = thread::current().id();
    let is_taken = |turn: &mut Option<(ThreadId, usize)>| turn.is_some_and(|(it, _)| it != me);
    let mut turn = IS_OVER.wait_while(TURN.lock().unwrap(), is_taken).unwrap();
    let used = turn.map_or(0, |(_, used)| used);
    *turn = Some((me, used + 1));
    Some(Lease(server))
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut turn = TURN.lock().unwrap();
        *turn = turn.filter(|(_, used)| *used > 1).map(|(it, used)| (it, used - 1));
        IS_OVER.notify_all();
    }
}

impl Deref for Lease {
    type Target = MongoServer;

    fn deref(&self) -> &MongoServer {
        self.0
    }
}

impl MongoServer {
    /// One that nobody else uses, so that it may be killed.
    pub fn alone() -> Option<Self> {
        Self::start(&[])
    }

    /// One that is no replica set, and so has no transactions.
    pub fn without_transactions() -> Option<Self> {
        Self::start(&["--standalone"])
    }

    fn start(arguments: &'static [&'static str]) -> Option<Self> {
        let program = program("MongoDB", &["secantusd-py"])?;
        let folder = tempfile::Builder::new().prefix("rentomatic-mongo-").tempdir().unwrap().keep();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let keeper = keep(&folder);
        let child = Mutex::new(None);
        let server = Self { program, folder, port, arguments, child, _keeper: keeper };
        server.run();
        Some(server)
    }

    /// Starts it; returns once it takes connections.
    pub fn run(&self) {
        let log =
            fs::File::options().create(true).append(true).open(self.folder.join("log")).unwrap();
        let child = Command::new(&self.program)
            .args(["--port", &self.port.to_string(), "--storage-path"])
            .arg(self.folder.join("data"))
            .args(self.arguments)
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        fs::write(self.folder.join("pid"), child.id().to_string()).unwrap();
        *self.child.lock().unwrap() = Some(child);
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let log = || fs::read_to_string(self.folder.join("log")).unwrap();
            assert!(Instant::now() < deadline, "SecantusDB does not start: {}", log());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Sends it a signal, as `STOP`.
    pub fn signal(&self, signal: &str) {
        let id = fs::read_to_string(self.folder.join("pid")).unwrap();
        super::stdout(Command::new("kill").args(["-s", signal, &id]));
    }

    /// Ends it as a power cut would; returns once it is gone.
    pub fn kill(&self) {
        if let Some(mut child) = self.child.lock().unwrap().take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// The URL of a database that does not exist, and that no other test makes.
    pub fn new_url(&self) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        format!("mongodb://127.0.0.1:{}/test_{number}", self.port)
    }
}

/// Starts a process that waits for this one to end, then kills the server and removes its files.
#[expect(clippy::zombie_processes, reason = "it ends after this process")]
fn keep(folder: &std::path::Path) -> ChildStdin {
    let mut keeper = Command::new("sh")
        .args([
            "-c",
            "trap '' INT TERM; read -r _; kill -9 \"$(cat \"$1/pid\")\"; rm -rf \"$1\"",
            "sh",
        ])
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    keeper.stdin.take().unwrap()
}

impl Drop for MongoServer {
    fn drop(&mut self) {
        self.kill();
    }
}

/// What one does by hand, in MongoDB's own shell.
pub struct Hand {
    runtime: Runtime,
    database: Database,
}

impl Hand {
    /// In the database at this URL.
    pub fn on(url: &str) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let client = runtime.block_on(Client::with_uri_str(url)).unwrap();
        let database = client.default_database().unwrap();
        Self { runtime, database }
    }

    /// Runs a command; its answer, if it did all that it was to.
    pub fn try_run(&self, command: Document) -> Result<Document, String> {
        let answer = self.runtime.block_on(async { self.database.run_command(command).await });
        let answer = answer.map_err(|error| error.to_string())?;
        match answer.get("writeErrors") {
            Some(errors) => Err(errors.to_string()),
            None => Ok(answer),
        }
    }

    /// Runs a command that must succeed.
    pub fn run(&self, command: Document) -> Document {
        self.try_run(command).unwrap()
    }

    /// Puts in documents, past the validator.
    pub fn insert(&self, documents: Vec<Document>) {
        let past =
            doc! { "insert": "rooms", "documents": documents, "bypassDocumentValidation": true };
        self.run(past);
    }

    /// All documents, in their order.
    pub fn documents(&self) -> Vec<Document> {
        let find = doc! { "find": "rooms", "sort": { "_id": 1 }, "batchSize": 100_000 };
        let answer = self.run(find);
        let batch = answer.get_document("cursor").unwrap().get_array("firstBatch").unwrap();
        batch.iter().map(|document| document.as_document().unwrap().clone()).collect()
    }

    /// Takes all documents out.
    pub fn empty(&self) {
        self.run(doc! { "delete": "rooms", "deletes": [{ "q": {}, "limit": 0 }] });
    }

    /// Puts in this many rooms, all over the Earth, a thousand kinds of size and price.
    pub fn fill(&self, number: usize) {
        let number = i32::try_from(number).unwrap();
        let document = |i: i32| {
            doc! {
                "_id": ObjectId::from_bytes(std::array::from_fn(|at| {
                    if at < 8 { 0 } else { i.to_be_bytes()[at - 8] }
                })),
                "code": format!("00000000-0000-4000-8000-{i:012}"),
                "size": 1 + i % 1000 * 7919 % 250,
                "price": i % 1000 * 14729 % 300,
                "longitude": f64::from(i).mul_add(77.7, 0.0) % 360.0 - 180.0,
                "latitude": f64::from(i).mul_add(33.3, 0.0) % 180.0 - 90.0,
            }
        };
        for first in (1..=number).step_by(1_000) {
            self.insert((first..=number.min(first + 999)).map(document).collect());
        }
    }
}
