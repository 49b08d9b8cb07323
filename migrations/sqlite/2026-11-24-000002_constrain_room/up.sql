-- Adds constraints, so that the table accepts only valid rooms.

-- Rows that are not valid rooms stop the migration with a message that names them: nothing is guessed, and
-- nothing is lost.
CREATE TEMPORARY TABLE wrong (number INTEGER, named TEXT);
CREATE TEMPORARY TRIGGER refuse_wrong BEFORE INSERT ON wrong WHEN new.number > 0
BEGIN
    SELECT RAISE(ABORT, new.number || ' of the rows in the table room are not rooms; correct or delete them: '
        || new.named || iif(new.number > 20, '; and ' || (new.number - 20) || ' more', ''));
END;
WITH problem AS (
    SELECT id, 'id is over 2147483647' AS what FROM main.room WHERE id > 2147483647
    UNION ALL
    SELECT id, 'code ' || quote(code) || ' is not a UUID' FROM main.room
    WHERE typeof(code) <> 'text'
        OR length(CAST(code AS BLOB)) <> 36
        OR replace(code, '-', '') GLOB '*[^0-9A-Fa-f]*'
        OR code NOT LIKE '________-____-____-____-____________'
        OR length(replace(code, '-', '')) <> 32
    UNION ALL
    SELECT id, 'code ' || quote(code) || ' is there more than once' FROM main.room
    WHERE lower(code) IN (SELECT lower(code) FROM main.room GROUP BY lower(code) HAVING count(*) > 1)
    UNION ALL
    SELECT id, 'size ' || quote(size) || ' is not from 1 to 2147483647' FROM main.room
    WHERE (typeof(size) = 'integer' AND size BETWEEN 1 AND 2147483647) IS NOT TRUE
    UNION ALL
    SELECT id, 'price ' || quote(price) || ' is not from 0 to 2147483647' FROM main.room
    WHERE (typeof(price) = 'integer' AND price BETWEEN 0 AND 2147483647) IS NOT TRUE
    UNION ALL
    SELECT id, 'longitude ' || quote(longitude) || ' is not from -180 to 180' FROM main.room
    WHERE (typeof(longitude) = 'real' AND longitude BETWEEN -180 AND 180) IS NOT TRUE
    UNION ALL
    SELECT id, 'latitude ' || quote(latitude) || ' is not from -90 to 90' FROM main.room
    WHERE (typeof(latitude) = 'real' AND latitude BETWEEN -90 AND 90) IS NOT TRUE
),
bad AS (
    SELECT id, 'id ' || id || ': ' || group_concat(what, ', ') AS line FROM problem GROUP BY id
)
INSERT INTO wrong
SELECT
    (SELECT count(*) FROM bad),
    (SELECT group_concat(line, '; ') FROM (SELECT line FROM bad ORDER BY id LIMIT 20));
DROP TABLE wrong;

CREATE TABLE room_constrained (
    id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id <= 2147483647),
    code TEXT NOT NULL UNIQUE COLLATE NOCASE
        CHECK (
            typeof(code) = 'text'
            AND length(CAST(code AS BLOB)) = 36
            AND code LIKE '________-____-____-____-____________'
            AND length(replace(code, '-', '')) = 32
            AND replace(code, '-', '') NOT GLOB '*[^0-9A-Fa-f]*'
        ),
    size INTEGER NOT NULL CHECK (typeof(size) = 'integer' AND size BETWEEN 1 AND 2147483647),
    price INTEGER NOT NULL CHECK (typeof(price) = 'integer' AND price BETWEEN 0 AND 2147483647),
    longitude DOUBLE PRECISION NOT NULL
        CHECK (typeof(longitude) = 'real' AND longitude BETWEEN -180 AND 180),
    latitude DOUBLE PRECISION NOT NULL
        CHECK (typeof(latitude) = 'real' AND latitude BETWEEN -90 AND 90)
);
INSERT INTO room_constrained (id, code, size, price, longitude, latitude)
SELECT id, lower(code), size, price, longitude, latitude FROM room;
DROP TABLE room;
ALTER TABLE room_constrained RENAME TO room;
