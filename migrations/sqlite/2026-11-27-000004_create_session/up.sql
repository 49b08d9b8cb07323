-- The sessions of the owner, so that every server knows which of them have ended. `hash` is the hash of a session's
-- id. Times are in seconds since 1970. Nothing depends on a row: without it, somebody is logged out.
CREATE TABLE session (
    hash TEXT NOT NULL PRIMARY KEY,
    begun_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL
);
