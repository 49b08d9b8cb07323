CREATE TABLE room_unconstrained (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    code VARCHAR(36) NOT NULL,
    size INTEGER,
    price INTEGER,
    longitude DOUBLE PRECISION,
    latitude DOUBLE PRECISION
);
INSERT INTO room_unconstrained (id, code, size, price, longitude, latitude)
SELECT id, code, size, price, longitude, latitude FROM room;
DROP TABLE room;
ALTER TABLE room_unconstrained RENAME TO room;
