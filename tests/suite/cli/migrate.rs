//! `rentomatic migrate`, and the adoption of a database that the Python original made.

use rentomatic::entities::FIELDS;

use super::{at_once, over};
use crate::support::server::Server;
use crate::support::storage::Storage;
use crate::support::{failure, stdout};

const CREATE: &str = "2026-11-24-000001_create_room";
const CONSTRAIN: &str = "2026-11-24-000002_constrain_room";
const INDEX: &str = "2026-11-25-000003_index_rooms";
const SESSION: &str = "2026-11-27-000004_create_session";
const VERSION: &str = "2026-11-27-000005_version_without_rows";
const DESCRIBE: &str = "2026-11-28-000006_describe_rooms";
const ALL: [&str; 6] = [CREATE, CONSTRAIN, INDEX, SESSION, VERSION, DESCRIBE];

/// The migrations of a storage. Only PostgreSQL kept versions in rows, and MongoDB has no columns.
fn all(storage: &Storage) -> &'static [&'static str] {
    match storage {
        Storage::Postgres { .. } => &ALL,
        Storage::Mongo { .. } => &ALL[..4],
        _ => &[CREATE, CONSTRAIN, INDEX, SESSION, DESCRIBE],
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

/// The rooms of a table that was not made by a migration, after it is adopted.
fn adopted(storage: &Storage) -> serde_json::Value {
    assert_eq!(migrate(storage, &[]).lines().count(), all(storage).len());
    let server = Server::with_owner(storage);
    let rooms = server.get("/rooms");
    assert_eq!(rooms.status, 200, "{}", server.log());
    // It can be written as well.
    let add = |format: &str| {
        let headers = [("content-type", format)];
        let (path, body) = match format {
            "text/csv" => ("/rooms/import", "size,price,latitude,longitude\n1,2,3,4\n1,2,3,4\n"),
            _ => ("/rooms", r#"{"size":1,"price":2,"latitude":3,"longitude":4}"#),
        };
        server.owner().send("POST", path, &headers, body.as_bytes())
    };
    for (format, status) in [("text/csv", 200), ("application/json", 201), ("text/csv", 200)] {
        let answer = add(format);
        assert_eq!(answer.status, status, "{} {}", answer.body, server.log());
    }
    let before = rooms.json().as_array().unwrap().len();
    assert_eq!(server.get("/rooms").json().as_array().unwrap().len(), before + 5);
    for path in ["/rooms?sort=price,-size&limit=2", "/rooms?near=0,0&radius=9000000&count=exact"] {
        assert_eq!(server.get(path).status, 200, "{path}: {}", server.log());
    }
    rooms.json()
}

const CODE: &str = "f853578c-fc0f-4e65-81b8-566c5dffa35a";
const OTHER: &str = "fe2c3195-aeff-487a-a08f-e0bdc0ec6e9a";

#[test]
fn a_table_with_other_types_is_adopted_with_the_same_numbers() {
    let expected = serde_json::json!([
        { "code": CODE, "size": 215, "price": 39, "latitude": 51.75, "longitude": 0.0 },
        { "code": OTHER, "size": 20, "price": 0, "latitude": -90.0, "longitude": -0.5 },
    ]);
    let rows = format!(
        "INSERT INTO room (id, code, size, price, longitude, latitude) VALUES
             (3, '{CODE}', 215, 39, 0, 51.75), (7, '{OTHER}', 20.0, 0, -0.5, -90)"
    );
    let columns = |id: &str, code: &str, number: &str, degrees: &str| {
        format!(
            "CREATE TABLE room (id {id}, code {code}, size {number}, price {number},
                                longitude {degrees}, latitude {degrees}); {rows}"
        )
    };
    let of_postgres = [
        columns("bigserial PRIMARY KEY", "varchar(36) NOT NULL", "integer", "double precision"),
        columns("bigserial PRIMARY KEY", "uuid UNIQUE", "bigint", "numeric"),
        columns("serial", "text", "smallint", "real"),
        columns("smallint PRIMARY KEY", "char(36)", "numeric(9, 2)", "numeric(20, 10)"),
        columns("integer", "uuid PRIMARY KEY", "real", "real"),
        columns("bigint GENERATED ALWAYS AS IDENTITY", "uuid", "double precision", "numeric")
            .replace(") VALUES", ") OVERRIDING SYSTEM VALUE VALUES"),
    ];
    let of_sqlite = [
        columns("INTEGER PRIMARY KEY", "VARCHAR(36) NOT NULL", "INTEGER", "NUMERIC"),
        columns("INTEGER PRIMARY KEY", "TEXT UNIQUE", "NUMERIC", "DECIMAL(10, 5)"),
        columns("INT", "BLOB", "REAL", "FLOAT"),
        columns("INTEGER PRIMARY KEY", "UUID TEXT", "TEXT", "TEXT"),
        columns("BIGINT PRIMARY KEY", "", "", ""),
    ];
    for table in of_postgres {
        let Some(storage) = Storage::postgres() else { break };
        storage.by_hand(&table);
        assert_eq!(adopted(&storage), expected, "{table}");
    }
    for table in of_sqlite {
        let storage = Storage::sqlite();
        if storage.by_hand(&table).is_some() {
            assert_eq!(adopted(&storage), expected, "{table}");
        }
    }
}

#[test]
fn a_table_that_cannot_be_adopted_is_named_with_its_columns_and_stays() {
    let table = |columns: &str| format!("CREATE TABLE room ({columns})");
    for (table, parts) in [
        (
            table("id text, code bytea, size text, price money, longitude point, latitude text"),
            &[
                "the column id has the type text, and not integer, smallint, bigint",
                "the column code has the type bytea",
                "the column size has the type text",
                "the column price has the type money",
                "the column longitude has the type point",
            ][..],
        ),
        (
            table("id serial, code text, area integer, price integer"),
            &["there is no column size; there is no column longitude; there is no column latitude"],
        ),
        (
            table("id bigint, code text, size numeric, price real, longitude real, latitude real")
                + &*format!(
                    "; INSERT INTO room VALUES (1, '{CODE}', 20.5, 39, 0, 0), (2, '{CODE}', 1, 123456.5, 0, 0),
                       (3000000000, '{CODE}', 3000000000, 'NaN', 0, 0)"
                ),
            &[
                "5 values in the table room are not whole numbers up to 2147483647",
                "id 1: size 20.5; id 2: price 123456.5; id 3000000000: price NaN",
                "the id 3000000000",
            ],
        ),
        ("CREATE VIEW room AS SELECT 1 AS id".to_owned(), &["room is not a table: rename it"]),
    ] {
        let Some(storage) = Storage::postgres() else { return };
        storage.by_hand(&table);
        let columns = "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
                       WHERE attrelid = 'room'::regclass AND attnum > 0 ORDER BY attnum";
        let before = storage.by_hand(columns);
        let said = failure(&mut over(&storage.url(), &["migrate"]), 1);
        for part in parts.iter().chain(&["Nothing was changed"]) {
            assert!(said.contains(part), "{part} is not in {said}");
        }
        assert_eq!(storage.by_hand(columns), before);
    }
}

#[test]
fn an_sqlite_table_that_cannot_be_adopted_is_named_with_its_columns_and_stays() {
    let columns = "code, size, price, longitude, latitude";
    for (id, values, reason) in [
        (
            "id",
            "('a', 1, 1, 1, 1, 1), (2.5, 1, 1, 1, 1, 1)",
            "the column id has 2 values that are not whole",
        ),
        ("number", "(1, 1, 1, 1, 1, 1)", "no such column: id"),
        ("id", "(1, 1, 20.5, 'cheap', 'east', 1)", "size 20.5 is not from 1"),
    ] {
        let storage = Storage::sqlite();
        let table =
            format!("CREATE TABLE room ({id}, {columns}); INSERT INTO room VALUES {values}");
        if storage.by_hand(&table).is_none() {
            return;
        }
        let before = storage.by_hand(".dump");
        let said = failure(&mut over(&storage.url(), &["migrate"]), 1);
        assert!(said.contains(reason) && said.contains("Nothing was changed"), "{said}");
        assert_eq!(storage.by_hand(".dump"), before);
    }
}

#[test]
fn a_table_that_was_restored_alone_is_adopted() {
    let Some(source) = Storage::postgres() else { return };
    let Storage::Postgres { cluster, .. } = &source else { return };
    drop(Server::with_sample_rooms(&source));
    let optional = FIELDS.iter().filter(|field| field.is_optional);
    let set = optional.map(|field| format!("{} = '{}'", field.name, field.example));
    let describe = format!("UPDATE room SET {} WHERE id = 2", set.collect::<Vec<_>>().join(", "));
    source.by_hand(&describe);
    let dump = stdout(cluster.program("pg_dump").args(["--table=room", &source.url()]));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("room.sql");
    std::fs::write(&file, dump).unwrap();
    let storage = Storage::postgres().unwrap();
    // Its trigger needs a function that is not in the dump: psql reports that, and goes on.
    let mut psql = cluster.program("psql");
    let output = psql.args(["--quiet", "--file"]).arg(&file).arg(storage.url()).output();
    let said = String::from_utf8(output.unwrap().stderr).unwrap();
    assert!(said.contains("renew_room_version() does not exist"), "{said}");
    let schema = |storage: &Storage| {
        storage.by_hand(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'room'::regclass
             UNION ALL SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
             WHERE indrelid = 'room'::regclass
             UNION ALL SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = 'room'::regclass
             UNION ALL SELECT attname, format_type(atttypid, atttypmod) || attnotnull FROM pg_attribute
             WHERE attrelid = 'room'::regclass AND attnum > 0 ORDER BY 1, 2",
        )
    };
    let rooms = adopted(&storage);
    assert_eq!(rooms, Server::over(&source).get("/rooms").json());
    assert_eq!(schema(&storage), schema(&source));

    let sqlite = Storage::sqlite();
    drop(Server::with_sample_rooms(&sqlite));
    sqlite.by_hand(&describe);
    let Some(dump) = sqlite.by_hand(".dump room") else { return };
    let storage = Storage::sqlite();
    storage.by_hand(&dump);
    assert_eq!(adopted(&storage), rooms);
}

#[test]
fn names_and_descriptions_are_not_taken_back() {
    for storage in Storage::sql() {
        drop(Server::with_sample_rooms(&storage));
        let update = "UPDATE room SET name = 'Attic' WHERE id = 1;
                      UPDATE room SET description = 'Bright' WHERE id IN (1, 2)";
        if storage.by_hand(update).is_none() {
            continue;
        }
        let said = failure(&mut over(&storage.url(), &["migrate", "revert"]), 1);
        let reason = "2 of the rooms have a name or a description, which would be lost: export them, then \
                      UPDATE room SET name = NULL, description = NULL";
        assert!(said.contains(reason) && said.contains("Nothing was changed"), "{said}");
        storage.by_hand("UPDATE room SET name = NULL, description = NULL");
        assert_eq!(migrate(&storage, &["revert"]), format!("reverted {DESCRIBE}\n"));
        assert_eq!(migrate(&storage, &[]), format!("applied {DESCRIBE}\n"));
    }
}

#[test]
fn a_table_with_a_name_of_its_own_is_adopted_if_it_is_that_of_a_room() {
    let table = |storage: &Storage, column: &str, values: &str| {
        storage.by_hand(&format!(
            "CREATE TABLE room (id INTEGER PRIMARY KEY, code VARCHAR(36) NOT NULL, size INTEGER,
                 price INTEGER, longitude DOUBLE PRECISION, latitude DOUBLE PRECISION, {column});
             INSERT INTO room VALUES {values}"
        ))
    };
    let rows = |name: &str| {
        format!("(3, '{CODE}', 1, 1, 1, 1, 'Attic'), (7, '{OTHER}', 1, 1, 1, 1, {name})")
    };
    for storage in Storage::sql() {
        let column = "name VARCHAR(200) DEFAULT 'x' NOT NULL";
        if table(&storage, column, &rows("'Zürich'")).is_none() {
            continue;
        }
        let names = adopted(&storage);
        let names: Vec<_> = names.as_array().unwrap().iter().map(|room| &room["name"]).collect();
        assert_eq!(names, ["Attic", "Zürich"]);
    }
    for storage in Storage::sql() {
        if table(&storage, "name TEXT", &rows("' Zürich'")).is_none() {
            continue;
        }
        let said = failure(&mut over(&storage.url(), &["migrate"]), 1);
        let is_named = match storage {
            Storage::Postgres { .. } => {
                said.contains("1 of the rows") && said.contains("id 7: name ' Zürich'")
            }
            _ => said.contains("CHECK constraint failed"),
        };
        assert!(is_named && said.contains("Nothing was changed"), "{said}");
    }
    let Some(storage) = Storage::postgres() else { return };
    table(&storage, "name INTEGER", &format!("(3, '{CODE}', 1, 1, 1, 1, 5)"));
    let said = failure(&mut over(&storage.url(), &["migrate"]), 1);
    assert!(said.contains("the column name of the table room has the type integer"), "{said}");
}

#[test]
fn a_constraint_that_only_has_the_name_of_ours_is_kept() {
    let Some(storage) = Storage::postgres() else { return };
    storage.by_hand(
        "CREATE TABLE room (id serial PRIMARY KEY, code varchar(36) NOT NULL UNIQUE,
                            size integer CHECK (size < 900), price integer,
                            longitude double precision, latitude double precision)",
    );
    migrate(&storage, &[]);
    let checks = storage.by_hand(
        "SELECT conname FROM pg_constraint
         WHERE conrelid = 'room'::regclass AND conname LIKE 'room_size%' ORDER BY 1",
    );
    assert_eq!(checks.unwrap(), "room_size_check\nroom_size_check_earlier\n");
}

/// The tables are there already, and psql says of some rows that they are too.
#[test]
fn the_data_of_another_database_can_be_added_to_a_migrated_one() {
    let Some(source) = Storage::postgres() else { return };
    let Storage::Postgres { cluster, .. } = &source else { return };
    drop(Server::with_sample_rooms(&source));
    let storage = Storage::postgres().unwrap();
    let server = Server::with_owner(&storage);
    let headers = [("content-type", "application/json")];
    let room = br#"{"size":1,"price":2,"latitude":3,"longitude":4}"#;
    let post = || server.owner().send("POST", "/rooms", &headers, room).status;
    // With ids of its own. The dump sets the sequence back to before them.
    storage.by_hand("SELECT setval('room_id_seq', 4)");
    for _ in 0..50 {
        assert_eq!(post(), 201);
    }
    let tag = server.get("/rooms").header("etag").to_owned();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data.sql");
    let dump = stdout(cluster.program("pg_dump").args(["--data-only", &source.url()]));
    std::fs::write(&file, dump).unwrap();
    let mut psql = cluster.program("psql");
    let output = psql.args(["--quiet", "--file"]).arg(&file).arg(storage.url()).output().unwrap();
    assert!(output.status.success());
    let list = server.get("/rooms");
    assert_ne!(list.header("etag"), tag);
    assert_eq!(list.codes().len(), 54);
    for number in 1..=10 {
        assert_eq!(post(), 201, "{number}: {}", server.log());
        assert_eq!(server.get("/rooms").codes().len(), 54 + number);
    }
}

#[test]
fn a_search_path_that_hides_the_table_is_reported_and_makes_no_second_table() {
    let Some(storage) = Storage::postgres() else { return };
    drop(Server::with_sample_rooms(&storage));
    let name = storage.url().rsplit('/').next().unwrap().to_owned();
    storage.by_hand(&format!(
        "CREATE SCHEMA app; CREATE ROLE app_{name} LOGIN SUPERUSER; ALTER ROLE app_{name} SET search_path = app"
    ));
    let url = storage.url().replace("rentomatic@", &format!("app_{name}@"));
    let reason = "the table room is in the schema public, where this role does not look for it: its \
                  search_path is app. Run `ALTER ROLE … SET search_path = public`";
    for words in [
        &["migrate"][..],
        &["migrate", "status"],
        &["serve", "--bind", "127.0.0.1:0"],
        &["rooms", "list"],
    ] {
        let said = failure(&mut over(&url, words), 1);
        assert!(said.contains(reason) && said.lines().count() == 1, "{words:?}: {said}");
    }
    assert!(stdout(&mut over(&url, &["doctor"])).contains(&format!("fix   {reason}")));
    let tables = "SELECT count(*) FROM pg_class WHERE relname = 'room'";
    assert_eq!(storage.by_hand(tables).unwrap(), "1\n");
    // A schema that the URL names is intended.
    let intended = format!("{url}?options=-csearch_path%3Dapp");
    assert_eq!(stdout(&mut over(&intended, &["migrate"])).lines().count(), ALL.len());
    assert_eq!(storage.by_hand(tables).unwrap(), "2\n");
    assert_eq!(Server::over(&storage).get("/rooms").codes().len(), 4);
}
