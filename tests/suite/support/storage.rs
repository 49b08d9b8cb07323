//! The storages that a test runs over.

use std::thread;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use rentomatic::repository;
use tempfile::TempDir;

use super::mongo::{Hand, Lease, mongo_server};
use super::postgres::{Cluster, cluster};
use super::{component, rentomatic, stdout};

/// A fresh, empty place for rooms.
pub enum Storage {
    Memory,
    Sqlite(TempDir),
    Postgres { cluster: &'static Cluster, url: String },
    Mongo { _server: Lease, url: String },
}

impl Storage {
    pub fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().unwrap())
    }

    /// A new database, if PostgreSQL is installed.
    pub fn postgres() -> Option<Self> {
        let cluster = cluster()?;
        let url = cluster.new_url();
        stdout(&mut rentomatic(&["--database-url", &url, "init-db"]));
        Some(Self::Postgres { cluster, url })
    }

    /// A new database, if there is a server.
    pub fn mongo() -> Option<Self> {
        let server = mongo_server()?;
        Some(Self::Mongo { url: server.new_url(), _server: server })
    }

    /// Those that understand SQL. Each is made when its turn comes.
    pub fn sql() -> impl Iterator<Item = Self> {
        made([|| Some(Self::sqlite()), Self::postgres])
    }

    /// Those that keep rooms beyond the program's end.
    pub fn databases() -> impl Iterator<Item = Self> {
        Self::sql().chain(made([Self::mongo]))
    }

    /// Those that can tell that nothing was changed, and so answer with a 304.
    pub fn with_versions() -> impl Iterator<Item = Self> {
        Self::sql().chain([Self::Memory])
    }

    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::databases().chain([Self::Memory])
    }

    pub fn url(&self) -> String {
        match self {
            Self::Memory => "memory:".to_owned(),
            Self::Sqlite(folder) => format!("sqlite:{}/rooms.db", folder.path().display()),
            Self::Postgres { url, .. } | Self::Mongo { url, .. } => url.clone(),
        }
    }

    /// Puts in this many rooms, all over the Earth, a thousand kinds of size and price. Their indexes
    /// are made afterwards, which is quicker.
    pub fn fill(&self, number: usize) {
        let storage = repository::storage(&self.url()).unwrap();
        storage.migrate().unwrap();
        while !storage.revert().unwrap().unwrap().ends_with("index_rooms") {}
        let insert = |code: &str, random: &str| {
            format!(
                "INSERT INTO room (code, size, price, longitude, latitude)
                 WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {number})
                 SELECT {code}, 1 + i % 1000 * 7919 % 250, i % 1000 * 104729 % 300,
                     -180 + 360 * {random}, -90 + 180 * {random} FROM n"
            )
        };
        match self {
            Self::Memory => panic!("memory is not filled by hand"),
            Self::Mongo { url, .. } => Hand::on(url).fill(number),
            Self::Postgres { .. } => {
                let code = "('00000000-0000-4000-8000-' || lpad(i::text, 12, '0'))::uuid";
                self.by_hand(&insert(code, "random()"));
            }
            Self::Sqlite(folder) => {
                let path = folder.path().join("rooms.db");
                let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
                connection.batch_execute("PRAGMA synchronous = OFF").unwrap();
                let code = "printf('00000000-0000-4000-8000-%012d', i)";
                let random = "(0.5 + random() / 18446744073709551616.0)";
                connection.batch_execute(&insert(code, random)).unwrap();
            }
        }
        storage.migrate().unwrap();
        if let Self::Postgres { .. } = self {
            self.by_hand("VACUUM ANALYZE room");
            // Or a checkpoint would slow down whatever is measured next.
            self.by_hand("CHECKPOINT");
        }
    }

    /// Runs SQL by hand, in the database's own shell; gives its output, columns parted by `|`.
    /// `None` if the shell is not installed.
    pub fn by_hand(&self, sql: &str) -> Option<String> {
        match self {
            Self::Memory | Self::Mongo { .. } => panic!("it knows no SQL"),
            Self::Postgres { cluster, url } => Some(cluster.psql(url, sql)),
            Self::Sqlite(folder) => {
                let shell = component::program("the sqlite3 shell", &["sqlite3"])?;
                let mut command = std::process::Command::new(shell);
                Some(stdout(command.arg("-bail").arg(folder.path().join("rooms.db")).arg(sql)))
            }
        }
    }
}

/// What these functions make, one after the other.
fn made<const N: usize>(makers: [fn() -> Option<Storage>; N]) -> impl Iterator<Item = Storage> {
    makers.into_iter().filter_map(|make| make())
}

/// A test that runs over several storages fails without a word of which it was over.
impl Drop for Storage {
    #[expect(
        clippy::print_stderr,
        reason = "it is shown below the panic, and only if the test fails"
    )]
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("the storage was {}", self.url());
        }
    }
}

/// A session on a database, past the repository.
pub enum Session {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
    Mongo(Hand),
}

impl Session {
    pub fn of(storage: &Storage) -> Self {
        let url = storage.url();
        match storage {
            Storage::Postgres { .. } => Self::Postgres(PgConnection::establish(&url).unwrap()),
            Storage::Mongo { .. } => Self::Mongo(Hand::on(&url)),
            _ => Self::Sqlite(
                SqliteConnection::establish(url.strip_prefix("sqlite:").unwrap()).unwrap(),
            ),
        }
    }
}
