-- Refuses to delete names and descriptions.
CREATE TEMPORARY TABLE described (number INTEGER);
CREATE TEMPORARY TRIGGER refuse_described BEFORE INSERT ON described WHEN new.number > 0
BEGIN
    SELECT RAISE(ABORT, new.number || ' of the rooms have a name or a description, which would be lost: export them, '
        || 'then UPDATE room SET name = NULL, description = NULL');
END;
INSERT INTO described SELECT count(*) FROM main.room WHERE name IS NOT NULL OR description IS NOT NULL;
DROP TABLE described;

DROP INDEX room_name_desc_idx;
DROP INDEX room_name_idx;
ALTER TABLE room DROP COLUMN description;
ALTER TABLE room DROP COLUMN name;
