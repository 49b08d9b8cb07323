//! Responses and their headers.

use serde_json::{Value, json};

/// A response with these headers and contents, and the request's id.
pub fn response(description: &str, mut headers: Value, content: &Value) -> Value {
    headers["X-Request-Id"] = header(
        "The client's own id, if it sent one of at most 64 letters, digits, -, _ and .",
        "4f0c1a52-6d58-4f4e-9d57-0a1b5a0c7a3e",
    );
    json!({ "description": description, "headers": headers, "content": content })
}

pub fn plain_response(description: &str, media_type: &str, content: &Value) -> Value {
    response(description, json!({}), &json!({ media_type: content }))
}

/// A header with a text or a whole number.
pub fn header(description: &str, example: impl Into<Value>) -> Value {
    let example = example.into();
    let kind = if example.is_string() { "string" } else { "integer" };
    json!({ "description": description, "schema": { "type": kind }, "example": example })
}
