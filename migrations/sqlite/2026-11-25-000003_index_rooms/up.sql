-- Makes a list of a million rooms as fast as one of a thousand, and records when rooms change.

-- There is an index for sorting by each field, and by price and size together, with ties in order of insertion.
-- Read backwards, an index returns ties in the wrong order, so fields with many ties have one index for each
-- direction. For any other order, only the rooms that tie are sorted.
CREATE INDEX room_price_idx ON room (price, id);
CREATE INDEX room_price_desc_idx ON room (price DESC, id);
CREATE INDEX room_size_idx ON room (size, id);
CREATE INDEX room_size_desc_idx ON room (size DESC, id);
CREATE INDEX room_price_size_idx ON room (price, size, id);
CREATE INDEX room_price_size_desc_idx ON room (price, size DESC, id);
CREATE INDEX room_size_price_idx ON room (size, price, id);
CREATE INDEX room_size_price_desc_idx ON room (size, price DESC, id);
CREATE INDEX room_latitude_idx ON room (latitude, id);
CREATE INDEX room_longitude_idx ON room (longitude, id);

-- A bounding box for each room, slightly larger than its location, since an R*Tree stores 32-bit numbers,
-- rounded outwards.
CREATE VIRTUAL TABLE room_place USING rtree (id, west, east, south, north);
INSERT INTO room_place SELECT id, longitude, longitude, latitude, latitude FROM room;

-- Every change of a room replaces the token. If the token is the same at two times, nobody changed a room in
-- between.
CREATE TABLE room_version (
    id INTEGER PRIMARY KEY,
    token TEXT NOT NULL
);
INSERT INTO room_version VALUES (1, hex(randomblob(16)));

-- The conflict clause of an outer statement (INSERT OR REPLACE, UPDATE OR IGNORE, ON CONFLICT) also applies to
-- the statements in a trigger, so none of these may cause a conflict. A row that REPLACE removes fires no delete
-- trigger, so its box may still exist.
CREATE TRIGGER room_inserted AFTER INSERT ON room
BEGIN
    DELETE FROM room_place WHERE id = new.id;
    INSERT INTO room_place
    VALUES (new.id, new.longitude, new.longitude, new.latitude, new.latitude);
    UPDATE room_version SET token = hex(randomblob(16));
END;
CREATE TRIGGER room_moved AFTER UPDATE OF id, longitude, latitude ON room
BEGIN
    DELETE FROM room_place WHERE id IN (old.id, new.id);
    INSERT INTO room_place
    VALUES (new.id, new.longitude, new.longitude, new.latitude, new.latitude);
END;
CREATE TRIGGER room_updated AFTER UPDATE ON room
BEGIN
    UPDATE room_version SET token = hex(randomblob(16));
END;
CREATE TRIGGER room_deleted AFTER DELETE ON room
BEGIN
    DELETE FROM room_place WHERE id = old.id;
    UPDATE room_version SET token = hex(randomblob(16));
END;
