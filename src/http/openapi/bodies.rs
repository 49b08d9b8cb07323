//! The bodies of requests that write.

use serde_json::json;
use utoipa::openapi::path::OperationBuilder;
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{
    AdditionalProperties, KnownFormat, ObjectBuilder, SchemaFormat, Type,
};
use utoipa::openapi::{Content, ContentBuilder, Object, Ref, Required};

use super::responses;
use crate::http::body::{JSON, MERGE_PATCH};
use crate::representation::rows::RowFormat;

/// Of `POST /rooms`.
pub fn add(operation: OperationBuilder) -> OperationBuilder {
    with_body(operation, "RoomToWrite", &[JSON]).responses(responses::of_add())
}

/// Of `PUT /rooms/{code}`.
pub fn replace(operation: OperationBuilder) -> OperationBuilder {
    with_body(operation, "RoomToWrite", &[JSON]).responses(responses::of_replace())
}

/// Of `PATCH /rooms/{code}`.
pub fn change(operation: OperationBuilder) -> OperationBuilder {
    with_body(operation, "RoomPatch", &[MERGE_PATCH, JSON]).responses(responses::of_change())
}

/// Of `POST /rooms/import`.
pub fn import(operation: OperationBuilder) -> OperationBuilder {
    let examples = RowFormat::ALL.map(|format| match format {
        RowFormat::Csv => "size,price,latitude,longitude\n215,39,51.75436293,-0.09998975\n",
        RowFormat::Ndjson => "{\"size\":215,\"price\":39,\"latitude\":51.7,\"longitude\":-0.1}\n",
    });
    let body = RequestBodyBuilder::new()
        .description(Some(
            "At most 64 MiB, or what `server.max_import_mib` says. Columns in any order; without a code, one \
             is made up",
        ))
        .required(Some(Required::True));
    let body = RowFormat::ALL.iter().zip(examples).fold(body, |body, (format, example)| {
        let content = ContentBuilder::new()
            .schema(Some(Object::with_type(Type::String)))
            .example(Some(json!(example)));
        body.content(format.media_type(), content.build())
    });
    operation.request_body(Some(body.build())).responses(responses::of_import())
}

fn with_body(operation: OperationBuilder, schema: &str, media_types: &[&str]) -> OperationBuilder {
    let body = RequestBodyBuilder::new().required(Some(Required::True));
    let body = media_types.iter().fold(body, |body, media_type| {
        body.content(*media_type, Content::new(Some(Ref::from_schema_name(schema))))
    });
    operation.request_body(Some(body.build()))
}

/// A room to add or to put.
pub fn room_to_write() -> Object {
    let fields = ["size", "price", "latitude", "longitude"];
    let room = fields.into_iter().fold(fields_of_room(), ObjectBuilder::required);
    room.description(Some("A room to write; without a code, a new one is made up")).build()
}

/// What to change of a room.
pub fn room_patch() -> Object {
    let patch = fields_of_room();
    patch.description(Some("What to change of a room (RFC 7396); its code never changes")).build()
}

fn fields_of_room() -> ObjectBuilder {
    let number = |least: f64, most: f64, example: serde_json::Value| {
        let number = ObjectBuilder::new().schema_type(Type::Number);
        number.minimum(Some(least)).maximum(Some(most)).examples([example]).build()
    };
    let whole = |least: i32, example: i32| {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
            .minimum(Some(least))
            .maximum(Some(i32::MAX))
            .examples([json!(example)])
            .build()
    };
    let code = ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::Custom("uuid".to_owned())))
        .examples([json!("f853578c-fc0f-4e65-81b8-566c5dffa35a")])
        .build();
    ObjectBuilder::new()
        .property("code", code)
        .property("size", whole(1, 215))
        .property("price", whole(0, 39))
        .property("latitude", number(-90.0, 90.0, json!(51.75436293)))
        .property("longitude", number(-180.0, 180.0, json!(-0.09998975)))
        .additional_properties(Some(AdditionalProperties::FreeForm(false)))
}
