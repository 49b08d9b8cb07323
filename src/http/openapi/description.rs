//! The description of one operation.

use actix_web::http::StatusCode;
use serde_json::{Map, Value, json};

use super::failures::Failing;
use super::responses::{header, response};
use crate::formats::Format;
use crate::http::request::Representation;
use crate::use_cases::sample_rooms;

/// The security scheme of writes.
pub const OWNER: &str = "owner";

pub struct Description(pub Value);

impl Description {
    /// An operation on rooms, which can only fail as every request can.
    pub fn new(id: &str, summary: &str) -> Self {
        let operation = json!({
            "tags": ["rooms"], "operationId": id, "summary": summary,
            "parameters": [], "responses": {},
        });
        Self(operation).fails(&[Failing::TooLong, Failing::Misdirected, Failing::TooMany])
    }

    /// The same, for operators.
    pub fn for_operators(id: &str, summary: &str) -> Self {
        Self::new(id, summary).with("tags", json!(["operation"]))
    }

    /// The request may be for any host, as that of a probe.
    pub fn of_any_host(mut self) -> Self {
        if let Some(responses) = self.0["responses"].as_object_mut() {
            responses.remove(StatusCode::MISDIRECTED_REQUEST.as_str());
        }
        self
    }

    fn with(mut self, key: &str, value: Value) -> Self {
        self.0[key] = value;
        self
    }

    pub fn text(self, text: &str) -> Self {
        self.with("description", text.into())
    }

    pub fn parameters(mut self, parameters: impl IntoIterator<Item = Value>) -> Self {
        if let Some(all) = self.0["parameters"].as_array_mut() {
            all.extend(parameters);
        }
        self
    }

    pub fn owner_only(self) -> Self {
        self.with("security", json!([{ OWNER: [] }])).fails(&[
            Failing::Invalid,
            Failing::Unauthorized,
            Failing::Forbidden,
            Failing::Failed,
            Failing::Unavailable,
        ])
    }

    /// Adds a body, with its media types and the description of each.
    pub fn body(self, content: impl IntoIterator<Item = (&'static str, Value)>) -> Self {
        let content: Map<_, _> =
            content.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        self.with("requestBody", json!({ "required": true, "content": content }))
            .fails(&[Failing::TooLarge, Failing::Unsupported])
    }

    pub fn responds(mut self, status: &str, response: Value) -> Self {
        self.0["responses"][status] = response;
        self
    }

    pub fn fails(self, failures: &[Failing]) -> Self {
        failures.iter().fold(self, |description, failing| {
            let (status, response) = failing.describe();
            description.responds(&status, response)
        })
    }

    /// A response with a list or a room that a client can revalidate, in every representation, and a 304.
    pub fn responds_with(
        self,
        status: &str,
        description: &str,
        schema_of: impl Fn(&dyn Format) -> Value,
        more_headers: Value,
    ) -> Self {
        let content: Map<String, Value> = Representation::all()
            .map(|representation| {
                let content = match representation {
                    Representation::Page => json!({ "schema": { "type": "string" } }),
                    Representation::Data(format) => content(format, &schema_of(format)),
                };
                (representation.media_type().to_owned(), content)
            })
            .collect();
        let mut headers = validators();
        if let (Some(headers), Value::Object(more)) = (headers.as_object_mut(), more_headers) {
            headers.extend(more);
        }
        self.responds(status, response(description, headers, &content.into()))
    }

    /// The same with one room.
    pub fn responds_with_room(self, status: &str, description: &str, more_headers: Value) -> Self {
        self.responds_with(status, description, |format| format.room_schema(), more_headers)
    }

    pub fn not_modified(self) -> Self {
        self.responds("304", response("The client's copy is current", validators(), &json!({})))
    }
}

/// A schema of an object has its own examples; for a text, this is what the format writes for the first
/// sample room.
fn content(format: &dyn Format, schema: &Value) -> Value {
    let mut bytes = Vec::new();
    let is_text = schema["type"] == "string";
    if is_text && format.one(&mut bytes, &sample_rooms()[0]).is_ok() {
        json!({ "schema": schema, "example": String::from_utf8_lossy(&bytes) })
    } else {
        json!({ "schema": schema })
    }
}

fn validators() -> Value {
    json!({
        "ETag": header("The state, for If-None-Match", "W/\"d4013912615ea725-json\""),
        "Vary": header("The response depends on these headers", "Accept, Accept-Encoding"),
        "Cache-Control": header("Caches must revalidate it before each use", "no-cache"),
    })
}
