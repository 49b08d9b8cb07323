//! The real server, as a process of its own on a free port.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use super::client::{Answer, Client};
use super::owner;
use super::rentomatic;
use super::storage::Storage;

/// How long anything may take before a test gives up on it.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// A server in a test that is not about time gives every request as long as the test itself would wait. Else
/// a loaded machine, or the tests' MongoDB, which reads all documents for each query, would make it answer
/// with 503.
pub const PATIENT: [(&str, &str); 2] = [
    ("RENTOMATIC_SERVER__REQUEST_TIMEOUT_MS", "60000"),
    ("RENTOMATIC_DATABASE__POOL_WAIT_MS", "60000"),
];

pub struct Server {
    child: Child,
    address: String,
    log: Arc<Mutex<String>>,
}

impl Server {
    /// A server over this storage, with the four sample rooms.
    pub fn with_sample_rooms(storage: &Storage) -> Self {
        Self::start(&storage.url(), &["--sample-data"], &PATIENT)
    }

    /// A server over this storage as it is.
    pub fn over(storage: &Storage) -> Self {
        Self::start(&storage.url(), &[], &PATIENT)
    }

    /// A server over this storage as it is, which accepts the owner's writes.
    pub fn with_owner(storage: &Storage) -> Self {
        Self::with_owner_and(storage, &[])
    }

    /// A server with the four sample rooms, which accepts the owner's writes.
    pub fn with_owner_and_sample_rooms(storage: &Storage) -> Self {
        Self::with_owner_and(storage, &["--sample-data"])
    }

    fn with_owner_and(storage: &Storage, arguments: &[&str]) -> Self {
        let environment = [&PATIENT[..], &[owner::WRITES]].concat();
        Self::start(&storage.url(), arguments, &environment)
    }

    pub fn start(url: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let command = rentomatic(&["--database-url", url, "serve"]);
        Self::of_command(command, arguments, environment)
    }

    /// A server that this command starts, for example as another user.
    pub fn of_command(
        mut command: Command,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Self {
        if !arguments.contains(&"--bind") {
            command.args(["--bind", "127.0.0.1:0"]);
        }
        command.args(arguments).env("RENTOMATIC_SERVER__HOST_NAMES", "x rooms.example");
        command.envs(environment.iter().copied()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stderr = child.stderr.take().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let (tell, told) = mpsc::channel();
        let writer = Arc::clone(&log);
        thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                if let Some((_, address)) = line.split_once("listening on http://") {
                    let end = address.find(['"', ' ']).unwrap_or(address.len());
                    let _ = tell.send(address[..end].to_owned());
                }
                let mut log = writer.lock().unwrap();
                log.push_str(&line);
                log.push('\n');
            }
        });
        let Ok(address) = told.recv_timeout(PATIENCE) else {
            let _ = child.kill();
            panic!("the server did not start: {}", log.lock().unwrap());
        };
        Self { child, address, log }
    }

    /// As in `127.0.0.1:8080`.
    pub fn address(&self) -> &str {
        &self.address
    }

    pub fn client(&self) -> Client {
        Client::new(&self.address)
    }

    /// A client that may write, if this server accepts the owner's writes.
    pub fn owner(&self) -> Client {
        Client::of_owner(&self.address)
    }

    pub fn get(&self, path: &str) -> Answer {
        self.client().get(path)
    }

    /// How many files and sockets the server has open.
    pub fn open_files(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap().count()
    }

    /// The system's limits on the server's process.
    pub fn process_limits(&self) -> String {
        std::fs::read_to_string(format!("/proc/{}/limits", self.child.id())).unwrap()
    }

    /// How many threads the server has.
    pub fn threads(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap().count()
    }

    /// The server's resident memory now.
    pub fn resident_kib(&self) -> u64 {
        self.memory_kib("VmRSS:")
    }

    /// The most resident memory that the server ever had.
    pub fn peak_resident_kib(&self) -> u64 {
        self.memory_kib("VmHWM:")
    }

    fn memory_kib(&self, key: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// Standard error so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Standard error, once it contains `text`.
    pub fn log_with(&self, text: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let log = self.log();
            if log.contains(text) {
                return log;
            }
            assert!(Instant::now() < deadline, "the log lacks {text:?}: {log}");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Sends a signal, as `TERM`.
    pub fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        super::stdout(Command::new("kill").args(["-s", signal, &id]));
    }

    /// Waits for the end.
    pub fn wait_for_end(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        while self.child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < deadline, "the server does not end");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits for the end; the exit code and what was said.
    pub fn wait(mut self) -> (Option<i32>, String) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                thread::sleep(Duration::from_millis(50));
                return (status.code(), self.log());
            }
            assert!(Instant::now() < deadline, "the server does not end");
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Server {
    #[expect(
        clippy::print_stderr,
        reason = "it is shown below the panic, and only if the test fails"
    )]
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
            let is_wrong = |line: &&str| line.contains("ERROR") || line.contains("WARN");
            for line in log.lines().filter(is_wrong).take(10) {
                eprintln!("the server at {} logged {line}", self.address);
            }
        }
    }
}
