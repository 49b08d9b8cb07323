//! The storages that a test runs over.

use tempfile::TempDir;

use super::postgres::{Cluster, cluster};
use super::{component, rentomatic, stdout};

/// A fresh, empty place for rooms.
pub enum Storage {
    Memory,
    Sqlite(TempDir),
    Postgres { cluster: &'static Cluster, url: String },
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

    /// Those that keep rooms beyond the program's end.
    pub fn databases() -> Vec<Self> {
        [Some(Self::sqlite()), Self::postgres()].into_iter().flatten().collect()
    }

    /// All of them.
    pub fn all() -> Vec<Self> {
        let mut all = Self::databases();
        all.push(Self::Memory);
        all
    }

    pub fn url(&self) -> String {
        match self {
            Self::Memory => "memory:".to_owned(),
            Self::Sqlite(folder) => format!("sqlite:{}/rooms.db", folder.path().display()),
            Self::Postgres { url, .. } => url.clone(),
        }
    }

    /// Runs SQL by hand, in the database's own shell; gives its output, columns parted by `|`.
    /// `None` if the shell is not installed.
    pub fn by_hand(&self, sql: &str) -> Option<String> {
        match self {
            Self::Memory => panic!("memory has no shell"),
            Self::Postgres { cluster, url } => Some(cluster.psql(url, sql)),
            Self::Sqlite(folder) => {
                let shell = component::program("the sqlite3 shell", &["sqlite3"])?;
                let mut command = std::process::Command::new(shell);
                Some(stdout(command.arg("-bail").arg(folder.path().join("rooms.db")).arg(sql)))
            }
        }
    }
}
