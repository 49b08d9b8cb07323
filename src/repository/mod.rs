//! Where rooms are stored: in memory, in PostgreSQL or SQLite through Diesel, or in MongoDB.
//!
//! This ring implements the port of the use cases, and is the only one that names `diesel` and
//! `mongodb`. The scheme of a URL selects the storage. A further storage is one folder with a [`Storage`],
//! and one more line in `STORAGES`.

mod diesel;
mod distinct;
mod memory;
#[cfg(feature = "mongodb")]
mod mongo;
mod segments;
mod spellings;
mod storage;
mod url;

pub use self::diesel::sqlite_version;
use self::memory::Memory;
pub use self::memory::MemoryRepository;
pub use self::storage::{Finding, Migration, Storage, StorageError};
pub use self::url::InvalidDatabaseUrl;
#[cfg(feature = "mongodb")]
use self::url::MongoUrl;
use self::url::{PostgresUrl, SqlitePath};

type Parsed = Result<Box<dyn Storage>, InvalidDatabaseUrl>;

/// The schemes of a storage, the form of its URL, and how to parse the part after the scheme's colon.
type Entry = (&'static [&'static str], &'static str, fn(&str) -> Parsed);

/// All storages.
const STORAGES: &[Entry] = &[
    (&["sqlite"], SqlitePath::FORM, |rest| boxed(SqlitePath::parse(rest))),
    (&["postgres", "postgresql"], PostgresUrl::FORM, |rest| boxed(PostgresUrl::parse(rest))),
    #[cfg(feature = "mongodb")]
    (&["mongodb"], MongoUrl::FORM, |rest| boxed(MongoUrl::parse(rest))),
    (&["memory"], Memory::FORM, |rest| boxed(Memory::parse(rest))),
];

fn boxed(storage: Result<impl Storage + 'static, InvalidDatabaseUrl>) -> Parsed {
    Ok(Box::new(storage?))
}

/// The storage with this URL.
///
/// # Errors
///
/// [`InvalidDatabaseUrl`] with the reason, and the forms that a URL can have.
pub fn storage(url: &str) -> Parsed {
    let (scheme, rest) = url.split_once(':').unwrap_or(("", ""));
    let known = STORAGES.iter().find(|(schemes, ..)| schemes.contains(&scheme));
    let parsed = match known {
        Some((.., parse)) => parse(rest),
        None => Err(InvalidDatabaseUrl::new(unknown_scheme(scheme))),
    };
    parsed.map_err(|error| error.with_hint(&format!("Write {}", url_forms())))
}

/// The forms of a database URL, for example `sqlite:PATH or memory:`.
#[must_use]
pub fn url_forms() -> String {
    let forms: Vec<_> = STORAGES.iter().map(|(_, form, _)| *form).collect();
    let (last, others) = forms.split_last().unwrap_or((&"", &[]));
    format!("{} or {last}", others.join(", "))
}

fn unknown_scheme(scheme: &str) -> String {
    match scheme {
        "mongodb" => {
            "this rentomatic was built without MongoDB: build it with --features mongodb".to_owned()
        }
        "mongodb+srv" => {
            "mongodb+srv: is not supported: write mongodb:// and the hosts, separated by commas, and \
             ?tls=true&replicaSet=NAME after the database"
                .to_owned()
        }
        _ if is_scheme(scheme) => format!("the scheme {scheme}: is unknown"),
        _ => "it does not begin with a scheme".to_owned(),
    }
}

/// Whether the text has the form of a scheme (RFC 3986, section 3.1). Other text might be part of a
/// password, so it is not repeated.
fn is_scheme(text: &str) -> bool {
    text.len() <= 20
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}
