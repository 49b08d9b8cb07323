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
CREATE INDEX room_place_idx ON room USING gist (point(longitude, latitude));

-- Metres between two points in degrees: the same operations, in the same order, as
-- great_circle_distance in src/entities/place.rs.
CREATE FUNCTION great_circle_distance(
    from_latitude DOUBLE PRECISION,
    from_longitude DOUBLE PRECISION,
    to_latitude DOUBLE PRECISION,
    to_longitude DOUBLE PRECISION
) RETURNS DOUBLE PRECISION
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
SELECT 2.0::DOUBLE PRECISION * 6371008.7714::DOUBLE PRECISION * asin(least(sqrt(
    sin(radians(to_latitude - from_latitude) / 2) * sin(radians(to_latitude - from_latitude) / 2)
    + cos(radians(from_latitude)) * cos(radians(to_latitude))
        * (sin(radians(to_longitude - from_longitude) / 2)
            * sin(radians(to_longitude - from_longitude) / 2))
), 1))
$$;

-- Every transaction that may change a room puts a new token in here, so two equal sets of tokens mean
-- that nothing was changed in between, by anyone.
CREATE TABLE room_version (
    id INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token UUID NOT NULL DEFAULT gen_random_uuid(),
    writer XID8 NOT NULL DEFAULT pg_current_xact_id()
);
INSERT INTO room_version DEFAULT VALUES;

-- Writers do not wait for each other here, nor fail for each other: each adds a token of its own, and
-- takes away those of others that have ended. At a higher isolation level it only adds, since what
-- others took away meanwhile would be a failure there. Whoever may write rooms may do this.
CREATE FUNCTION renew_room_version() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM room_version WHERE writer = pg_current_xact_id()) THEN
        IF current_setting('transaction_isolation') = 'read committed' THEN
            DELETE FROM room_version
            WHERE id IN (SELECT id FROM room_version FOR UPDATE SKIP LOCKED);
        END IF;
        INSERT INTO room_version DEFAULT VALUES;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER room_version BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON room
    FOR EACH STATEMENT EXECUTE FUNCTION renew_room_version();
-- Also where a session replays the changes of another server.
ALTER TABLE room ENABLE ALWAYS TRIGGER room_version;

-- The state of all rooms: the tokens, and what is another whenever the table itself was made anew,
-- rewritten, or written while the trigger was off. Whoever may read rooms may ask for it.
CREATE FUNCTION current_room_version() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER
AS $$
BEGIN
    RETURN concat_ws(
        ' ',
        (SELECT string_agg(token::text, ' ' ORDER BY id) FROM room_version),
        (SELECT concat_ws(' ', oid, relfilenode) FROM pg_class WHERE oid = 'room'::regclass),
        (
            SELECT string_agg(xmin::text, ' ' ORDER BY tgname) FROM pg_trigger
            WHERE tgrelid = 'room'::regclass
        )
    );
END
$$;

-- So that nobody's own tables can take the place of these.
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION renew_room_version() SET search_path = %I, pg_temp', current_schema());
    EXECUTE format('ALTER FUNCTION current_room_version() SET search_path = %I, pg_temp', current_schema());
END
$$;
