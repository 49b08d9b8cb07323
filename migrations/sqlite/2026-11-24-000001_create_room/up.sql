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
