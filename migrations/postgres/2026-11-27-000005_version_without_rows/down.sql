DROP TRIGGER room_version ON room;
DROP TRIGGER room_version_of_row ON room;
DROP FUNCTION renew_room_version();
DROP SEQUENCE room_version;

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
CREATE OR REPLACE FUNCTION current_room_version() RETURNS text
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
