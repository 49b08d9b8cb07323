DROP TRIGGER room_version ON room;
DROP FUNCTION current_room_version;
DROP FUNCTION renew_room_version;
DROP TABLE room_version;
DROP FUNCTION great_circle_distance;
DROP INDEX room_place_idx, room_longitude_idx, room_latitude_idx, room_size_price_desc_idx,
    room_size_price_idx, room_price_size_desc_idx, room_price_size_idx, room_size_desc_idx,
    room_size_idx, room_price_desc_idx, room_price_idx;
