//! The answers: their bodies, their headers, their examples.

use serde_json::{Value, json};
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::schema::{ArrayBuilder, Type};
use utoipa::openapi::{
    Content, ContentBuilder, Header, Object, Ref, RefOr, Response, ResponseBuilder, Responses,
    ResponsesBuilder, Schema,
};

use crate::http::representation::Representation;

/// Why a request for rooms can fail.
const UNSUITABLE: [Failing; 6] = [
    Failing {
        status: 400,
        when: "A parameter is unknown, empty, unreadable, or there twice; all are named",
        kind: "ParametersError",
        title: "Invalid parameters",
        detail: "filters: Key foo cannot be used",
    },
    Failing {
        status: 404,
        when: "There is no such room, or no such format",
        kind: "ResourceError",
        title: "Not Found",
        detail: "There is no room with the code 00000000-0000-0000-0000-000000000000",
    },
    Failing {
        status: 406,
        when: "`Accept` names no format that there is",
        kind: "ParametersError",
        title: "Not Acceptable",
        detail: "Accept: this path offers application/json, text/csv, text/html",
    },
    Failing {
        status: 414,
        when: "The path and its query have more than 8 KiB",
        kind: "ParametersError",
        title: "URI Too Long",
        detail: "filter_price__lt is too long",
    },
    Failing {
        status: 500,
        when: "Something failed inside; the log has it under the request's id",
        kind: "SystemError",
        title: "Internal Server Error",
        detail: "The server could not answer",
    },
    UNAVAILABLE,
];

const UNAVAILABLE: Failing = Failing {
    status: 503,
    when: "The database does not answer just now, or lacks a migration",
    kind: "SystemError",
    title: "Service Unavailable",
    detail: "The server could not answer",
};

/// A kind of failure, and an example of it.
struct Failing {
    status: u16,
    when: &'static str,
    kind: &'static str,
    title: &'static str,
    detail: &'static str,
}

/// Of a list.
pub fn of_list() -> Responses {
    let link = "</rooms?limit=1&cursor=wTX9YA>; rel=\"next\"";
    let ok = Representation::all()
        .fold(tagged("The rooms"), |answer, form| {
            answer.content(form.media_type(), content(form, list_schema(form)))
        })
        .header("Link", text("Where the next page is, with rel=\"next\" (RFC 8288)", link))
        .header("X-Total-Count", whole("How many rooms there are on all pages", 4));
    with_failures(ok)
}

/// Of one room.
pub fn of_room() -> Responses {
    let ok = Representation::all().fold(tagged("The room"), |answer, form| {
        answer.content(form.media_type(), content(form, room_schema(form)))
    });
    with_failures(ok)
}

/// Of `/live`.
pub fn of_live() -> Responses {
    ResponsesBuilder::new().response("200", status("The process runs", "live")).build()
}

/// Of `/ready`.
pub fn of_ready() -> Responses {
    ResponsesBuilder::new()
        .response("200", status("The database answers, and has every migration", "ready"))
        .response("503", failure(&UNAVAILABLE))
        .build()
}

/// Of the document itself.
pub fn of_document() -> Responses {
    let content = Content::new(Some(Object::with_type(Type::Object)));
    let answer = identified("An OpenAPI 3.1 document").content("application/json", content);
    ResponsesBuilder::new().response("200", answer.build()).build()
}

fn with_failures(ok: ResponseBuilder) -> Responses {
    UNSUITABLE
        .iter()
        .fold(ResponsesBuilder::new(), |responses, failing| {
            responses.response(failing.status.to_string(), failure(failing))
        })
        .response("200", ok.build())
        .response("304", tagged("What the client has is current").build())
        .build()
}

fn list_schema(form: Representation) -> RefOr<Schema> {
    match form.name() {
        "json" => ArrayBuilder::new().items(schema("Room")).build().into(),
        "geojson" => schema("RoomFeatureCollection").into(),
        _ => Object::with_type(Type::String).into(),
    }
}

fn room_schema(form: Representation) -> RefOr<Schema> {
    match form.name() {
        "json" => schema("Room").into(),
        "geojson" => schema("RoomFeature").into(),
        _ => Object::with_type(Type::String).into(),
    }
}

/// An example only where the schema has none of its own.
fn content(form: Representation, schema: RefOr<Schema>) -> Content {
    let example = match form.name() {
        "csv" => Some(
            "code,size,price,latitude,longitude\r\n\
             f853578c-fc0f-4e65-81b8-566c5dffa35a,215,39,51.75436293,-0.09998975\r\n",
        ),
        "ndjson" => Some(
            "{\"code\":\"f853578c-fc0f-4e65-81b8-566c5dffa35a\",\"size\":215,\"price\":39,\
             \"latitude\":51.75436293,\"longitude\":-0.09998975}\n",
        ),
        _ => None,
    };
    ContentBuilder::new().schema(Some(schema)).example(example.map(Value::from)).build()
}

fn status(when: &str, word: &str) -> Response {
    let content = ContentBuilder::new()
        .schema(Some(schema("Status")))
        .example(Some(json!({ "status": word })))
        .build();
    identified(when).content("application/json", content).build()
}

fn failure(failing: &Failing) -> Response {
    let Failing { status, when, kind, title, detail } = *failing;
    let mut example = json!({
        "type": kind, "title": title, "status": status, "detail": detail, "message": detail,
    });
    if status == 400 {
        let error = json!({ "parameter": "filter_foo", "message": "Key foo cannot be used" });
        example["errors"] = json!([error]);
    }
    let problem =
        ContentBuilder::new().schema(Some(schema("Problem"))).example(Some(example)).build();
    let page = Content::new(Some(Object::with_type(Type::String)));
    let mut answer = identified(when)
        .header("Vary", text("What the form of the answer depends on", "Accept"))
        .content("application/problem+json", problem)
        .content("text/html; charset=utf-8", page);
    if status == UNAVAILABLE.status {
        answer = answer.header("Retry-After", whole("Seconds to wait before the next try", 1));
    }
    answer.build()
}

/// An answer of which a client may ask whether it is current.
fn tagged(description: &str) -> ResponseBuilder {
    identified(description)
        .header(
            "ETag",
            text("The state of what is shown, for If-None-Match", "W/\"d4013912615ea725-json\""),
        )
        .header("Vary", text("What the form of the answer depends on", "Accept"))
        .header("Cache-Control", text("It may be kept, but not used unasked", "no-cache"))
}

fn identified(description: &str) -> ResponseBuilder {
    let id = "The client's own, if it sent one of at most 64 letters, digits, -, _ and .";
    ResponseBuilder::new()
        .description(description)
        .header("X-Request-Id", text(id, "4f0c1a52-6d58-4f4e-9d57-0a1b5a0c7a3e"))
}

fn text(description: &str, example: &str) -> Header {
    header(description, Type::String, json!(example))
}

fn whole(description: &str, example: u32) -> Header {
    header(description, Type::Integer, json!(example))
}

fn header(description: &str, kind: Type, example: Value) -> Header {
    HeaderBuilder::new()
        .schema(Some(Object::with_type(kind)))
        .description(Some(description))
        .example(Some(example))
        .build()
}

fn schema(name: &str) -> Ref {
    Ref::from_schema_name(name)
}
