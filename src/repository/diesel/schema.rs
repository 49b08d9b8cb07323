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
        name -> Nullable<Text>,
        description -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::repository::diesel::uuid_column::Uuid;

    session (hash) {
        hash -> Text,
        begun_at -> Int8,
        last_seen_at -> Int8,
    }
}

diesel::allow_tables_to_appear_in_same_query!(room, session,);
