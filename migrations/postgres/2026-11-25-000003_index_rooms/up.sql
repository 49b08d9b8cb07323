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

-- Every statement that may change a room replaces one of these tokens by a new one, so two equal sets
-- of tokens mean that nothing was changed in between, by anyone.
CREATE TABLE room_version (
    id INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token UUID NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO room_version DEFAULT VALUES;

-- Writers do not wait for each other here: each takes a token that no open transaction holds, and
-- makes another one if there is none. Whoever may write rooms may do this.
CREATE FUNCTION renew_room_version() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
AS $$
BEGIN
    UPDATE room_version SET token = gen_random_uuid()
    WHERE id = (SELECT id FROM room_version ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED);
    IF NOT FOUND THEN
        INSERT INTO room_version DEFAULT VALUES;
    END IF;
    RETURN NULL;
END
$$;
-- So that nobody's own tables can take the place of these.
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION renew_room_version() SET search_path = %I, pg_temp', current_schema());
END
$$;
CREATE TRIGGER room_version BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON room
    FOR EACH STATEMENT EXECUTE FUNCTION renew_room_version();
