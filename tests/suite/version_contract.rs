//! The version of all rooms: it changes with every way in which rooms change, and costs the same for ever.

use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use rentomatic::repository::storage as open_storage;
use rentomatic::use_cases::{Version, add_sample_rooms};

use crate::repository_contract::{Repository, default_settings};
use crate::support::server::PATIENCE;
use crate::support::storage::Storage;

/// A database that understands SQL, and the same as a repository.
fn databases() -> Vec<(Storage, Repository)> {
    Storage::sql().map(with_repository).collect()
}

fn with_repository(storage: Storage) -> (Storage, Repository) {
    let opened = open_storage(&storage.url()).unwrap();
    opened.migrate().unwrap();
    let repository = opened.open(&default_settings());
    (storage, repository)
}

fn version(repository: &Repository) -> Version {
    repository.version().unwrap().unwrap()
}

fn eventually(condition: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline);
        thread::sleep(Duration::from_millis(10));
    }
}

/// A session in which a transaction has changed a room and not ended.
fn writing(storage: &Storage, begin: &str) -> PgConnection {
    let mut session = PgConnection::establish(&storage.url()).unwrap();
    session.batch_execute(&format!("{begin}; UPDATE room SET price = price + 1")).unwrap();
    session
}

#[test]
fn every_change_by_hand_is_another_version() {
    for (storage, repository) in databases() {
        let insert = |code: u32| {
            format!(
                "INSERT INTO room (code, size, price, longitude, latitude)
                 VALUES ('00000000-0000-0000-0000-{code:012}', 1, 1, 1, 1)"
            )
        };
        let mut versions = vec![version(&repository)];
        for sql in [
            insert(1),
            insert(2),
            "UPDATE room SET price = 2 WHERE size = 1".to_owned(),
            "UPDATE room SET price = 1".to_owned(),
            "DELETE FROM room WHERE code = '00000000-0000-0000-0000-000000000001'".to_owned(),
            format!("BEGIN; {}; COMMIT", insert(3)),
            match storage {
                Storage::Postgres { .. } => "TRUNCATE room".to_owned(),
                _ => "DELETE FROM room".to_owned(),
            },
        ] {
            if storage.by_hand(&sql).is_none() {
                continue;
            }
            let now = version(&repository);
            assert!(!versions.contains(&now), "{sql}");
            versions.push(now);
        }
        storage.by_hand(&format!("BEGIN; {}; ROLLBACK", insert(4)));
        assert_eq!(version(&repository), version(&repository));
    }
}

#[test]
fn writers_do_not_wait_for_each_others_versions() {
    let Some(storage) = Storage::postgres() else { return };
    open_storage(&storage.url()).unwrap().migrate().unwrap();
    let sql = |code: u32| {
        format!(
            "INSERT INTO room (code, size, price, longitude, latitude)
             VALUES ('00000000-0000-0000-0000-{code:012}', 1, 1, 1, 1);"
        )
    };
    let mut open: Vec<_> =
        (0..4).map(|_| PgConnection::establish(&storage.url()).unwrap()).collect();
    for (number, session) in (1..).zip(&mut open) {
        let sql = format!("BEGIN; SET LOCAL lock_timeout = '1s'; {}", sql(number));
        session.batch_execute(&sql).unwrap();
    }
    for session in &mut open {
        session.batch_execute("COMMIT").unwrap();
    }
    assert_eq!(storage.by_hand("SELECT count(*) FROM room").unwrap(), "4\n");
}

#[test]
fn changes_past_the_trigger_are_another_version_too() {
    let Some(storage) = Storage::postgres() else { return };
    let opened = open_storage(&storage.url()).unwrap();
    opened.migrate().unwrap();
    let repository = opened.open(&default_settings());
    add_sample_rooms(repository.as_ref()).unwrap();
    let mut versions = vec![version(&repository)];
    for sql in [
        "SET session_replication_role = replica; UPDATE room SET price = price + 1",
        "ALTER TABLE room ALTER COLUMN price TYPE INTEGER USING price + 1",
        "BEGIN; ALTER TABLE room DISABLE TRIGGER USER; UPDATE room SET price = price + 1;
         ALTER TABLE room ENABLE ALWAYS TRIGGER room_version;
         ALTER TABLE room ENABLE REPLICA TRIGGER room_version_of_row; COMMIT",
        "BEGIN; SAVEPOINT s; UPDATE room SET price = 1; ROLLBACK TO s; UPDATE room SET price = 2; COMMIT",
        "COPY room (code, size, price, longitude, latitude) FROM PROGRAM
         'echo 00000000-0000-0000-0000-000000000001,1,1,1,1' CSV",
    ] {
        storage.by_hand(sql);
        let now = version(&repository);
        assert!(!versions.contains(&now), "{sql}");
        versions.push(now);
    }
}

#[test]
fn writers_at_any_isolation_level_go_on_beside_others() {
    let Some(storage) = Storage::postgres() else { return };
    open_storage(&storage.url()).unwrap().migrate().unwrap();
    let insert = |code: u32| {
        format!(
            "INSERT INTO room (code, size, price, longitude, latitude)
             VALUES ('00000000-0000-0000-0000-{code:012}', 1, 1, 1, 1);"
        )
    };
    for (number, level) in [(10, "READ COMMITTED"), (20, "REPEATABLE READ"), (30, "SERIALIZABLE")] {
        let mut session = PgConnection::establish(&storage.url()).unwrap();
        let begin = format!("BEGIN ISOLATION LEVEL {level}; SELECT count(*) FROM pg_class");
        session.batch_execute(&begin).unwrap();
        storage.by_hand(&insert(number));
        session.batch_execute(&format!("{} COMMIT", insert(number + 1))).unwrap();
    }
    assert_eq!(storage.by_hand("SELECT count(*) FROM room").unwrap(), "6\n");
}

/// A list that is read while a transaction has changed rooms and not ended can be cached meanwhile, but not
/// afterwards.
#[test]
fn a_transaction_that_ends_makes_another_version() {
    let Some((storage, repository)) = Storage::postgres().map(with_repository) else { return };
    add_sample_rooms(repository.as_ref()).unwrap();
    let levels = ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"];
    let begins = levels.map(|level| format!("BEGIN ISOLATION LEVEL {level}"));
    // The lock of a savepoint that was rolled back is released.
    let savepoint = "BEGIN; SAVEPOINT s; UPDATE room SET price = 1; ROLLBACK TO s".to_owned();
    for begin in begins.into_iter().chain([savepoint]) {
        for ends in
            [&["COMMIT"][..], &["ROLLBACK"], &["PREPARE TRANSACTION 'p'", "COMMIT PREPARED 'p'"]]
        {
            let before = version(&repository);
            let mut session = writing(&storage, &begin);
            let mut versions = vec![before, version(&repository)];
            assert_eq!(version(&repository), versions[1], "{begin}");
            for end in ends {
                session.batch_execute(end).unwrap();
            }
            versions.push(version(&repository));
            assert_eq!(version(&repository), versions[2], "{begin} {ends:?}");
            versions.dedup();
            assert!(versions.len() == 3 && versions[0] != versions[2], "{begin} {ends:?}");
        }
    }
    let mut prepared = writing(&storage, "BEGIN");
    prepared.batch_execute("PREPARE TRANSACTION 'p'").unwrap();
    let meanwhile = version(&repository);
    assert_eq!(version(&repository), meanwhile);
    prepared.batch_execute("COMMIT PREPARED 'p'").unwrap();
    assert_ne!(version(&repository), meanwhile);
}

#[test]
fn the_default_isolation_level_makes_no_difference() {
    for level in ["repeatable read", "serializable"] {
        let Some(storage) = Storage::postgres() else { return };
        storage.by_hand(&format!(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = %L',
             current_database(), '{level}'); END $$"
        ));
        let (storage, repository) = with_repository(storage);
        add_sample_rooms(repository.as_ref()).unwrap();
        let before = version(&repository);
        assert_eq!(version(&repository), before, "{level}");
        let mut session = writing(&storage, "BEGIN");
        let meanwhile = version(&repository);
        session.batch_execute("COMMIT").unwrap();
        let after = version(&repository);
        assert!(before != meanwhile && meanwhile != after && before != after, "{level}");
        assert_eq!(version(&repository), after, "{level}");
    }
}

/// Statements that name another table can change rooms without a trigger of this table, so nothing is cached.
#[test]
fn a_table_whose_changes_may_be_missed_has_a_new_version_each_time() {
    for sql in [
        "CREATE TABLE child () INHERITS (room)",
        "CREATE TABLE parent (LIKE room); ALTER TABLE room INHERIT parent",
        "ALTER TABLE room DISABLE TRIGGER room_version",
        // As pg_restore leaves it after --disable-triggers.
        "ALTER TABLE room DISABLE TRIGGER ALL; ALTER TABLE room ENABLE TRIGGER ALL",
    ] {
        let Some((storage, repository)) = Storage::postgres().map(with_repository) else { return };
        assert_eq!(version(&repository), version(&repository));
        storage.by_hand(sql);
        assert_ne!(version(&repository), version(&repository), "{sql}");
    }
}

/// The process that applies another server's changes fires triggers for rows only.
#[test]
fn replicated_rooms_make_another_version() {
    let Some((publisher, other)) = Storage::postgres().map(with_repository) else { return };
    let Some((subscriber, repository)) = Storage::postgres().map(with_repository) else { return };
    add_sample_rooms(other.as_ref()).unwrap();
    let url = publisher.url();
    let slot = url.rsplit('/').next().unwrap();
    publisher.by_hand("CREATE PUBLICATION rooms FOR TABLE room");
    // A subscription within a cluster would wait for itself to create its slot.
    publisher.by_hand(&format!("SELECT pg_create_logical_replication_slot('{slot}', 'pgoutput')"));
    subscriber.by_hand(&format!(
        "CREATE SUBSCRIPTION {slot} CONNECTION '{url}' PUBLICATION rooms
         WITH (create_slot = false, slot_name = '{slot}')"
    ));
    let wait_for = |number: &str| {
        eventually(|| subscriber.by_hand("SELECT count(*) FROM room").unwrap().trim() == number);
    };
    wait_for("4");
    let mut versions = vec![version(&repository)];
    for (sql, number) in [
        ("DELETE FROM room WHERE price = 39", "3"),
        (
            "INSERT INTO room (code, size, price, longitude, latitude)
             VALUES ('00000000-0000-0000-0000-000000000001', 1, 1, 1, 1)",
            "4",
        ),
        ("TRUNCATE room", "0"),
    ] {
        publisher.by_hand(sql);
        wait_for(number);
        let after = version(&repository);
        assert!(!versions.contains(&after), "{sql}");
        versions.push(after);
    }
    subscriber.by_hand(&format!("DROP SUBSCRIPTION {slot}"));
}

/// Neither writes nor old snapshots leave anything behind that a reader would have to skip.
#[test]
fn many_writes_under_an_open_snapshot_leave_nothing_behind() {
    let Some((storage, repository)) = Storage::postgres().map(with_repository) else { return };
    add_sample_rooms(repository.as_ref()).unwrap();
    let mut old = PgConnection::establish(&storage.url()).unwrap();
    old.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM room").unwrap();
    storage.by_hand(
        "DO $$ BEGIN FOR i IN 1..2000 LOOP UPDATE room SET price = i WHERE id = 1; COMMIT; END LOOP;
         END $$",
    );
    assert_eq!(storage.by_hand("SELECT pg_relation_size('room_version')").unwrap(), "8192\n");
    let plan = storage.by_hand(
        "EXPLAIN (ANALYZE, BUFFERS, COSTS off, TIMING off, SUMMARY off) SELECT last_value FROM room_version",
    );
    assert!(plan.as_ref().unwrap().contains("Buffers: shared hit=1\n"), "{plan:?}");
    assert_eq!(version(&repository), version(&repository));
}
