// @generated automatically by Diesel CLI.

diesel::table! {
    use diesel::sql_types::*;
    use crate::repository::diesel::uuid_column::Uuid;

    room (id) {
        id -> Int4,
        code -> Uuid,
        size -> Int4,
        price -> Int4,
        longitude -> Float8,
        latitude -> Float8,
    }
}
