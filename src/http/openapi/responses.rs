//! The answers: their bodies, their headers, their examples.

use serde_json::{Value, json};
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::schema::{ArrayBuilder, Type};
use utoipa::openapi::{
    Content, ContentBuilder, Header, Object, Ref, RefOr, Response, ResponseBuilder, Responses,
    ResponsesBuilder, Schema,
};

use crate::http::representation::Representation;

const INVALID: Failing = Failing {
    status: 400,
    when: "Something is unknown, missing, unreadable, or there twice; all of it is named",
    kind: "ParametersError",
    title: "Invalid parameters",
    detail: "filters: Key foo cannot be used",
};
const UNAUTHORIZED: Failing = Failing {
    status: 401,
    when: "The admin token is not shown, or it is a wrong one",
    kind: "ParametersError",
    title: "Unauthorized",
    detail: "This is not the admin token",
};
const FORBIDDEN: Failing = Failing {
    status: 403,
    when: "Writing is off, since no admin token is set",
    kind: "ParametersError",
    title: "Forbidden",
    detail: "Writing is off",
};
const ABSENT: Failing = Failing {
    status: 404,
    when: "There is no such room, or no such format",
    kind: "ResourceError",
    title: "Not Found",
    detail: "There is no room with the code 00000000-0000-0000-0000-000000000000",
};
const UNACCEPTABLE: Failing = Failing {
    status: 406,
    when: "`Accept` names no format that there is",
    kind: "ParametersError",
    title: "Not Acceptable",
    detail: "Accept: this path offers application/json, text/csv, text/html",
};
const TAKEN: Failing = Failing {
    status: 409,
    when: "Another room has this code",
    kind: "ParametersError",
    title: "Conflict",
    detail: "code: There is a room with the code f853578c-fc0f-4e65-81b8-566c5dffa35a; leave the code \
             out for a new one",
};
const CHANGED: Failing = Failing {
    status: 412,
    when: "The room is not what `If-Match` or `If-None-Match` expects",
    kind: "ParametersError",
    title: "Precondition Failed",
    detail: "The room is not as If-Match or If-None-Match expects it to be; read it again, and send its \
             new ETag",
};
const TOO_LARGE: Failing = Failing {
    status: 413,
    when: "The body has more than 1 MiB, or what `server.max_body_kib` says",
    kind: "ParametersError",
    title: "Payload Too Large",
    detail: "body: it has more than 1048576 bytes",
};
const TOO_LONG: Failing = Failing {
    status: 414,
    when: "The path and its query have more than 8 KiB, or what `server.max_uri_bytes` says",
    kind: "ParametersError",
    title: "URI Too Long",
    detail: "The URI has 9000 bytes, at most 8192 are read",
};
const UNSUPPORTED: Failing = Failing {
    status: 415,
    when: "The body is of another media type",
    kind: "ParametersError",
    title: "Unsupported Media Type",
    detail: "Content-Type: write application/json",
};
const FAILED: Failing = Failing {
    status: 500,
    when: "Something failed inside; the log has it under the request's id",
    kind: "SystemError",
    title: "Internal Server Error",
    detail: "The server could not answer",
};
const UNAVAILABLE: Failing = Failing {
    status: 503,
    when: "The database does not answer just now, or lacks a migration",
    kind: "SystemError",
    title: "Service Unavailable",
    detail: "The server could not answer",
};

/// Why a request for rooms can fail.
const READING: [Failing; 6] = [INVALID, ABSENT, UNACCEPTABLE, TOO_LONG, FAILED, UNAVAILABLE];

/// Why any write can fail.
const WRITING: [Failing; 7] =
    [INVALID, UNAUTHORIZED, FORBIDDEN, UNACCEPTABLE, TOO_LONG, FAILED, UNAVAILABLE];

/// A kind of failure, and an example of it.
#[derive(Clone, Copy)]
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
    read(ok)
}

/// Of one room.
pub fn of_room() -> Responses {
    read(with_room("The room"))
}

/// Of a new room.
pub fn of_add() -> Responses {
    written(&[TAKEN, TOO_LARGE, UNSUPPORTED]).response("201", new_room().build()).build()
}

/// Of a room that is replaced, or made.
pub fn of_replace() -> Responses {
    written(&[ABSENT, CHANGED, TOO_LARGE, UNSUPPORTED])
        .response("200", with_room("The room that is there now, in place of another").build())
        .response("201", new_room().build())
        .build()
}

/// Of a room that is changed.
pub fn of_change() -> Responses {
    written(&[ABSENT, CHANGED, TOO_LARGE, UNSUPPORTED])
        .response("200", with_room("The room as it is now").build())
        .build()
}

/// Of a room that is removed.
pub fn of_remove() -> Responses {
    written(&[ABSENT, CHANGED])
        .response("204", identified("The room is there no longer").build())
        .build()
}

/// Of an import.
pub fn of_import() -> Responses {
    let content = Content::new(Some(schema("ImportResult")));
    let ok = identified("What was done").content("application/json", content);
    let others = [INVALID, UNAUTHORIZED, FORBIDDEN, TOO_LARGE, TOO_LONG, UNSUPPORTED, FAILED];
    failures(others.iter().chain([&UNAVAILABLE])).response("200", ok.build()).build()
}

fn with_room(description: &str) -> ResponseBuilder {
    Representation::all().fold(tagged(description), |answer, form| {
        answer.content(form.media_type(), content(form, room_schema(form)))
    })
}

fn new_room() -> ResponseBuilder {
    let place = "/rooms/f853578c-fc0f-4e65-81b8-566c5dffa35a";
    with_room("The new room").header("Location", text("Where it is", place))
}

fn written(others: &[Failing]) -> ResponsesBuilder {
    failures(WRITING.iter().chain(others))
}

/// Of the page on which a file is imported.
pub fn of_import_page() -> Responses {
    let content = Content::new(Some(Object::with_type(Type::String)));
    let page = identified("The page").content("text/html; charset=utf-8", content);
    let log_in = identified("Log in first").header("Location", text("Where", "/log-in"));
    failures([FORBIDDEN, TOO_LONG].iter())
        .response("200", page.build())
        .response("303", log_in.build())
        .build()
}

/// Of `/live`.
pub fn of_live() -> Responses {
    failures([TOO_LONG].iter()).response("200", status("The process runs", "live")).build()
}

/// Of `/ready`.
pub fn of_ready() -> Responses {
    failures([TOO_LONG, UNAVAILABLE].iter())
        .response("200", status("The database answers, and has every migration", "ready"))
        .build()
}

/// Of `/metrics`.
pub fn of_metrics() -> Responses {
    let content = Content::new(Some(Object::with_type(Type::String)));
    let answer = identified("Metrics for Prometheus, as OpenMetrics text")
        .content("application/openmetrics-text; version=1.0.0; charset=utf-8", content);
    failures([TOO_LONG].iter()).response("200", answer.build()).build()
}

/// Of the document itself.
pub fn of_document() -> Responses {
    let content = Content::new(Some(Object::with_type(Type::Object)));
    let answer = identified("An OpenAPI 3.1 document").content("application/json", content);
    failures([TOO_LONG].iter()).response("200", answer.build()).build()
}

fn read(ok: ResponseBuilder) -> Responses {
    failures(READING.iter())
        .response("200", ok.build())
        .response("304", tagged("What the client has is current").build())
        .build()
}

fn failures<'a>(failing: impl Iterator<Item = &'a Failing>) -> ResponsesBuilder {
    failing.fold(ResponsesBuilder::new(), |responses, failing| {
        responses.response(failing.status.to_string(), failure(failing))
    })
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
        .header("Cache-Control", text("A failure is not kept", "no-store"))
        .content("application/problem+json", problem)
        .content("text/html; charset=utf-8", page);
    if status == UNAVAILABLE.status {
        answer = answer.header("Retry-After", whole("Seconds to wait before the next try", 1));
    }
    if status == UNAUTHORIZED.status {
        let scheme = "Bearer realm=\"rentomatic\"";
        answer = answer.header("WWW-Authenticate", text("How to show the token", scheme));
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
        .header("Vary", text("What the form of the answer depends on", "Accept, Accept-Encoding"))
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
