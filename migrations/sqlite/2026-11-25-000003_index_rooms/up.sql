-- What keeps a list of a million rooms as quick as one of a thousand, and tells when it changed.

-- Each order by one field has its index, ties by the order of insertion, and so have those by price
-- and size. Read backwards, an index gives ties in the wrong order; where those may be many, there is
-- one for each direction. In any other order, only the rooms that tie are sorted.
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

-- A box for each room, a little larger than its place: an R*Tree keeps 32-bit numbers, rounded
-- outwards.
CREATE VIRTUAL TABLE room_place USING rtree (id, west, east, south, north);
INSERT INTO room_place SELECT id, longitude, longitude, latitude, latitude FROM room;

-- Every change of a room replaces the token by a new one, so two equal tokens mean that nothing was
-- changed in between, by anyone.
CREATE TABLE room_version (
    id INTEGER PRIMARY KEY,
    token TEXT NOT NULL
);
INSERT INTO room_version VALUES (1, hex(randomblob(16)));

-- A conflict clause of the statement outside (INSERT OR REPLACE, UPDATE OR IGNORE, ON CONFLICT) holds
-- for the statements of a trigger too, so none of these may meet a conflict. And a row that REPLACE
-- removes fires no trigger: its box may still be there.
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
