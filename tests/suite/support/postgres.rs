//! A throw-away PostgreSQL cluster, one for all tests of a run.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use super::component::left_out;
use super::stdout;

/// A running cluster. It is stopped and removed when the test process is gone, however it ends:
/// then the pipe to its keeper closes.
pub struct Cluster {
    bin: PathBuf,
    port: u16,
    log: PathBuf,
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
        let log = fs::read_to_string(&self.log).unwrap();
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
        stdout(Command::new(self.bin.join("psql")).args([
            "--no-psqlrc",
            "--tuples-only",
            "--no-align",
            "--set=ON_ERROR_STOP=1",
            "--command",
            sql,
            url,
        ]))
    }
}

fn start() -> Option<Cluster> {
    let bin = programs()?;
    let folder = tempfile::Builder::new().prefix("rentomatic-postgres-").tempdir().unwrap().keep();
    let data = folder.join("data");
    let user = unprivileged_user();
    if let Some((user, group)) = user {
        chown(&folder, Some(user), Some(group)).unwrap();
    }
    let as_user = |program: &str| {
        // PostgreSQL's programs refuse to run as root.
        let mut command = match user {
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
        command.current_dir(&folder);
        command
    };
    stdout(as_user("initdb").args(["--username=rentomatic", "--auth=trust", "--no-sync"]).args([
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--pgdata",
        data.to_str().unwrap(),
    ]));
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let options = format!(
        "-p {port} -k '' -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=300 \
         -c log_line_prefix='%d '"
    );
    let log = folder.join("log");
    stdout(
        as_user("pg_ctl")
            .args(["start", "-w", "-s", "-D", data.to_str().unwrap(), "-o", &options])
            .args(["-l", log.to_str().unwrap()]),
    );
    Some(Cluster { port, log, _keeper: keep(&as_user("pg_ctl"), &data, &folder), bin })
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
