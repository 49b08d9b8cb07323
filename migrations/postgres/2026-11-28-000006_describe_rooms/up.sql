-- A name and a description, which a room need not have.

-- Texts are compared and sorted by their bytes, as in every other storage, whatever the database's collation. A column
-- that exists may come from a dump of this schema (pg_dump -t room), or mean something else. Then its values must be
-- names or descriptions, too: otherwise the migration stops with a message that names the rows, and nothing is changed.
DO $$
DECLARE
    control CONSTANT TEXT := '[\u0001-\u001F\u007F-\u009F\u2028\u2029]';
    blank CONSTANT TEXT := '[ \u00A0\u1680\u2000-\u200A\u202F\u205F\u3000]';
    item RECORD;
    wrong BIGINT;
    named TEXT;
BEGIN
    FOR item IN
        SELECT column_name AS name, format_type(atttypid, NULL) AS found
        FROM unnest(ARRAY['name', 'description']) AS column_name
        LEFT JOIN pg_attribute
            ON attrelid = 'room'::regclass AND attname = column_name AND attnum > 0 AND NOT attisdropped
    LOOP
        IF item.found IS NULL THEN
            EXECUTE format('ALTER TABLE room ADD COLUMN %I TEXT COLLATE "C"', item.name);
        ELSIF item.found NOT IN ('text', 'character varying') THEN
            RAISE EXCEPTION 'the column % of the table room has the type %, and not text: change or rename it',
                item.name, item.found;
        ELSE
            EXECUTE format(
                'ALTER TABLE room ALTER COLUMN %1$I DROP DEFAULT, ALTER COLUMN %1$I DROP NOT NULL,
                 ALTER COLUMN %1$I TYPE TEXT COLLATE "C"',
                item.name
            );
        END IF;
    END LOOP;

    -- The rules are those of the Rust code, so that a row that is inserted by hand is a room: no control characters,
    -- in a name no line breaks and no blanks at its ends, in a description line breaks.
    WITH problem AS (
        SELECT id, format('name %L', left(name, 60)) AS what FROM room
        WHERE char_length(name) NOT BETWEEN 1 AND 120
            OR name ~ concat(control, '|^', blank, '|', blank, '$')
        UNION ALL
        SELECT id, format('description %L', left(description, 60)) FROM room
        WHERE char_length(description) NOT BETWEEN 1 AND 2000
            OR description ~ '[\u0001-\u0009\u000B\u000C\u000E-\u001F\u007F-\u009F]'
    ),
    bad AS (
        SELECT id, format('id %s: %s', id, string_agg(what, ', ')) AS line FROM problem GROUP BY id
    )
    SELECT
        (SELECT count(*) FROM bad),
        (SELECT string_agg(line, '; ' ORDER BY id) FROM (SELECT * FROM bad ORDER BY id LIMIT 20) AS first)
    INTO wrong, named;
    IF wrong > 0 THEN
        RAISE EXCEPTION '% of the rows in the table room have a name that is not a line of 1 to 120 characters, or a description of more than 2000 or with control characters; correct them: %',
            wrong, named || CASE WHEN wrong > 20 THEN format('; and %s more', wrong - 20) ELSE '' END;
    END IF;
END
$$;

ALTER TABLE room
    ADD CONSTRAINT room_name_check CHECK (
        char_length(name) BETWEEN 1 AND 120
        AND name !~ '[\u0001-\u001F\u007F-\u009F\u2028\u2029]'
        AND name !~ '^[ \u00A0\u1680\u2000-\u200A\u202F\u205F\u3000]'
        AND name !~ '[ \u00A0\u1680\u2000-\u200A\u202F\u205F\u3000]$'
    ),
    ADD CONSTRAINT room_description_check CHECK (
        char_length(description) BETWEEN 1 AND 2000
        AND description !~ '[\u0001-\u0009\u000B\u000C\u000E-\u001F\u007F-\u009F]'
    );

-- For lists by name, where a room without one counts as one with an empty name.
CREATE INDEX room_name_idx ON room (coalesce(name, ''), id);
CREATE INDEX room_name_desc_idx ON room (coalesce(name, '') DESC, id);
