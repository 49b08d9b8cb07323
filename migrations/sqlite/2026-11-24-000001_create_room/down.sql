-- No room is thrown away. (The Python original keeps its rooms in PostgreSQL, so the table is ours.)
CREATE TEMPORARY TABLE rooms (number INTEGER);
CREATE TEMPORARY TRIGGER refuse_rooms BEFORE INSERT ON rooms WHEN new.number > 0
BEGIN
    SELECT RAISE(ABORT, 'the table room holds ' || new.number || ' rooms: delete them first');
END;
INSERT INTO rooms SELECT count(*) FROM main.room;
DROP TABLE rooms;

DROP TABLE room;
