//! The description of one operation.

use serde_json::{Value, json};
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, OperationBuilder, Parameter};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::schema::Type;
use utoipa::openapi::{
    Content, ContentBuilder, Header, Object, RefOr, Required, ResponseBuilder, ResponsesBuilder,
    Schema, SecurityRequirement,
};

use super::failures::Failing;
use crate::formats::{Format, schema};
use crate::http::problem::Problem;
use crate::http::request::Representation;
use crate::use_cases::sample_rooms;

/// The security scheme of writes.
pub const OWNER: &str = "owner";

/// For whom an operation is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    Rooms,
    Operation,
}

impl Tag {
    /// Its name in the document.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rooms => "rooms",
            Self::Operation => "operation",
        }
    }
}

/// The description of one operation.
pub struct Description {
    operation: OperationBuilder,
    responses: ResponsesBuilder,
}

impl Description {
    /// An operation that can only fail because its URI is too long.
    pub fn new(tag: Tag, id: &str, summary: &str) -> Self {
        let operation =
            OperationBuilder::new().tag(tag.name()).operation_id(Some(id)).summary(Some(summary));
        Self { operation, responses: ResponsesBuilder::new() }.fails(&[Failing::TooLong])
    }

    /// Adds a paragraph.
    pub fn text(self, text: &str) -> Self {
        Self { operation: self.operation.description(Some(text)), ..self }
    }

    /// Adds parameters.
    pub fn parameters(self, parameters: impl IntoIterator<Item = Parameter>) -> Self {
        let operation = parameters.into_iter().fold(self.operation, OperationBuilder::parameter);
        Self { operation, ..self }
    }

    /// Only the owner may do this.
    pub fn owner_only(self) -> Self {
        let owner = SecurityRequirement::new(OWNER, Vec::<String>::new());
        let operation = self.operation.security(owner);
        Self { operation, ..self }.fails(&[
            Failing::Invalid,
            Failing::Unauthorized,
            Failing::Forbidden,
            Failing::Failed,
            Failing::Unavailable,
        ])
    }

    /// Adds a body with this schema.
    pub fn json_body(self, schema: &str, media_types: &[&str]) -> Self {
        let body = media_types.iter().fold(required_body(), |body, media_type| {
            body.content(*media_type, Content::new(Some(schema::reference(schema))))
        });
        self.body(body.build())
    }

    /// Adds a body.
    pub fn body(self, body: RequestBody) -> Self {
        let operation = self.operation.request_body(Some(body));
        Self { operation, ..self }.fails(&[Failing::TooLarge, Failing::Unsupported])
    }

    /// Adds a response.
    pub fn responds(self, status: &str, response: ResponseBuilder) -> Self {
        Self { responses: self.responses.response(status, response.build()), ..self }
    }

    /// Adds failures.
    pub fn fails(self, failures: &[Failing]) -> Self {
        let responses = failures.iter().fold(self.responses, |responses, failing| {
            let (status, response) = failing.describe();
            responses.response(status, response)
        });
        Self { responses, ..self }
    }

    /// A response that a client can revalidate.
    pub fn not_modified(self) -> Self {
        self.responds("304", revalidated("The client's copy is current"))
    }

    /// The operation.
    pub fn build(self) -> Operation {
        self.operation.responses(self.responses.build()).build()
    }
}

/// A body that a request must have.
pub fn required_body() -> RequestBodyBuilder {
    RequestBodyBuilder::new().required(Some(Required::True))
}

/// A response with a list, in every representation.
pub fn list_response(description: &str) -> ResponseBuilder {
    with_representations(description, |format| format.list_schema())
}

/// A response with one room, in every representation.
pub fn room_response(description: &str) -> ResponseBuilder {
    with_representations(description, |format| format.room_schema())
}

fn with_representations(
    description: &str,
    schema_of: impl Fn(&dyn Format) -> RefOr<Schema>,
) -> ResponseBuilder {
    Representation::all().fold(revalidated(description), |response, representation| {
        let content = match representation {
            Representation::Page => Content::new(Some(schema::text())),
            Representation::Data(format) => {
                let schema = schema_of(format);
                // A schema of an object has its own examples.
                let is_text = matches!(&schema, RefOr::T(Schema::Object(_)));
                let example = is_text.then(|| example(format).ok()).flatten();
                ContentBuilder::new().schema(Some(schema)).example(example).build()
            }
        };
        response.content(representation.media_type(), content)
    })
}

/// What the format writes for the first sample room.
fn example(format: &dyn Format) -> Result<Value, Problem> {
    let mut bytes = Vec::new();
    format.one(&mut bytes, &sample_rooms()[0])?;
    Ok(json!(String::from_utf8_lossy(&bytes)))
}

/// A JSON response with this schema.
pub fn json_response(description: &str, schema: &str, example: Value) -> ResponseBuilder {
    let content = ContentBuilder::new()
        .schema(Some(schema::reference(schema)))
        .example(Some(example).filter(|example| !example.is_null()));
    response(description).content("application/json", content.build())
}

/// A response of this media type, with a text.
pub fn text_response(description: &str, media_type: &str) -> ResponseBuilder {
    response(description).content(media_type, Content::new(Some(schema::text())))
}

/// A response whose validity a client can check.
fn revalidated(description: &str) -> ResponseBuilder {
    response(description)
        .header("ETag", header("The state, for If-None-Match", "W/\"d4013912615ea725-json\""))
        .header("Vary", header("The response depends on these headers", "Accept, Accept-Encoding"))
        .header("Cache-Control", header("Caches must revalidate it before each use", "no-cache"))
}

/// A response with the request's id.
pub fn response(description: &str) -> ResponseBuilder {
    let id = "The client's own id, if it sent one of at most 64 letters, digits, -, _ and .";
    ResponseBuilder::new()
        .description(description)
        .header("X-Request-Id", header(id, "4f0c1a52-6d58-4f4e-9d57-0a1b5a0c7a3e"))
}

/// A header with a text.
pub fn header(description: &str, example: &str) -> Header {
    typed_header(description, Type::String, json!(example))
}

/// A header with a whole number.
pub fn whole_header(description: &str, example: u32) -> Header {
    typed_header(description, Type::Integer, json!(example))
}

fn typed_header(description: &str, kind: Type, example: Value) -> Header {
    HeaderBuilder::new()
        .schema(Some(Object::with_type(kind)))
        .description(Some(description))
        .example(Some(example))
        .build()
}
