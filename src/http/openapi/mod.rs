//! What the web interface offers, as an OpenAPI 3.1 document, made from the tables that the program
//! itself goes by.

mod bodies;
mod parameters;
mod responses;

use std::sync::Arc;

use actix_web::http::header::{
    CONTENT_ENCODING, CONTENT_SECURITY_POLICY, ContentEncoding, LOCATION,
};
use actix_web::{HttpResponse, web};
use utoipa::openapi::path::{HttpMethod, OperationBuilder, PathItemBuilder};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    ComponentsBuilder, Info, InfoBuilder, License, OpenApi, OpenApiBuilder, PathsBuilder,
    SecurityRequirement,
};
use utoipa_swagger_ui::Config;

use super::health::Status;
use super::import::ImportResult;
use super::problem::Problem;
use super::problem::{Body, ParameterError, ProblemType};
use crate::representation::schemas;

/// Where the document is.
const PATH: &str = "/openapi.json";

/// What the page of the document needs: its own script and styles, and no other host.
const POLICY: &str = "default-src 'none'; connect-src 'self'; img-src 'self' data:; \
                      script-src 'self'; style-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

const ROOMS: &str = "rooms";
const OPERATION: &str = "operation";

/// The security scheme of writes.
const OWNER: &str = "owner";

/// `GET /openapi.json`
pub async fn document() -> HttpResponse {
    HttpResponse::Ok().json(openapi())
}

/// `GET /docs`: its files are below `/docs/`.
pub async fn page() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((LOCATION, "/docs/")).finish()
}

/// `GET /docs/{file}`: Swagger UI.
pub async fn file(file: web::Path<String>) -> Result<HttpResponse, Problem> {
    // Its own validator would be another host.
    let config = Config::from(PATH).validator_url("none").use_base_layout();
    let found = utoipa_swagger_ui::serve(&file, Arc::new(config))
        .map_err(|error| Problem::internal(error.as_ref()))?;
    let Some(found) = found else {
        return Err(Problem::not_found("There is no such file; the page is at /docs/"));
    };
    let mut answer = HttpResponse::Ok();
    if found.gzpipped {
        answer.insert_header((CONTENT_ENCODING, ContentEncoding::Gzip.as_str()));
    }
    answer.insert_header((CONTENT_SECURITY_POLICY, POLICY));
    Ok(answer.content_type(found.content_type).body(found.bytes.into_owned()))
}

/// The document.
fn openapi() -> OpenApi {
    let paths = items()
        .into_iter()
        .fold(PathsBuilder::new(), |paths, (path, item)| paths.path(path, item.build()));
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("The admin token, writes.admin_token; without one set, nobody can write"))
        .build();
    let components = schemas()
        .into_iter()
        .fold(ComponentsBuilder::new(), |components, (name, schema)| {
            components.schema(name, schema)
        })
        .schema_from::<Body<'_>>()
        .schema_from::<ParameterError>()
        .schema_from::<ProblemType>()
        .schema_from::<Status>()
        .schema_from::<ImportResult>()
        .schema("RoomToWrite", bodies::room_to_write())
        .schema("RoomPatch", bodies::room_patch())
        .security_scheme(OWNER, SecurityScheme::Http(bearer));
    OpenApiBuilder::new()
        .info(info())
        .paths(paths)
        .components(Some(components.build()))
        .tags(Some([
            TagBuilder::new().name(ROOMS).description(Some("The catalogue")).build(),
            TagBuilder::new().name(OPERATION).description(Some("For those who run it")).build(),
        ]))
        .build()
}

/// What can be done at each path.
fn items() -> Vec<(&'static str, PathItemBuilder)> {
    let get = |tag: &str, id: &str, summary: &str| {
        OperationBuilder::new().tag(tag).operation_id(Some(id)).summary(Some(summary))
    };
    let list = |id: &str, summary: &str| {
        get(ROOMS, id, summary)
            .description(Some(
                "All conditions must hold. Without `limit`, the list has no end but that of the \
                 catalogue, and is sent as it is read. Without `sort`, rooms come in the order of \
                 their insertion, or the nearest first if `near` is given.",
            ))
            .parameters(Some(parameters::of_list()))
            .responses(responses::of_list())
    };
    let show = |id: &str, summary: &str| {
        get(ROOMS, id, summary)
            .parameter(parameters::code())
            .parameter(parameters::if_none_match())
            .responses(responses::of_room())
    };
    let operate = |id: &str, summary: &str| get(OPERATION, id, summary);
    let write = |id: &str, summary: &str| get(ROOMS, id, summary).security(owner());
    let write_one = |id: &str, summary: &str| {
        write(id, summary)
            .parameter(parameters::code())
            .parameter(parameters::if_match())
            .parameter(parameters::if_none_match_to_write())
    };
    vec![
        (
            "/rooms",
            item(list("list_rooms", "List rooms, in the format that Accept asks for"))
                .operation(HttpMethod::Post, bodies::add(write("add_room", "Add a room"))),
        ),
        (
            "/rooms/import",
            item(
                operate("import_page", "The page on which the owner imports a file")
                    .responses(responses::of_import_page()),
            )
            .operation(
                HttpMethod::Post,
                bodies::import(
                    write("import_rooms", "Add many rooms, all of them or none")
                        .parameter(parameters::on_conflict()),
                ),
            ),
        ),
        (
            "/rooms.{suffix}",
            item(
                list("list_rooms_as", "List rooms, in one format").parameter(parameters::suffix()),
            ),
        ),
        (
            "/rooms/{code}",
            item(show("show_room", "Show one room"))
                .operation(
                    HttpMethod::Put,
                    bodies::replace(write_one("replace_room", "Replace a room, or make it")),
                )
                .operation(
                    HttpMethod::Patch,
                    bodies::change(write_one("change_room", "Change some fields of a room")),
                )
                .operation(
                    HttpMethod::Delete,
                    write_one("remove_room", "Remove a room").responses(responses::of_remove()),
                ),
        ),
        (
            "/rooms/{code}.{suffix}",
            item(
                show("show_room_as", "Show one room, in one format")
                    .parameter(parameters::suffix()),
            ),
        ),
        (
            "/live",
            item(operate("live", "Whether the process runs").responses(responses::of_live())),
        ),
        (
            "/ready",
            item(operate("ready", "Whether it could answer").responses(responses::of_ready())),
        ),
        (
            "/metrics",
            item(
                operate("metrics", "What the server did and does")
                    .responses(responses::of_metrics()),
            ),
        ),
        (PATH, item(operate("openapi", "This document").responses(responses::of_document()))),
    ]
}

fn item(operation: OperationBuilder) -> PathItemBuilder {
    PathItemBuilder::new().operation(HttpMethod::Get, operation)
}

fn owner() -> SecurityRequirement {
    SecurityRequirement::new(OWNER, Vec::<String>::new())
}

fn info() -> Info {
    InfoBuilder::new()
        .title("rentomatic")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "A catalogue of rooms for rent. `HEAD` answers as `GET` without a body; a known path \
             with another method is a 405 with `Allow`.",
        ))
        .license(Some(License::new("MIT")))
        .build()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::http::routes;

    /// For people, or the files of a page.
    const PAGES: [&str; 11] = [
        "/",
        "/rooms/find",
        "/rooms/add",
        "/rooms/{code}/change",
        "/rooms/{code}/remove",
        "/log-in",
        "/log-out",
        "/docs",
        "/docs/{file:.*}",
        "/assets/rentomatic.css",
        "/assets/rentomatic.svg",
    ];

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

    #[test]
    fn the_document_has_every_route_and_no_other() {
        let document = serde_json::to_value(openapi()).unwrap();
        let documented: BTreeSet<(String, String)> = document["paths"]
            .as_object()
            .unwrap()
            .iter()
            .flat_map(|(path, item)| {
                let methods = item.as_object().unwrap().keys();
                methods.map(|method| (path.clone(), method.to_uppercase()))
            })
            .collect();
        let routed: BTreeSet<(String, String)> = routes::table()
            .iter()
            .filter(|(path, _)| !PAGES.contains(path))
            .flat_map(|(path, routes)| {
                routes.iter().map(|(method, _)| (without_patterns(path), method.to_string()))
            })
            .collect();
        assert_eq!(documented, routed);
    }

    #[test]
    fn every_parameter_and_body_has_an_example() {
        let document = serde_json::to_value(openapi()).unwrap();
        for (path, item) in document["paths"].as_object().unwrap() {
            for operation in item.as_object().unwrap().values() {
                for parameter in operation["parameters"].as_array().into_iter().flatten() {
                    let name = &parameter["name"];
                    assert!(name == "cursor" || !parameter["example"].is_null(), "{path} {name}");
                }
            }
        }
        for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
            for (property, schema) in schema["properties"].as_object().into_iter().flatten() {
                let is_whole = schema["$ref"].is_string() || schema["type"] == "array";
                let is_problem = name == "Problem";
                let has_example = !schema["example"].is_null() || !schema["examples"].is_null();
                assert!(is_whole || is_problem || has_example, "{name} {property}");
            }
        }
    }
}
