-- Refuses to delete names and descriptions.
DO $$
DECLARE
    number CONSTANT BIGINT := (SELECT count(*) FROM room WHERE name IS NOT NULL OR description IS NOT NULL);
BEGIN
    IF number > 0 THEN
        RAISE EXCEPTION '% of the rooms have a name or a description, which would be lost: export them, then %',
            number, 'UPDATE room SET name = NULL, description = NULL';
    END IF;
END
$$;

ALTER TABLE room DROP COLUMN description, DROP COLUMN name;
