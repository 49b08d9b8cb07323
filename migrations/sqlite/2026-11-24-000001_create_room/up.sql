-- The schema of the Python original, the same as on PostgreSQL.
CREATE TABLE IF NOT EXISTS room (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    code VARCHAR(36) NOT NULL,
    size INTEGER,
    price INTEGER,
    longitude DOUBLE PRECISION,
    latitude DOUBLE PRECISION
);

-- A table that exists may have other types: for example, a NUMERIC column stores 51.0 as the integer 51. A column of
-- the new table converts each number that stays the same. Any other is reported by the next migration.
CREATE TEMPORARY TABLE wrong_id (number INTEGER, named TEXT);
CREATE TEMPORARY TRIGGER refuse_wrong_id BEFORE INSERT ON wrong_id WHEN new.number > 0
BEGIN
    SELECT RAISE(ABORT, 'the table room cannot be adopted: the column id has ' || new.number
        || ' values that are not whole numbers: ' || new.named);
END;
WITH problem AS (
    SELECT quote(id) AS value FROM main.room
    WHERE id IS NOT NULL AND CAST(CAST(id AS INTEGER) AS TEXT) <> CAST(id AS TEXT)
)
INSERT INTO wrong_id
SELECT (SELECT count(*) FROM problem), (SELECT group_concat(value, ', ') FROM (SELECT value FROM problem LIMIT 20));
DROP TABLE wrong_id;

-- A table that comes alone from a dump of a later schema (.dump room) has names and descriptions, which a later
-- migration puts back. In any other table, `name` is that of `absent`.
CREATE TEMPORARY TABLE room_text AS
SELECT
    absent.id,
    (SELECT name FROM room WHERE room.id = absent.id) AS name,
    (SELECT description FROM room WHERE room.id = absent.id) AS description
FROM (SELECT id, NULL AS name, NULL AS description FROM room) AS absent;

CREATE TABLE room_adopted (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    code VARCHAR(36) NOT NULL,
    size INTEGER,
    price INTEGER,
    longitude DOUBLE PRECISION,
    latitude DOUBLE PRECISION
);
INSERT INTO room_adopted (id, code, size, price, longitude, latitude)
SELECT id, code, size, price, longitude, latitude FROM room;
DROP TABLE room;
ALTER TABLE room_adopted RENAME TO room;
