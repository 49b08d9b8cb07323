//! `rentomatic migrate`, and the adoption of a database that the Python original made.

use super::{at_once, over};
use crate::support::server::Server;
use crate::support::storage::Storage;
use crate::support::{failure, stdout};

const CREATE: &str = "2026-11-24-000001_create_room";
const CONSTRAIN: &str = "2026-11-24-000002_constrain_room";
const INDEX: &str = "2026-11-25-000003_index_rooms";
const SESSION: &str = "2026-11-27-000004_create_session";
const VERSION: &str = "2026-11-27-000005_version_without_rows";
const ALL: [&str; 5] = [CREATE, CONSTRAIN, INDEX, SESSION, VERSION];

/// The migrations of a storage. Only PostgreSQL keeps versions in rows.
fn all(storage: &Storage) -> &'static [&'static str] {
    match storage {
        Storage::Postgres { .. } => &ALL,
        _ => &ALL[..4],
    }
}

fn migrate(storage: &Storage, words: &[&str]) -> String {
    let mut all = vec!["migrate"];
    all.extend(words);
    stdout(&mut over(&storage.url(), &all))
}

/// Takes migrations back until this one is the newest.
fn revert_to(storage: &Storage, newest: &str) {
    while !migrate(storage, &["status"])
        .lines()
        .rfind(|line| line.starts_with("applied"))
        .unwrap()
        .ends_with(newest)
    {
        migrate(storage, &["revert"]);
    }
}

#[test]
fn run_revert_and_status_tell_what_they_did() {
    for storage in Storage::databases() {
        if let Storage::Sqlite(_) = storage {
            stdout(&mut over(&storage.url(), &["init-db"]));
        }
        let lines = |word: &str, names: &[&str]| -> String {
            names.iter().map(|name| format!("{word}{name}\n")).collect::<Vec<_>>().concat()
        };
        let all = all(&storage);
        let pending = lines("pending  ", all);
        assert_eq!(migrate(&storage, &["status"]), pending);
        assert_eq!(migrate(&storage, &[]), lines("applied ", all));
        assert_eq!(migrate(&storage, &["run"]), "nothing to apply\n");
        for kept in (0..all.len()).rev() {
            assert_eq!(migrate(&storage, &["revert"]), lines("reverted ", &all[kept..=kept]));
            let status =
                [lines("applied  ", &all[..kept]), lines("pending  ", &all[kept..])].concat();
            assert_eq!(migrate(&storage, &["status"]), status);
        }
        assert_eq!(migrate(&storage, &["revert"]), "nothing to revert\n");
        assert_eq!(migrate(&storage, &["status"]), pending);
    }
}

#[test]
fn memory_has_no_migrations() {
    assert_eq!(migrate(&Storage::Memory, &[]), "nothing to apply\n");
    assert_eq!(migrate(&Storage::Memory, &["revert"]), "nothing to revert\n");
    assert_eq!(migrate(&Storage::Memory, &["status"]), "no migrations\n");
}

#[test]
fn many_at_once_all_succeed_and_each_version_is_there_once() {
    for storage in Storage::databases() {
        let outputs = at_once(20, || over(&storage.url(), &["migrate"]));
        let applied: Vec<_> = outputs
            .iter()
            .inspect(|output| assert!(output.status.success(), "{output:?}"))
            .map(|output| String::from_utf8_lossy(&output.stdout))
            .filter(|said| said.starts_with("applied"))
            .collect();
        // MongoDB has no lock for this: each step may be told by several, and is there once.
        if let Storage::Mongo { .. } = storage {
            let told = applied.concat();
            assert!(all(&storage).iter().all(|name| told.contains(name)), "{told}");
            assert_eq!(migrate(&storage, &[]), "nothing to apply\n");
            continue;
        }
        assert_eq!(applied.len(), 1);
        let versions = "SELECT count(*), count(DISTINCT version) FROM __diesel_schema_migrations";
        if let Some(counted) = storage.by_hand(versions) {
            let count = all(&storage).len();
            assert_eq!(counted, format!("{count}|{count}\n"));
        }
    }
}

#[test]
fn rooms_survive_a_revert_and_a_run() {
    for storage in Storage::databases() {
        drop(Server::with_sample_rooms(&storage));
        let list = |storage: &Storage| {
            stdout(&mut over(&storage.url(), &["rooms", "list", "--format", "json"]))
        };
        let before = list(&storage);
        revert_to(&storage, CREATE);
        migrate(&storage, &["run"]);
        assert_eq!(list(&storage), before);
    }
}

#[test]
fn the_table_is_not_taken_back_while_it_holds_rooms() {
    for storage in Storage::databases() {
        drop(Server::with_sample_rooms(&storage));
        revert_to(&storage, CREATE);
        let said = failure(&mut over(&storage.url(), &["migrate", "revert"]), 1);
        assert!(said.contains("holds 4 rooms: delete them first"), "{said}");
        migrate(&storage, &["run"]);
        assert_eq!(Server::over(&storage).get("/rooms").codes().len(), 4);
    }
}

#[test]
fn migrations_of_a_newer_version_are_listed_and_left_alone() {
    for storage in Storage::sql() {
        migrate(&storage, &[]);
        let insert = "INSERT INTO __diesel_schema_migrations (version) VALUES ('20990101000000')";
        if storage.by_hand(insert).is_none() {
            continue;
        }
        let status = migrate(&storage, &["status"]);
        assert!(
            status.ends_with("applied  20990101000000 (from a newer rentomatic)\n"),
            "{status}"
        );
        assert_eq!(migrate(&storage, &["run"]), "nothing to apply\n");
        assert_eq!(Server::over(&storage).get("/ready").status, 200);
        let said = failure(&mut over(&storage.url(), &["migrate", "revert"]), 1);
        assert!(said.contains("20990101000000 comes from a newer rentomatic"), "{said}");
    }
}

/// The schema as the Python original's Alembic migration leaves it.
const ORIGINAL: &str = "
    CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);
    INSERT INTO alembic_version VALUES ('4d4c19952a36');
    CREATE TABLE room (
        id SERIAL PRIMARY KEY,
        code VARCHAR(36) NOT NULL,
        size INTEGER,
        price INTEGER,
        longitude DOUBLE PRECISION,
        latitude DOUBLE PRECISION
    );";

fn original() -> Option<Storage> {
    let storage = Storage::postgres()?;
    storage.by_hand(ORIGINAL);
    Some(storage)
}

#[test]
fn a_database_of_the_original_is_adopted_with_its_rows() {
    let Some(storage) = original() else { return };
    storage.by_hand(
        "INSERT INTO room (id, code, size, price, longitude, latitude) VALUES
            (7, 'F853578C-fc0f-4e65-81b8-566c5dffa35a', 215, 39, -0.09998975, 51.75436293),
            (3, 'fe2c3195-aeff-487a-a08f-e0bdc0ec6e9a', 405, 66, 0.18228006, 51.74640997);
         SELECT setval('room_id_seq', 7)",
    );
    let server = Server::over(&storage);
    assert_eq!(server.get("/rooms").codes(), ["fe2c3195", "f853578c"]);
    storage.by_hand(
        "insert into public.room(code, size, price, longitude, latitude)
         values ('913694c6-435a-4366-ba0d-da5334a611b2', 56, 60, 0.27891577, 51.45994069)",
    );
    assert_eq!(server.get("/rooms").codes(), ["fe2c3195", "f853578c", "913694c6"]);
    assert_eq!(
        storage.by_hand("SELECT version_num FROM alembic_version").unwrap(),
        "4d4c19952a36\n"
    );
    assert_eq!(storage.by_hand("SELECT pg_typeof(code) FROM room LIMIT 1").unwrap(), "uuid\n");
}

#[test]
fn an_adopted_table_is_given_back_and_never_dropped() {
    let Some(storage) = original() else { return };
    storage.by_hand(
        "INSERT INTO room (code, size, price, longitude, latitude) VALUES
            ('F853578C-fc0f-4e65-81b8-566c5dffa35a', 215, 39, -0.09998975, 51.75436293)",
    );
    migrate(&storage, &["run"]);
    for _ in ALL {
        migrate(&storage, &["revert"]);
    }
    assert!(!migrate(&storage, &["status"]).contains("applied"));
    assert_eq!(
        storage.by_hand("SELECT id, code, size FROM room").unwrap(),
        "1|f853578c-fc0f-4e65-81b8-566c5dffa35a|215\n"
    );
    let columns = storage.by_hand(
        "SELECT column_name, data_type, is_nullable FROM information_schema.columns
         WHERE table_name = 'room' ORDER BY ordinal_position",
    );
    assert_eq!(
        columns.unwrap(),
        "id|integer|NO\ncode|character varying|NO\nsize|integer|YES\nprice|integer|YES\n\
         longitude|double precision|YES\nlatitude|double precision|YES\n"
    );
}

#[test]
fn rows_that_are_no_rooms_stop_the_migration_and_nothing_is_changed() {
    for storage in Storage::sql() {
        // As a database has it that stopped after the first migration.
        if storage.by_hand(match storage {
            Storage::Postgres { .. } => ORIGINAL,
            _ => "CREATE TABLE room (id INTEGER PRIMARY KEY, code VARCHAR(36) NOT NULL, size INTEGER,
                  price INTEGER, longitude DOUBLE PRECISION, latitude DOUBLE PRECISION)",
        })
        .is_none()
        {
            continue;
        }
        storage.by_hand(
            "INSERT INTO room (code, size, price, longitude, latitude) VALUES
                ('f853578c-fc0f-4e65-81b8-566c5dffa35a', 215, 39, 0, 0),
                ('the attic', 0, 39, 0, 0),
                ('fe2c3195-aeff-487a-a08f-e0bdc0ec6e9a', NULL, -1, 0, 0),
                ('eed76e77-55c1-41ce-985d-ca49bf6c0585', 1, 1, 181, -91),
                ('F853578C-FC0F-4E65-81B8-566C5DFFA35A', 215, 39, 0, 0)",
        );
        let said = failure(&mut over(&storage.url(), &["migrate"]), 1);
        for part in [
            "5 of the rows in the table room are not rooms; correct or delete them: ",
            "id 1: code 'f853578c-fc0f-4e65-81b8-566c5dffa35a' is there more than once",
            "id 2: ",
            "code 'the attic' is not a UUID",
            "size 0 is not from 1 to 2147483647",
            "size NULL is not from 1",
            "price -1 is not from 0 to 2147483647",
            "longitude 181",
            "latitude -91",
            "id 5: code 'F853578C-FC0F-4E65-81B8-566C5DFFA35A' is there more than once",
            "Nothing was changed",
        ] {
            assert!(said.contains(part), "{part} is not in {said}");
        }
        assert_eq!(said.lines().count(), 1, "{said}");
        let rows = storage.by_hand("SELECT count(*), max(code) FROM room").unwrap();
        assert_eq!(rows, "5|the attic\n");
        assert!(!migrate(&storage, &["status"]).contains("applied"));
        if let Storage::Sqlite(_) = storage {
            assert_eq!(storage.by_hand("PRAGMA journal_mode").unwrap(), "delete\n");
        }
        storage.by_hand("DELETE FROM room WHERE id > 1");
        assert_eq!(migrate(&storage, &[]).lines().count(), all(&storage).len());
        assert_eq!(Server::over(&storage).get("/rooms").codes(), ["f853578c"]);
    }
}

#[test]
fn of_many_bad_rows_the_first_twenty_are_named() {
    for storage in Storage::sql() {
        migrate(&storage, &[]);
        revert_to(&storage, CREATE);
        let Some(_) = storage.by_hand(
            "INSERT INTO room (code, size, price, longitude, latitude)
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50)
             SELECT 'room ' || i, 1, 1, 1, 1 FROM n",
        ) else {
            continue;
        };
        let said = failure(&mut over(&storage.url(), &["migrate"]), 1);
        assert!(said.contains("50 of the rows"), "{said}");
        assert!(said.contains("'room 20' is not a UUID; and 30 more"), "{said}");
    }
}

#[test]
fn the_database_itself_refuses_what_is_no_room() {
    for storage in Storage::sql() {
        migrate(&storage, &[]);
        let good = "'f853578c-fc0f-4e65-81b8-566c5dffa35a', 1, 0, 0, 0";
        let insert = |values: &str| {
            format!("INSERT INTO room (code, size, price, longitude, latitude) VALUES ({values})")
        };
        if storage.by_hand(&insert(good)).is_none() {
            continue;
        }
        for values in [
            good,
            "'F853578C-FC0F-4E65-81B8-566C5DFFA35A', 1, 0, 0, 0",
            "'the attic', 1, 0, 0, 0",
            "X'66383533353738632d666330662d346536352d383162382d353636633564666661333561', 1, 0, 0, 0",
            "NULL, 1, 0, 0, 0",
            "'00000000-0000-0000-0000-000000000001', 0, 0, 0, 0",
            "'00000000-0000-0000-0000-000000000001', NULL, 0, 0, 0",
            "'00000000-0000-0000-0000-000000000001', 2147483648, 0, 0, 0",
            "'00000000-0000-0000-0000-000000000001', 1, -1, 0, 0",
            "'00000000-0000-0000-0000-000000000001', 1, 0, 180.1, 0",
            "'00000000-0000-0000-0000-000000000001', 1, 0, 0, -90.1",
            "'00000000-0000-0000-0000-000000000001', 1, 0, 'east', 0",
            "'00000000-0000-0000-0000-000000000001', 1, 0, 'NaN', 0",
            "'00000000-0000-0000-0000-000000000001', 1, 0, 0, 9e999",
        ] {
            let refused = std::panic::catch_unwind(|| storage.by_hand(&insert(values)));
            assert!(refused.is_err(), "{values} went in");
        }
    }
}

#[test]
fn a_code_with_a_hidden_end_is_no_code() {
    let storage = Storage::sqlite();
    migrate(&storage, &[]);
    revert_to(&storage, CREATE);
    let insert = "INSERT INTO room (code, size, price, longitude, latitude)
        VALUES ('f853578c-fc0f-4e65-81b8-566c5dffa35a' || char(0) || 'x', 1, 1, 1, 1)";
    if storage.by_hand(insert).is_some() {
        let said = failure(&mut over(&storage.url(), &["migrate"]), 1);
        assert!(said.contains("is not a UUID"), "{said}");
    }
}

#[test]
fn a_role_without_rights_on_the_schema_can_serve_what_is_migrated() {
    let Some(storage) = Storage::postgres() else { return };
    let reader = storage.url().replace("rentomatic@", "reader@");
    storage.by_hand(
        "DO $$ BEGIN CREATE ROLE reader LOGIN; EXCEPTION WHEN duplicate_object THEN END $$",
    );
    let said = failure(&mut over(&reader, &["migrate"]), 1);
    assert!(said.contains("Run `rentomatic migrate` as the owner of the table"), "{said}");
    migrate(&storage, &[]);
    storage.by_hand("GRANT SELECT ON room, __diesel_schema_migrations TO reader");
    assert_eq!(stdout(&mut over(&reader, &["migrate"])), "nothing to apply\n");
    let server = Server::start(&reader, &[], &[]);
    assert_eq!((server.get("/ready").status, server.get("/rooms").status), (200, 200));
    storage.by_hand("GRANT INSERT, UPDATE, DELETE ON room TO reader");
    storage.by_hand("GRANT USAGE ON SEQUENCE room_id_seq TO reader");
    let add = ["--size", "1", "--price", "1", "--latitude", "1", "--longitude", "1"];
    let code = stdout(&mut over(&reader, &[&["rooms", "add"][..], &add].concat()));
    stdout(&mut over(&reader, &["rooms", "delete", code.trim_end()]));
    let file = tempfile::NamedTempFile::with_suffix(".csv").unwrap();
    std::fs::write(&file, "size,price,latitude,longitude\n1,1,1,1\n").unwrap();
    stdout(&mut over(&reader, &["rooms", "import", file.path().to_str().unwrap()]));
}
