-- Refuses to delete rooms. (The Python original uses PostgreSQL, so this table was created by rentomatic.)
CREATE TEMPORARY TABLE rooms (number INTEGER);
CREATE TEMPORARY TRIGGER refuse_rooms BEFORE INSERT ON rooms WHEN new.number > 0
BEGIN
    SELECT RAISE(ABORT, 'the table room holds ' || new.number || ' rooms: delete them first');
END;
INSERT INTO rooms SELECT count(*) FROM main.room;
DROP TABLE rooms;

DROP TABLE room;
