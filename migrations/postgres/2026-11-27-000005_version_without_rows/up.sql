-- Keeps the version of all rooms in a sequence instead of a table. A sequence has one row that is overwritten in
-- place, at once and for everyone, so reading it costs the same however many writes there were, and whatever
-- snapshots are open.
DROP TRIGGER room_version ON room;
DROP FUNCTION renew_room_version();
DROP TABLE room_version;

-- It does not count: each write replaces the value with a random one, so that no value comes back after a backup
-- was restored.
CREATE SEQUENCE room_version AS BIGINT MINVALUE -9223372036854775808;
SELECT setval('room_version', hashtextextended(gen_random_uuid()::text, 0));

-- Every transaction that may change a room calls this first. The lock shows that the transaction has not ended yet:
-- the new value is visible at once, but the changes only after the commit. The server makes a commit visible before
-- it releases the locks of its transaction. SECURITY DEFINER: every role that may write rooms may do this.
CREATE FUNCTION renew_room_version() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
AS $$
BEGIN
    -- The number is "room" in ASCII.
    PERFORM pg_advisory_xact_lock_shared(1919905645::BIGINT << 32 | TG_RELID::BIGINT);
    PERFORM setval('room_version', hashtextextended(gen_random_uuid()::text, 0));
    RETURN NULL;
END
$$;

CREATE TRIGGER room_version BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON room
    FOR EACH STATEMENT EXECUTE FUNCTION renew_room_version();
-- Also fires when a session replays another server's changes (session_replication_role = replica).
ALTER TABLE room ENABLE ALWAYS TRIGGER room_version;

-- Logical replication fires no triggers for statements, only those for rows. This one fires only there.
CREATE TRIGGER room_version_of_row AFTER INSERT OR UPDATE OR DELETE ON room
    FOR EACH ROW EXECUTE FUNCTION renew_room_version();
ALTER TABLE room ENABLE REPLICA TRIGGER room_version_of_row;

-- The version of all rooms. It has to be read in a statement of its own, before the rooms are read: then rooms are
-- never older than their version. It consists of
-- * the value of the sequence, which differs after each write;
-- * the transactions that have written rooms and not ended, read after the value: their changes are not visible yet;
-- * values that differ after the table was recreated, rewritten, or changed while a trigger was disabled;
-- * when the server last lost its statistics, which it does after a crash. Then the value may be one that was used
--   for changes that were lost (synchronous_commit = off).
-- SECURITY DEFINER: every role that may read rooms may call this.
CREATE OR REPLACE FUNCTION current_room_version() RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
AS $$
DECLARE
    room_table CONSTANT OID := 'room'::regclass;
    lock CONSTANT BIGINT := 1919905645::BIGINT << 32 | room_table::BIGINT;
    token BIGINT;
    writers TEXT;
    is_watched BOOLEAN;
    state TEXT;
BEGIN
    -- A standby shows what it has replayed. It knows nothing of its primary's locks.
    IF pg_is_in_recovery() THEN
        RETURN pg_last_wal_replay_lsn()::text;
    END IF;
    token := (SELECT last_value FROM room_version);
    -- Nobody else has the lock if this gets it, for a moment. Otherwise, all locks of the server have to be read, which
    -- takes twice as long as all the rest.
    IF NOT (pg_try_advisory_lock(lock) AND pg_advisory_unlock(lock)) THEN
        writers := (
            SELECT string_agg(virtualtransaction, ' ' ORDER BY virtualtransaction) FROM pg_locks
            WHERE locktype = 'advisory' AND classid = 1919905645 AND objid = room_table AND objsubid = 1
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                AND mode = 'ShareLock' AND granted
        );
    END IF;
    SELECT
        concat_ws(
            ' ', token, oid, relfilenode, pg_stat_get_bgwriter_stat_reset_time(), writers,
            (SELECT string_agg(xmin::text, ' ' ORDER BY tgname) FROM pg_trigger WHERE tgrelid = room_table)
        ),
        -- Rows of a child table are rows of this table, but a statement that names another table fires no trigger.
        NOT relhassubclass
            AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = room_table)
            AND (
                SELECT count(*) = 2 FROM pg_trigger
                WHERE tgrelid = room_table
                    AND (tgname, tgenabled) IN (('room_version', 'A'), ('room_version_of_row', 'R'))
            )
    INTO state, is_watched
    FROM pg_class WHERE oid = room_table;
    -- No version equals another one if a change might be missed.
    RETURN CASE WHEN is_watched THEN state ELSE gen_random_uuid()::text END;
END
$$;

-- Fix the search path, so that other users' tables cannot shadow these.
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION renew_room_version() SET search_path = %I, pg_temp', current_schema());
    EXECUTE format('ALTER FUNCTION current_room_version() SET search_path = %I, pg_temp', current_schema());
END
$$;
