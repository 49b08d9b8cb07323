-- A name and a description, which a room need not have. The rules are those of the Rust code, so that a row that is
-- inserted by hand is a room: no control characters (GLOB and trim() know Unicode, but end at a NUL, which instr()
-- finds), in a name no line breaks and no blanks at its ends, in a description line breaks.
ALTER TABLE room ADD COLUMN name TEXT
    CHECK (
        name IS NULL
        OR typeof(name) = 'text'
        AND length(name) BETWEEN 1 AND 120
        AND instr(name, char(0)) = 0
        AND name NOT GLOB '*[' || char(1) || '-' || char(31) || char(127) || '-' || char(159) || char(8232, 8233) || ']*'
        AND name = trim(name, char(
            32, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201, 8202, 8239, 8287, 12288
        ))
    );
ALTER TABLE room ADD COLUMN description TEXT
    CHECK (
        description IS NULL
        OR typeof(description) = 'text'
        AND length(description) BETWEEN 1 AND 2000
        AND instr(description, char(0)) = 0
        AND description NOT GLOB '*[' || char(1) || '-' || char(9, 11, 12, 14) || '-' || char(31, 127) || '-'
            || char(159) || ']*'
    );

-- Those of an adopted table.
CREATE TEMPORARY TABLE IF NOT EXISTS room_text (id, name, description);
UPDATE room SET name = room_text.name, description = room_text.description FROM room_text
WHERE room_text.id = room.id AND (room_text.name IS NOT NULL OR room_text.description IS NOT NULL);
DROP TABLE room_text;

-- For lists by name, where a room without one counts as one with an empty name.
CREATE INDEX room_name_idx ON room (coalesce(name, ''), id);
CREATE INDEX room_name_desc_idx ON room (coalesce(name, '') DESC, id);
