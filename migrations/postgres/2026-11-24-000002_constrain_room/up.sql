-- Adds constraints, so that the table accepts only valid rooms.

-- Rows that are not valid rooms stop the migration with a message that names them: nothing is guessed, and
-- nothing is lost.
DO $$
DECLARE
    wrong BIGINT;
    named TEXT;
BEGIN
    WITH row AS (
        SELECT
            *,
            CASE WHEN code ~ '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$'
                THEN lower(code)
            END AS uuid
        FROM room
    ),
    problem AS (
        SELECT id, format('code %L is not a UUID', code) AS what FROM row WHERE uuid IS NULL
        UNION ALL
        SELECT id, format('code %L is there more than once', code) FROM row
        WHERE uuid IN (SELECT uuid FROM row GROUP BY uuid HAVING count(*) > 1)
        UNION ALL
        SELECT id, format('size %s is not from 1 to 2147483647', coalesce(size::text, 'NULL')) FROM row
        WHERE (size BETWEEN 1 AND 2147483647) IS NOT TRUE
        UNION ALL
        SELECT id, format('price %s is not from 0 to 2147483647', coalesce(price::text, 'NULL')) FROM row
        WHERE (price BETWEEN 0 AND 2147483647) IS NOT TRUE
        UNION ALL
        SELECT id, format('longitude %s is not from -180 to 180', coalesce(longitude::text, 'NULL')) FROM row
        WHERE (longitude BETWEEN -180 AND 180) IS NOT TRUE
        UNION ALL
        SELECT id, format('latitude %s is not from -90 to 90', coalesce(latitude::text, 'NULL')) FROM row
        WHERE (latitude BETWEEN -90 AND 90) IS NOT TRUE
    ),
    bad AS (
        SELECT id, format('id %s: %s', id, string_agg(what, ', ')) AS line FROM problem GROUP BY id
    )
    SELECT
        (SELECT count(*) FROM bad),
        (SELECT string_agg(line, '; ' ORDER BY id) FROM (SELECT * FROM bad ORDER BY id LIMIT 20) AS first)
    INTO wrong, named;
    IF wrong > 0 THEN
        RAISE EXCEPTION '% of the rows in the table room are not rooms; correct or delete them: %',
            wrong, named || CASE WHEN wrong > 20 THEN format('; and %s more', wrong - 20) ELSE '' END;
    END IF;
END
$$;

ALTER TABLE room
    ALTER COLUMN code TYPE UUID USING code::UUID,
    ALTER COLUMN size SET NOT NULL,
    ALTER COLUMN price SET NOT NULL,
    ALTER COLUMN longitude SET NOT NULL,
    ALTER COLUMN latitude SET NOT NULL,
    ADD CONSTRAINT room_code_key UNIQUE (code),
    ADD CONSTRAINT room_size_check CHECK (size >= 1),
    ADD CONSTRAINT room_price_check CHECK (price >= 0),
    ADD CONSTRAINT room_longitude_check CHECK (longitude BETWEEN -180 AND 180),
    ADD CONSTRAINT room_latitude_check CHECK (latitude BETWEEN -90 AND 90);
