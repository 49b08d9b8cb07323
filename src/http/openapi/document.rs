//! The whole document.

use actix_web::http::Method;
use actix_web::{HttpResponse, web};
use serde_json::{Value, json};
use utoipa::{PartialSchema, ToSchema};

use super::description::{Description, OWNER};
use super::responses::plain_response;
use crate::entities::Field;
use crate::formats::{FORMATS, schema};
use crate::http::problem::{ParameterError, ProblemBody, ProblemType};

/// The description of the API.
pub struct Document(Value);

impl Document {
    pub const PATH: &str = "/openapi.json";

    pub fn new(operations: impl Iterator<Item = (&'static str, Method, Description)>) -> Self {
        let mut document = json!({
            "openapi": "3.1.0",
            "info": {
                "title": "rentomatic",
                "version": env!("CARGO_PKG_VERSION"),
                "description": "A catalogue of rooms for rent. `HEAD` returns the same as `GET` without \
                                a body; an unsupported method gets a 405 with `Allow`.",
                "license": { "name": "MIT" },
            },
            "tags": [
                { "name": "rooms", "description": "The catalogue" },
                { "name": "operation", "description": "For operators" },
            ],
            "paths": {},
            "components": {
                "schemas": {
                    "RoomToWrite": schema::room_to_write(
                        "A room to write; without a code, a new one is generated",
                        Field::is_required,
                    ),
                    "RoomPatch": schema::room_to_write(
                        "The fields to change (RFC 7396); a room's code never changes",
                        |_| false,
                    ),
                },
                "securitySchemes": {
                    OWNER: {
                        "type": "http",
                        "scheme": "bearer",
                        "description": "The admin token, writes.admin_token. Without one, nobody can \
                                        write",
                    },
                },
            },
        });
        for (path, method, description) in operations {
            let method = method.as_str().to_lowercase();
            document["paths"][without_patterns(path)][method] = description.0;
        }
        for (name, schema) in FORMATS.iter().flat_map(|format| format.named_schemas()) {
            document["components"]["schemas"][name] = schema;
        }
        Self(document)
            .with_schema::<ProblemBody<'_>>()
            .with_schema::<ParameterError>()
            .with_schema::<ProblemType>()
    }

    #[must_use]
    pub fn with_schema<T: ToSchema + PartialSchema>(mut self) -> Self {
        self.0["components"]["schemas"][&*T::name()] = json!(T::schema());
        self
    }
}

/// `GET /openapi.json`
pub async fn show(document: web::Data<Document>) -> HttpResponse {
    HttpResponse::Ok().json(&document.0)
}

pub fn describe() -> Description {
    let content = json!({ "schema": { "type": "object" } });
    let ok = plain_response("An OpenAPI 3.1 document", "application/json", &content);
    Description::for_operators("openapi", "This document").responds("200", ok)
}

/// `/rooms/{code:[0-9a-f-]{36}}` is `/rooms/{code}`.
pub fn without_patterns(path: &str) -> String {
    let mut depth = 0;
    let mut is_pattern = false;
    let mut plain = String::new();
    for c in path.chars() {
        depth += i32::from(c == '{') - i32::from(c == '}');
        is_pattern = depth > 0 && (is_pattern || c == ':');
        if !is_pattern {
            plain.push(c);
        }
    }
    plain
}
