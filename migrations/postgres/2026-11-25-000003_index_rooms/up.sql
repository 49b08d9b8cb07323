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
CREATE INDEX room_place_idx ON room USING gist (point(longitude, latitude));

-- The distance in metres between two points in degrees: the same operations, in the same order, as
-- great_circle_distance in the Rust code, so that both give the same result.
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

-- Every transaction that may change a room inserts a new token here. If the tokens are the same at two times,
-- nobody changed a room in between.
CREATE TABLE room_version (
    id INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token UUID NOT NULL DEFAULT gen_random_uuid(),
    writer XID8 NOT NULL DEFAULT pg_current_xact_id()
);
INSERT INTO room_version DEFAULT VALUES;

-- Concurrent writers neither block each other here nor make each other fail: each inserts its own token, and
-- deletes those of transactions that have ended. At a higher isolation level it only inserts, since a token that
-- another transaction has deleted meanwhile would cause a serialisation failure. SECURITY DEFINER: every role that
-- may write rooms may do this.
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
-- Also fires when a session replays another server's changes (session_replication_role = replica).
ALTER TABLE room ENABLE ALWAYS TRIGGER room_version;

-- The version of all rooms: the tokens, and values that differ after the table was recreated, rewritten, or
-- changed while the trigger was disabled. SECURITY DEFINER: every role that may read rooms may call this.
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

-- Fix the search path, so that other users' tables cannot shadow these.
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION renew_room_version() SET search_path = %I, pg_temp', current_schema());
    EXECUTE format('ALTER FUNCTION current_room_version() SET search_path = %I, pg_temp', current_schema());
END
$$;
