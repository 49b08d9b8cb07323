-- The schema of the Python original, the same as on PostgreSQL.
CREATE TABLE IF NOT EXISTS room (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    code VARCHAR(36) NOT NULL,
    size INTEGER,
    price INTEGER,
    longitude DOUBLE PRECISION,
    latitude DOUBLE PRECISION
);
