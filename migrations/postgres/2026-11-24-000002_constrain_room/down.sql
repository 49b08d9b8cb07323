ALTER TABLE room
    DROP CONSTRAINT room_code_key,
    DROP CONSTRAINT room_size_check,
    DROP CONSTRAINT room_price_check,
    DROP CONSTRAINT room_longitude_check,
    DROP CONSTRAINT room_latitude_check,
    ALTER COLUMN code TYPE VARCHAR(36) USING code::TEXT,
    ALTER COLUMN size DROP NOT NULL,
    ALTER COLUMN price DROP NOT NULL,
    ALTER COLUMN longitude DROP NOT NULL,
    ALTER COLUMN latitude DROP NOT NULL;
