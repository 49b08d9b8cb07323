//! The whole document.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::openapi::path::{HttpMethod, Operation};
use utoipa::openapi::schema::Type;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    ComponentsBuilder, Content, InfoBuilder, License, Object, OpenApi, OpenApiBuilder, PathItem,
    PathsBuilder,
};
use utoipa::{PartialSchema, ToSchema};

use super::description::{Description, OWNER, Tag, response};
use crate::entities::Field;
use crate::formats::{FORMATS, schema};
use crate::http::problem::{ParameterError, ProblemBody, ProblemType};

/// The description of the API.
#[derive(Serialize)]
pub struct Document(OpenApi);

impl Document {
    /// Its path.
    pub const PATH: &str = "/openapi.json";

    /// The document of these operations, and of the schemas that only they use.
    pub fn new(
        operations: impl IntoIterator<Item = (&'static str, HttpMethod, Operation)>,
    ) -> Self {
        let paths = operations.into_iter().fold(PathsBuilder::new(), |paths, operation| {
            let (path, method, operation) = operation;
            paths.path(without_patterns(path), PathItem::new(method, operation))
        });
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("The admin token, writes.admin_token. Without one, nobody can write"))
            .build();
        let components = FORMATS
            .iter()
            .flat_map(|format| format.named_schemas())
            .fold(ComponentsBuilder::new(), |components, (name, schema)| {
                components.schema(name, schema)
            })
            .schema_from::<ProblemBody<'_>>()
            .schema_from::<ParameterError>()
            .schema_from::<ProblemType>()
            .schema(
                "RoomToWrite",
                schema::room_to_write(
                    "A room to write; without a code, a new one is generated",
                    Field::is_required,
                ),
            )
            .schema(
                "RoomPatch",
                schema::room_to_write(
                    "The fields to change (RFC 7396); a room's code never changes",
                    |_| false,
                ),
            )
            .security_scheme(OWNER, SecurityScheme::Http(bearer));
        let info = InfoBuilder::new()
            .title("rentomatic")
            .version(env!("CARGO_PKG_VERSION"))
            .description(Some(
                "A catalogue of rooms for rent. `HEAD` returns the same as `GET` without a body; an \
                 unsupported method gets a 405 with `Allow`.",
            ))
            .license(Some(License::new("MIT")));
        let tag = |tag: Tag, text: &str| {
            TagBuilder::new().name(tag.name()).description(Some(text)).build()
        };
        Self(
            OpenApiBuilder::new()
                .info(info.build())
                .paths(paths)
                .components(Some(components.build()))
                .tags(Some([
                    tag(Tag::Rooms, "The catalogue"),
                    tag(Tag::Operation, "For operators"),
                ]))
                .build(),
        )
    }

    /// Adds a schema.
    #[must_use]
    pub fn with_schema<T: ToSchema + PartialSchema>(mut self) -> Self {
        if let Some(components) = &mut self.0.components {
            components.schemas.insert(T::name().into_owned(), T::schema());
        }
        self
    }
}

/// `GET /openapi.json`
pub async fn show(document: web::Data<Document>) -> HttpResponse {
    HttpResponse::Ok().json(document)
}

/// Its own description.
pub fn describe() -> Description {
    let content = Content::new(Some(Object::with_type(Type::Object)));
    let ok = response("An OpenAPI 3.1 document").content("application/json", content);
    Description::new(Tag::Operation, "openapi", "This document").responds("200", ok)
}

/// `/rooms/{code:[0-9a-f-]{36}}` is `/rooms/{code}`.
fn without_patterns(path: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_left_out_of_a_path() {
        assert_eq!(
            without_patterns("/rooms/{code:[0-9a-f-]{36}}.{suffix}"),
            "/rooms/{code}.{suffix}"
        );
    }
}
