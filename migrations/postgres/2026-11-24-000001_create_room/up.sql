-- The schema of the Python original, so that its databases can be adopted as they are.
CREATE TABLE IF NOT EXISTS room (
    id SERIAL PRIMARY KEY,
    code VARCHAR(36) NOT NULL,
    size INTEGER,
    price INTEGER,
    longitude DOUBLE PRECISION,
    latitude DOUBLE PRECISION
);
