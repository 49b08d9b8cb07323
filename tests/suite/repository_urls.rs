//! Database URLs: which are accepted, how they are shown, and what their errors say.

use rentomatic::repository::{storage, url_forms};

fn refused(url: &str) -> String {
    storage(url).unwrap_err().to_string()
}

#[test]
fn a_url_is_shown_as_it_was_written_without_its_secrets() {
    let as_written = [
        "memory:",
        "sqlite:data/rooms.db",
        "sqlite:///var/lib/rooms.db",
        "postgres://rent@db/rooms",
        "postgres://rent@a:5432,b:5433/rooms?target_session_attrs=read-write",
        "postgres:///rooms?host=%2Fvar%2Frun",
        "postgres://rent@[::1]:5432/rooms",
        "postgres://%2Fvar%2Frun/rooms",
        "mongodb://db/rooms",
        "mongodb://rent@a:27017,b:27018,[::1]:27019/rooms?replicaSet=rs0&w=majority",
        "mongodb://%2Ftmp%2Fmongodb-27017.sock/rooms",
        "mongodb://db/z%C3%BCrich?tls=true",
    ];
    let otherwise = [
        ("postgresql://rent@db/rooms", "postgres://rent@db/rooms"),
        (
            "postgres://rent:x@db/rooms?sslpassword=y&sslmode=disable",
            "postgres://rent:***@db/rooms?sslpassword=***&sslmode=disable",
        ),
        (
            "mongodb://rent:p%40ss@db/rooms?tlsCertificateKeyFile=%2Fkey",
            "mongodb://rent:***@db/rooms?tlsCertificateKeyFile=***",
        ),
    ];
    for (url, shown) in as_written.map(|url| (url, url)).into_iter().chain(otherwise) {
        assert_eq!(storage(url).unwrap().to_string(), shown);
    }
}

#[test]
fn neither_a_url_nor_an_error_shows_a_password() {
    let of_each_server = [
        "//rent:S3cret@db/rooms",
        "//rent:a/S3cret@db/rooms",
        "//rent:12/S3cret@db/rooms",
        "//rent:a@S3cret:b@db/rooms",
        "//rent:a@S3cret/rooms@",
        "//rent:S3cret@[::1]x/rooms",
        "//rent:a@[S3cret]/rooms",
        "//rent:S3cret@[]/rooms",
        "//rent:%S3cret@db/rooms",
        "//rent:S3cret@db/",
        "rent:S3cret@db/",
    ];
    let of_each_server = ["postgres", "mongodb", "mongodb+srv", "mysql"]
        .into_iter()
        .flat_map(|scheme| of_each_server.map(|rest| format!("{scheme}:{rest}")));
    let others = [
        "postgres://rent@db/rooms?sslmode=require&password=S3cret",
        "postgres://rent@db/rooms?pass%77ord=S3cret",
        "postgres://rent@db/rooms?PASSWORD=S3cret",
        "postgres://rent@db/rooms?oauth_client_secret=S3cret",
        "mongodb://rent:S3cret@db/rooms?authMechanismProperties=AWS_SESSION_TOKEN:S3cret",
        "mongodb://rent:S3cret@db/rooms?w=S3cret&w=1",
        "mongodb://rent:x@db/rooms?tls=S3cret",
        "mongodb://rent:x@db/rooms?S3cret=1",
        "mongodb://rent:x@db/rooms?S3cret",
        "S3cret_x:y",
    ];
    for url in of_each_server.chain(others.map(str::to_owned)) {
        let shown = match storage(&url) {
            Ok(storage) => format!("{storage} {storage:?}"),
            Err(error) => format!("{error} {error:?}"),
        };
        assert!(!shown.contains("S3cret"), "{shown}");
    }
}

#[test]
fn an_unusable_url_is_refused_with_the_reason_and_the_forms() {
    let too_long = "x".repeat(64);
    for (url, reason) in [
        ("", "does not begin with a scheme"),
        ("rooms.db", "does not begin with a scheme"),
        ("s3cr:t@x", "the scheme s3cr: is unknown"),
        ("mysql://root@db/rooms", "the scheme mysql: is unknown"),
        ("redis://db/rooms", "the scheme redis: is unknown"),
        ("mongodb+srv://db/rooms", "write mongodb:// and the hosts"),
        ("memory:x", "nothing after the colon"),
        ("sqlite:", "write the path of a file"),
        ("sqlite::memory:", "write memory:"),
        ("sqlite://rooms.db", "without two slashes"),
        ("sqlite:file:x", "not another URL"),
        ("sqlite:a\0b", "a NUL character"),
        ("postgres://db", "names no database"),
        ("postgres://db/", "names no database"),
        (&format!("postgres://db/{too_long}"), "has 64 bytes"),
        ("postgres://db/a%00b", "a NUL character"),
        ("postgres://db/%f", "write a literal % as %25"),
        ("postgres://db/r?pgbouncer=true", "pgbouncer is not a parameter of libpq: remove it"),
        ("postgres://db/r?schema=public", "write options=-csearch_path%3DNAME instead"),
        ("postgres://db/r?currentSchema=x", "write options=-csearch_path%3DNAME instead"),
        ("postgres://db/r?connection_limit=5", "set database.pool_size"),
        ("postgres://db/r?frobnicate=1", "frobnicate is not a parameter of libpq"),
        ("postgres://db/r?ssl=maybe", "write ssl=true, or sslmode=require"),
        ("postgres://db/r?sslmode=no-verify", "write require instead of no-verify"),
        ("postgres://db/r?sslmode=", "write one of disable, allow, prefer, require"),
        ("postgres://db/r?target_session_attrs=master", "write one of any, read-write"),
        ("postgres://db/r?connect_timeout=soon", "write a whole number"),
        ("postgres://db/r?replication=database", "the parameter replication"),
        ("mongodb://db", "names no database"),
        ("mongodb://db/", "names no database"),
        ("mongodb:///rooms", "names no host"),
        ("mongodb://db/a.b", "MongoDB does not allow"),
        (&format!("mongodb://db/{too_long}"), "has 64 bytes"),
        ("mongodb://db:0/rooms", "a port from 1 to 65535"),
        ("mongodb://db/rooms?foo=1", "the option foo is unknown"),
        ("mongodb://db/rooms?retryReads=maybe", "the option retryReads"),
        ("mongodb://db/rooms?readPreference=nearest", "read from the primary"),
        ("mongodb://db/rooms?w=0", "would lose writes"),
        ("mongodb://db/rooms?socketTimeoutMS=5", "has a time-out already"),
        ("mongodb://db/rooms?tls=true&tls=false", "contradict each other"),
        ("mongodb:db/rooms", "two slashes"),
    ] {
        let error = refused(url);
        assert!(error.contains(reason) && error.contains(&url_forms()), "{url}: {error}");
    }
    for form in ["sqlite:PATH", "postgres://USER@HOST", "mongodb://HOST", "memory:"] {
        assert!(url_forms().contains(form), "{form}");
    }
}

#[test]
fn a_password_from_a_file_is_added_unless_the_url_has_one() {
    for (url, shown) in [
        ("postgres://rent@db/rooms", "postgres://rent:***@db/rooms"),
        ("mongodb://rent@db/rooms", "mongodb://rent:***@db/rooms"),
    ] {
        let mut storage = storage(url).unwrap();
        storage.set_password("p w/'@".into()).unwrap();
        assert_eq!(storage.to_string(), shown);
    }
    for url in [
        "postgres://rent:x@db/rooms",
        "postgres://rent@db/rooms?password=x",
        "mongodb://rent:x@db/rooms",
        "mongodb://db/rooms",
    ] {
        assert!(storage(url).unwrap().set_password("y".into()).is_err(), "{url}");
    }
}
