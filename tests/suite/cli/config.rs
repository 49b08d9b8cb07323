//! `rentomatic config`, and how settings reach the program.

use std::fs;

use crate::support::postgres::cluster;
use crate::support::{failure, rentomatic, stdout};

#[test]
fn each_setting_is_printed_with_its_origin() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    fs::write(&file, "[database]\npool_size = 3\n").unwrap();
    let printed = stdout(
        rentomatic(&["config", "--config", file.to_str().unwrap(), "--database-url", "memory:"])
            .env("RENTOMATIC_SERVER__BIND", "127.0.0.1:9")
            .env("RUST_LOG", "warn"),
    );
    for line in [
        &format!("database.pool_size = 3  # {}", file.display()),
        "database.url = \"memory:\"  # --database-url",
        "server.bind = \"127.0.0.1:9\"  # RENTOMATIC_SERVER__BIND",
        "log.level = \"warn\"  # RUST_LOG",
        "log.format = \"text\"  # default",
    ] {
        assert!(printed.lines().any(|printed| printed == line), "{line} is not in {printed}");
    }
}

#[test]
fn what_is_printed_is_a_settings_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("printed.toml");
    let printed = stdout(&mut rentomatic(&["config"]));
    fs::write(&file, &printed).unwrap();
    let again = stdout(&mut rentomatic(&["--config", file.to_str().unwrap(), "config"]));
    let values = |text: &str| -> Vec<String> {
        text.lines().map(|line| line.split("  #").next().unwrap().to_owned()).collect()
    };
    assert_eq!(values(&again), values(&printed));
}

#[test]
fn application_config_names_a_file_in_the_folder_config() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("config")).unwrap();
    fs::write(folder.path().join("config/mine.toml"), "[log]\nlevel = \"off\"\n").unwrap();
    let mut command = rentomatic(&["config"]);
    command.current_dir(&folder).env("APPLICATION_CONFIG", "mine");
    assert!(stdout(&mut command).contains("log.level = \"off\"  # config/mine.toml"));
    let mut command = rentomatic(&["config"]);
    command.current_dir(&folder).env("APPLICATION_CONFIG", "other");
    assert!(
        failure(&mut command, 1).contains("the settings file config/other.toml does not exist")
    );
}

#[test]
fn a_wrong_setting_stops_every_command_with_its_name_and_place() {
    let folder = tempfile::tempdir().unwrap();
    for (text, parts) in [
        ("[server]\nbnid = 1\n", ["unknown key server.bnid", "server.bind"]),
        (
            "[sever]\nbind = 1\n",
            [
                "unknown key sever.bind",
                "the sections are cache, database, log, map, places, server, site, writes",
            ],
        ),
        ("[database]\npool_size = -1\n", ["database.pool_size", "Its default is 8"]),
        ("[log]\nformat = \"xml\"\n", ["log.format", "text or json"]),
        ("[server\n", ["wrong.toml", "line 1"]),
        (
            "[database]\nurl = \"postgres://rent:S3cret@db/rooms\n",
            ["line 2", "invalid basic string"],
        ),
        (
            "[database]\nurl = postgres://rent:S3cret@db/rooms\n",
            ["line 2", "string values must be"],
        ),
        ("[database]\nurl = [\"postgres://rent:S3cret@db/rooms\"]\n", ["database.url", "type"]),
        ("[database]\npool_size = 3.7\n", ["database.pool_size", "Its default is 8"]),
        ("[database]\npool_size = true\n", ["database.pool_size", "Its default is 8"]),
        (
            "[databse]\n",
            [
                "unknown key databse",
                "the sections are cache, database, log, map, places, server, site, writes",
            ],
        ),
    ] {
        let file = folder.path().join("wrong.toml");
        fs::write(&file, text).unwrap();
        for command in ["serve", "migrate", "config"] {
            let said = failure(&mut rentomatic(&["--config", file.to_str().unwrap(), command]), 1);
            assert!(said.contains("wrong.toml") && !said.contains("S3cret"), "{said}");
            assert_eq!(said.lines().count(), 1, "{said}");
            for part in parts {
                assert!(said.contains(part), "{part} is not in {said}");
            }
        }
    }
}

#[test]
fn a_password_comes_from_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    let migrate = |url: &str| {
        let mut command = rentomatic(&["--database-url", url, "migrate"]);
        command.env("RENTOMATIC_DATABASE__PASSWORD_FILE", &file);
        command
    };
    assert!(failure(&mut migrate("postgres://127.0.0.1:1/rooms"), 1).contains("cannot read"));
    fs::write(&file, "\n").unwrap();
    assert!(failure(&mut migrate("postgres://127.0.0.1:1/rooms"), 1).contains("is empty"));
    fs::write(&file, "p@ss w/rd\n").unwrap();
    let said = failure(&mut migrate("postgres://x:y@127.0.0.1:1/rooms"), 1);
    assert!(said.contains("remove one") && !said.contains("p@ss"), "{said}");
    if let Some(cluster) = cluster() {
        // The cluster trusts everybody; that the password is sent is seen where it is wrong to have
        // a password at all: in the URL that the message shows without it.
        let url = cluster.url("no_such_database");
        let said = failure(&mut migrate(&url), 1);
        assert!(said.contains("rentomatic:***@") && !said.contains("p@ss"), "{said}");
    }
}
