-- The schema of the Python original, so that its databases can be adopted as they are.
CREATE TABLE IF NOT EXISTS room (
    id SERIAL PRIMARY KEY,
    code VARCHAR(36) NOT NULL,
    size INTEGER,
    price INTEGER,
    longitude DOUBLE PRECISION,
    latitude DOUBLE PRECISION
);

-- A table that exists may have other types, or come alone from a dump of a later schema (pg_dump -t room). It
-- becomes a table of the original: values are converted if they stay the same numbers. Otherwise the migration
-- stops with a message that names the columns or the rows, and nothing is changed. The table of the original
-- stays as it is.
DO $$
DECLARE
    numbers CONSTANT TEXT[] := ARRAY['integer', 'smallint', 'bigint', 'numeric', 'real', 'double precision'];
    conversions TEXT[] := '{}';
    problems TEXT;
    wrong BIGINT;
    item RECORD;
BEGIN
    IF (SELECT relkind FROM pg_class WHERE oid = 'room'::regclass) NOT IN ('r', 'p') THEN
        RAISE EXCEPTION 'room is not a table: rename it';
    END IF;

    FOR item IN
        SELECT name, wanted, allowed, format_type(atttypid, NULL) AS found
        FROM (
            VALUES
                ('id', 'integer', ARRAY['integer', 'smallint', 'bigint']),
                ('code', 'varchar(36)', ARRAY['character varying', 'character', 'text', 'uuid']),
                ('size', 'integer', numbers),
                ('price', 'integer', numbers),
                ('longitude', 'double precision', numbers),
                ('latitude', 'double precision', numbers)
        ) AS needed (name, wanted, allowed)
        LEFT JOIN pg_attribute
            ON attrelid = 'room'::regclass AND attname = name AND attnum > 0 AND NOT attisdropped
    LOOP
        IF item.found IS NULL THEN
            problems := concat_ws('; ', problems, format('there is no column %s', item.name));
        ELSIF item.found <> ALL (item.allowed) THEN
            problems := concat_ws('; ', problems, format(
                'the column %s has the type %s, and not %s',
                item.name, item.found, array_to_string(item.allowed, ', ')
            ));
        ELSIF item.found <> item.wanted AND (item.name <> 'code' OR item.found = 'uuid') THEN
            conversions := conversions || format(
                'ALTER TABLE room ALTER COLUMN %1$I TYPE %2$s USING %1$I::%2$s', item.name, item.wanted
            );
        END IF;
    END LOOP;
    IF problems IS NOT NULL THEN
        RAISE EXCEPTION 'the table room cannot be adopted: %; change these columns, or rename the table', problems;
    END IF;

    WITH problem AS (
        SELECT id, 'the id' AS what, id::text AS value FROM room
        WHERE id::numeric NOT BETWEEN -2147483648 AND 2147483647
        UNION ALL
        SELECT id, 'size', size::text FROM room
        WHERE size::numeric <> trunc(size::numeric)
            OR size::double precision <> trunc(size::double precision)
            OR size::numeric NOT BETWEEN -2147483648 AND 2147483647
        UNION ALL
        SELECT id, 'price', price::text FROM room
        WHERE price::numeric <> trunc(price::numeric)
            OR price::double precision <> trunc(price::double precision)
            OR price::numeric NOT BETWEEN -2147483648 AND 2147483647
    ),
    numbered AS (
        SELECT format('id %s: %s %s', id, what, value) AS line, row_number() OVER (ORDER BY id, what) AS number
        FROM problem
    )
    SELECT count(*), string_agg(line, '; ' ORDER BY number) FILTER (WHERE number <= 20)
    INTO wrong, problems FROM numbered;
    IF wrong > 0 THEN
        RAISE EXCEPTION '% values in the table room are not whole numbers up to 2147483647; correct them: %',
            wrong, problems || CASE WHEN wrong > 20 THEN format('; and %s more', wrong - 20) ELSE '' END;
    END IF;

    -- What later migrations create anew. A constraint that only has the same name stays under another.
    DROP TRIGGER IF EXISTS room_version ON room;
    DROP TRIGGER IF EXISTS room_version_of_row ON room;
    FOR item IN
        SELECT
            conname AS name,
            pg_get_constraintdef(pg_constraint.oid) LIKE pattern AS is_known
        FROM pg_constraint
        JOIN (
            VALUES
                ('room_code_key', 'UNIQUE (code)'),
                ('room_size_check', 'CHECK ((size >= 1))'),
                ('room_price_check', 'CHECK ((price >= 0))'),
                ('room_longitude_check', 'CHECK (((longitude >= %-180%) AND (longitude <= %180%)))'),
                ('room_latitude_check', 'CHECK (((latitude >= %-90%) AND (latitude <= %90%)))'),
                ('room_name_check', 'CHECK (((char_length(name) >= 1) AND (char_length(name) <= 120) AND (name !~ %'),
                (
                    'room_description_check',
                    'CHECK (((char_length(description) >= 1) AND (char_length(description) <= 2000) AND (description !~ %'
                )
        ) AS later (name, pattern) ON conname = name
        WHERE conrelid = 'room'::regclass
    LOOP
        IF item.is_known THEN
            EXECUTE format('ALTER TABLE room DROP CONSTRAINT %I', item.name);
        ELSE
            EXECUTE format('ALTER TABLE room RENAME CONSTRAINT %I TO %I', item.name, item.name || '_earlier');
        END IF;
    END LOOP;
    FOR item IN
        SELECT indexrelid::regclass AS name FROM pg_index
        JOIN pg_class ON pg_class.oid = indexrelid
        WHERE indrelid = 'room'::regclass AND relname IN (
            'room_price_idx', 'room_price_desc_idx', 'room_size_idx', 'room_size_desc_idx',
            'room_price_size_idx', 'room_price_size_desc_idx', 'room_size_price_idx',
            'room_size_price_desc_idx', 'room_latitude_idx', 'room_longitude_idx', 'room_place_idx',
            'room_name_idx', 'room_name_desc_idx'
        )
    LOOP
        EXECUTE format('DROP INDEX %s', item.name);
    END LOOP;

    FOR number IN 1..cardinality(conversions) LOOP
        EXECUTE conversions[number];
    END LOOP;

    -- Ids are unique, and a new room gets one.
    IF NOT EXISTS (
        SELECT FROM pg_index
        JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0] AND attname = 'id'
        WHERE indrelid = 'room'::regclass AND indisunique AND indnkeyatts = 1 AND indpred IS NULL
    ) THEN
        ALTER TABLE room ADD CONSTRAINT room_id_key UNIQUE (id);
    END IF;
    ALTER TABLE room ALTER COLUMN id SET NOT NULL;
    IF EXISTS (
        SELECT FROM pg_attribute
        WHERE attrelid = 'room'::regclass AND attname = 'id' AND NOT atthasdef AND attidentity = ''
    ) THEN
        ALTER TABLE room ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY;
        PERFORM setval(pg_get_serial_sequence('room', 'id'), max(id)) FROM room HAVING max(id) >= 1;
    END IF;
END
$$;
