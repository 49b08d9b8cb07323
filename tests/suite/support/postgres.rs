//! A throw-away PostgreSQL cluster, one for all tests of a run.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use super::component::left_out;
use super::stdout;

/// A running cluster. It is stopped and removed when the test process is gone, however it ends:
/// then the pipe to its keeper closes.
pub struct Cluster {
    bin: PathBuf,
    folder: PathBuf,
    port: u16,
    _keeper: ChildStdin,
}

static CLUSTER: LazyLock<Option<Cluster>> = LazyLock::new(start);

/// The cluster, if PostgreSQL is installed.
pub fn cluster() -> Option<&'static Cluster> {
    if CLUSTER.is_none() {
        left_out("PostgreSQL", "there is no initdb on the path or in /usr/lib/postgresql");
    }
    CLUSTER.as_ref()
}

impl Cluster {
    /// One that nobody else uses, so that it may be killed.
    pub fn alone() -> Option<Self> {
        let cluster = start();
        if cluster.is_none() {
            left_out("PostgreSQL", "there is no initdb on the path or in /usr/lib/postgresql");
        }
        cluster
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Starts its server; returns once it takes connections.
    pub fn run(&self) {
        let options = format!(
            "-p {} -k '' -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=300 \
             -c wal_level=logical -c max_prepared_transactions=10 \
             -c log_line_prefix='%d '",
            self.port
        );
        let (data, log) = (self.data(), self.folder.join("log"));
        stdout(
            as_user(&self.bin, &self.folder, "pg_ctl")
                .args(["start", "-w", "-s", "-D", data.to_str().unwrap(), "-o", &options])
                .args(["-l", log.to_str().unwrap()]),
        );
    }

    /// All of its server's processes, the first of them first.
    fn processes(&self) -> Vec<String> {
        let file = fs::read_to_string(self.data().join("postmaster.pid")).unwrap();
        let first = file.lines().next().unwrap().trim().to_owned();
        let children = Command::new("pgrep").args(["-P", &first]).output().unwrap().stdout;
        let children = String::from_utf8(children).unwrap();
        std::iter::once(first).chain(children.lines().map(str::to_owned)).collect()
    }

    /// Sends all of its server's processes a signal, as `STOP`.
    pub fn signal(&self, signal: &str) {
        // Some may be gone meanwhile.
        let _ = Command::new("kill").args(["-s", signal]).args(self.processes()).output();
    }

    /// Gives a folder to the user that its server runs as.
    #[expect(clippy::unused_self, reason = "it is the cluster's user")]
    pub fn own(&self, folder: &Path) {
        if let Some((user, group)) = unprivileged_user() {
            chown(folder, Some(user), Some(group)).unwrap();
        }
    }

    /// Another cluster, which follows this one.
    pub fn standby(&self) -> Self {
        let standby = prepare(&self.bin);
        let data = standby.data();
        stdout(
            as_user(&self.bin, &standby.folder, "pg_basebackup")
                .args(["--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast"])
                .args(["--host=127.0.0.1", "--username=rentomatic", "--no-sync"])
                .args([&format!("--port={}", self.port), "--pgdata", data.to_str().unwrap()]),
        );
        standby.run();
        standby
    }

    /// Makes a standby a primary; returns once it takes writes.
    pub fn promote(&self) {
        let data = self.data();
        stdout(as_user(&self.bin, &self.folder, "pg_ctl").args([
            "promote",
            "-w",
            "-s",
            "-D",
            data.to_str().unwrap(),
        ]));
    }

    /// Ends its server as a power cut would; returns once all of it is gone.
    pub fn kill(&self) {
        // The first one is stopped before, so that it makes no others meanwhile.
        let _ = Command::new("kill").args(["-s", "STOP", &self.processes()[0]]).output();
        let processes = self.processes();
        let _ = Command::new("kill").args(["-s", "KILL"]).args(&processes).output();
        while processes.iter().any(|process| is_alive(process)) {
            thread::sleep(Duration::from_millis(5));
        }
        // Where nobody has waited for its processes yet, the next server would take them for alive.
        fs::remove_file(self.data().join("postmaster.pid")).unwrap();
    }

    /// The URL of a database with this name, which may not exist.
    pub fn url(&self, name: &str) -> String {
        format!("postgres://rentomatic@127.0.0.1:{}/{name}", self.port)
    }

    /// The URL of a database that does not exist, and that no other test makes.
    pub fn new_url(&self) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        self.url(&format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed)))
    }

    /// What the server logged of one database, without its name before each line.
    pub fn log_of(&self, database: &str) -> String {
        let log = fs::read_to_string(self.folder.join("log")).unwrap();
        let prefix = format!("{database} ");
        let mut is_of = false;
        let lines = log.lines().filter_map(|line| {
            // A tab begins what goes on from the line before.
            if !line.starts_with('\t') {
                is_of = line.starts_with(&prefix);
            }
            is_of.then(|| line.strip_prefix(&prefix).unwrap_or(line))
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// What psql prints, unaligned, when it runs `sql` by hand in the database at `url`.
    pub fn psql(&self, url: &str, sql: &str) -> String {
        stdout(self.psql_command().args(["--command", sql, url]))
    }

    /// One of PostgreSQL's own programs.
    pub fn program(&self, name: &str) -> Command {
        Command::new(self.bin.join(name))
    }

    /// psql itself, unaligned.
    pub fn psql_command(&self) -> Command {
        let mut psql = Command::new(self.bin.join("psql"));
        psql.args(["--no-psqlrc", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]);
        psql
    }

    /// What `pg_amcheck` says of a database: nothing, if its tables and indexes are whole.
    pub fn amcheck(&self, url: &str) -> String {
        let output = Command::new(self.bin.join("pg_amcheck"))
            .args(["--install-missing", "--heapallindexed", "--parent-check", "--host=127.0.0.1"])
            .args([&format!("--port={}", self.port), "--username=rentomatic"])
            .arg(url.rsplit('/').next().unwrap())
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        format!(
            "{}{}",
            String::from_utf8_lossy(&said),
            if output.status.success() { "" } else { "failed" }
        )
    }
}

/// Whether a process runs; one that has ended and that nobody has waited for does not.
fn is_alive(process: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"));
    stat.is_ok_and(|stat| !stat.contains(") Z "))
}

fn start() -> Option<Cluster> {
    let cluster = prepare(&programs()?);
    let data = cluster.data();
    stdout(
        as_user(&cluster.bin, &cluster.folder, "initdb")
            .args(["--username=rentomatic", "--auth=trust", "--no-sync", "--encoding=UTF8"])
            .args(["--locale=C.UTF-8", "--pgdata", data.to_str().unwrap()]),
    );
    cluster.run();
    Some(cluster)
}

/// A port and a folder for a cluster, and what removes it in the end.
fn prepare(bin: &Path) -> Cluster {
    let folder = tempfile::Builder::new().prefix("rentomatic-postgres-").tempdir().unwrap().keep();
    if let Some((user, group)) = unprivileged_user() {
        chown(&folder, Some(user), Some(group)).unwrap();
    }
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let keeper = keep(&as_user(bin, &folder, "pg_ctl"), &folder.join("data"), &folder);
    Cluster { port, folder, _keeper: keeper, bin: bin.to_owned() }
}

/// A command in the cluster's folder. PostgreSQL's programs refuse to run as root.
fn as_user(bin: &Path, folder: &Path, program: &str) -> Command {
    let mut command = match unprivileged_user() {
        Some((user, group)) => {
            let mut command = Command::new("setpriv");
            command.args([
                format!("--reuid={user}"),
                format!("--regid={group}"),
                "--clear-groups".to_owned(),
            ]);
            command.arg(bin.join(program));
            command
        }
        None => Command::new(bin.join(program)),
    };
    command.current_dir(folder);
    command
}

/// Starts a process that waits for this one to end, then stops the cluster and removes its files.
#[expect(clippy::zombie_processes, reason = "it ends after this process")]
fn keep(pg_ctl: &Command, data: &Path, folder: &Path) -> ChildStdin {
    let mut words = vec![pg_ctl.get_program()];
    words.extend(pg_ctl.get_args());
    let mut keeper = Command::new("sh")
        .args(["-c", "trap '' INT TERM; read -r _; d=$1 f=$2; shift 2; \"$@\" stop -s -m immediate -D \"$d\"; rm -rf \"$f\"", "sh"])
        .args([data, folder])
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    keeper.stdin.take().unwrap()
}

/// The folder with the newest version's programs.
fn programs() -> Option<PathBuf> {
    let on_path = std::env::var_os("PATH")
        .into_iter()
        .flat_map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    let mut debian: Vec<_> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    debian.sort();
    debian.reverse();
    let is_whole = |folder: &PathBuf| {
        ["initdb", "pg_ctl", "psql"].iter().all(|program| folder.join(program).is_file())
    };
    on_path.chain(debian).find(is_whole)
}

/// The ids of the user postgres, if this process runs as root.
fn unprivileged_user() -> Option<(u32, u32)> {
    let id = |arguments: &[&str]| -> u32 {
        stdout(Command::new("id").args(arguments)).trim().parse().unwrap()
    };
    (id(&["-u"]) == 0).then(|| (id(&["-u", "postgres"]), id(&["-g", "postgres"])))
}
