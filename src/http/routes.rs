//! The table of routes: every path, its methods, their handlers, and their descriptions.

use actix_web::guard;
use actix_web::http::Method;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, Resource, Route, web};

use super::openapi::{self, Description, Document};
use super::ops::{health, metrics};
use super::pages::{self, assets};
use super::places;
use super::problem::Problem;
use super::rooms::{import, list, show, write};

/// One method of a path.
pub struct Endpoint {
    path: &'static str,
    method: Method,
    route: Route,
    /// `None` for a page, and for the files of a page.
    description: Option<Description>,
}

fn api(method: Method, path: &'static str, route: Route, description: Description) -> Endpoint {
    Endpoint { path, method, route, description: Some(description) }
}

fn page(method: Method, path: &'static str, route: Route) -> Endpoint {
    Endpoint { path, method, route, description: None }
}

/// The table. The methods of one path stand together; the first path that matches is used.
pub fn table() -> Vec<Endpoint> {
    use web::to;
    let get = || Method::GET;
    let post = || Method::POST;
    // It comes before the other paths with a code, because each path that is tried takes time.
    let room = "/rooms/{code:[^/.]+}";
    let with_suffix = "/rooms/{code:[0-9A-Fa-f-]{36}}.{suffix:[a-z]+}";
    vec![
        page(get(), "/", to(pages::home)),
        api(get(), "/rooms", to(list::list), list::describe_list()),
        api(post(), "/rooms", to(write::add), write::describe_add()),
        page(get(), "/rooms/find", to(pages::list::find)),
        api(get(), "/rooms/import", to(pages::import::show), import::describe_page()),
        api(post(), "/rooms/import", to(import::import), import::describe_import()),
        page(get(), "/rooms/add", to(pages::edit::add_form)),
        page(post(), "/rooms/add", to(pages::edit::add)),
        api(get(), room, to(show::show), show::describe_show()),
        api(Method::PUT, room, to(write::replace), write::describe_replace()),
        api(Method::PATCH, room, to(write::change), write::describe_change()),
        api(Method::DELETE, room, to(write::remove), write::describe_remove()),
        page(get(), "/rooms/{code}/change", to(pages::edit::change_form)),
        page(post(), "/rooms/{code}/change", to(pages::edit::change)),
        page(get(), "/rooms/{code}/remove", to(pages::remove::confirm)),
        page(post(), "/rooms/{code}/remove", to(pages::remove::remove)),
        api(get(), "/log-in", to(pages::log_in::form), pages::log_in::describe_form()),
        api(post(), "/log-in", to(pages::log_in::log_in), pages::log_in::describe_log_in()),
        page(post(), "/log-out", to(pages::log_in::log_out)),
        page(post(), "/log-out-everywhere", to(pages::log_in::log_out_everywhere)),
        api(get(), "/rooms.{suffix}", to(list::list), list::describe_list_as()),
        api(get(), with_suffix, to(show::show), show::describe_show_as()),
        api(get(), "/places", to(places::search), places::describe()),
        api(get(), "/live", to(health::live), health::describe_live()),
        api(get(), "/ready", to(health::ready), health::describe_ready()),
        api(get(), "/metrics", to(metrics::show), metrics::describe()),
        api(get(), Document::PATH, to(openapi::show), openapi::describe()),
        page(get(), "/docs", to(openapi::page)),
        page(get(), "/docs/{file:.*}", to(openapi::file)),
        page(get(), "/assets/rentomatic.css", to(assets::style_sheet)),
        page(get(), "/assets/rentomatic.svg", to(assets::icon)),
    ]
}

/// The method and the path of every route, the pages' included, with parameters in braces.
#[must_use]
pub fn routes() -> Vec<(String, &'static str)> {
    table().into_iter().map(|endpoint| (endpoint.method.to_string(), endpoint.path)).collect()
}

pub fn document() -> Document {
    let operations =
        table().into_iter().filter_map(|Endpoint { path, method, description, .. }| {
            description.map(|description| (path, method, description))
        });
    Document::new(operations)
        .with_schema::<health::Status>()
        .with_schema::<places::FoundPlace<'_>>()
        .with_schema::<import::ImportResult>()
}

pub fn configure(app: &mut web::ServiceConfig) {
    let mut endpoints = table();
    while !endpoints.is_empty() {
        let path = endpoints[0].path;
        let others = endpoints.iter().position(|endpoint| endpoint.path != path);
        let rest = endpoints.split_off(others.unwrap_or(endpoints.len()));
        app.service(resource(path, endpoints));
        endpoints = rest;
    }
    app.default_service(web::to(not_found));
}

/// A path with its methods. `HEAD` is handled like `GET`, and any other method is a 405 with `Allow`.
fn resource(path: &'static str, endpoints: Vec<Endpoint>) -> Resource {
    // For the metrics.
    let mut resource = web::resource(path).name(&openapi::without_patterns(path));
    let mut allowed = Vec::new();
    for Endpoint { method, route, .. } in endpoints {
        allowed.push(method.to_string());
        resource = if method == Method::GET {
            allowed.push(Method::HEAD.to_string());
            resource.route(route.guard(guard::Any(guard::Get()).or(guard::Head())))
        } else {
            resource.route(route.method(method))
        };
    }
    let allowed = allowed.join(", ");
    resource.default_service(web::to(move || {
        let problem = Problem::method_not_allowed(allowed.clone());
        async { Err::<HttpResponse, _>(problem) }
    }))
}

/// Redirects from a path below `/rooms` with a slash at its end to the one without. Any other unknown path is
/// a 404.
async fn not_found(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let path = request.path();
    let without_slash = path.trim_end_matches('/');
    // A path like //evil.example/ would lead to another site.
    if without_slash.len() == path.len() || !without_slash.starts_with("/rooms") {
        return Err(Problem::not_found("There is nothing at this path; the rooms are at /rooms"));
    }
    let query = request.uri().query().map_or_else(String::new, |query| format!("?{query}"));
    let location = format!("{without_slash}{query}");
    Ok(HttpResponse::PermanentRedirect().insert_header((LOCATION, location)).finish())
}
