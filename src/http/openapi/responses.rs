//! Responses and their headers.

use serde_json::{Value, json};

/// A response with these headers and contents, and the request's id.
pub fn response(description: &str, mut headers: Value, content: &Value) -> Value {
    headers["X-Request-Id"] = text_header(
        "The client's own id, if it sent one of at most 64 letters, digits, -, _ and .",
        "4f0c1a52-6d58-4f4e-9d57-0a1b5a0c7a3e",
    );
    json!({ "description": description, "headers": headers, "content": content })
}

/// A response of this media type.
pub fn plain_response(description: &str, media_type: &str, content: &Value) -> Value {
    response(description, json!({}), &json!({ media_type: content }))
}

/// A header with a text.
pub fn text_header(description: &str, example: &str) -> Value {
    json!({ "description": description, "schema": { "type": "string" }, "example": example })
}

/// A header with a whole number.
pub fn integer_header(description: &str, example: u32) -> Value {
    json!({ "description": description, "schema": { "type": "integer" }, "example": example })
}
