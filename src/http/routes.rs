//! Every path, and the methods it answers.

use actix_web::guard::{self, Guard};
use actix_web::http::Method;
use actix_web::{HttpResponse, Resource, Route, web};

use super::problem::Problem;
use super::{
    assets, forms, health, import, import_form, list_page, log_in, metrics, openapi, room_writes,
    rooms,
};

/// The table of routes.
pub fn table() -> Vec<(&'static str, Vec<(Method, Route)>)> {
    vec![
        ("/", vec![(Method::GET, web::to(rooms::redirect))]),
        (
            "/rooms",
            vec![(Method::GET, web::to(rooms::list)), (Method::POST, web::to(room_writes::add))],
        ),
        ("/rooms/find", vec![(Method::GET, web::to(list_page::find))]),
        (
            "/rooms/import",
            vec![
                (Method::GET, web::to(import_form::page)),
                (Method::POST, web::to(import::import)),
            ],
        ),
        (
            "/rooms/add",
            vec![(Method::GET, web::to(forms::new_room)), (Method::POST, web::to(forms::add))],
        ),
        (
            "/rooms/{code}/change",
            vec![(Method::GET, web::to(forms::room)), (Method::POST, web::to(forms::change))],
        ),
        (
            "/rooms/{code}/remove",
            vec![(Method::GET, web::to(forms::removal)), (Method::POST, web::to(forms::remove))],
        ),
        (
            "/log-in",
            vec![(Method::GET, web::to(log_in::page)), (Method::POST, web::to(log_in::begin))],
        ),
        ("/log-out", vec![(Method::POST, web::to(log_in::end))]),
        ("/rooms.{suffix}", vec![(Method::GET, web::to(rooms::list_as))]),
        (
            "/rooms/{code:[0-9A-Fa-f-]{36}}.{suffix:[a-z]+}",
            vec![(Method::GET, web::to(rooms::show_as))],
        ),
        (
            "/rooms/{code}",
            vec![
                (Method::GET, web::to(rooms::show)),
                (Method::PUT, web::to(room_writes::replace)),
                (Method::PATCH, web::to(room_writes::change)),
                (Method::DELETE, web::to(room_writes::remove)),
            ],
        ),
        ("/live", vec![(Method::GET, web::to(health::live))]),
        ("/ready", vec![(Method::GET, web::to(health::ready))]),
        ("/metrics", vec![(Method::GET, web::to(metrics::show))]),
        ("/openapi.json", vec![(Method::GET, web::to(openapi::document))]),
        ("/docs", vec![(Method::GET, web::to(openapi::page))]),
        ("/docs/{file:.*}", vec![(Method::GET, web::to(openapi::file))]),
        ("/assets/rentomatic.css", vec![(Method::GET, web::to(assets::style_sheet))]),
        ("/assets/rentomatic.svg", vec![(Method::GET, web::to(assets::icon))]),
    ]
}

/// Makes the routes of the application.
pub fn configure(app: &mut web::ServiceConfig) {
    for (path, routes) in table() {
        app.service(resource(path, routes));
    }
    app.default_service(web::to(nothing_there));
}

/// A path with its methods: `HEAD` goes where `GET` goes, and any other is a 405 with `Allow`.
fn resource(path: &'static str, routes: Vec<(Method, Route)>) -> Resource {
    let mut resource = web::resource(path);
    let mut allowed = Vec::new();
    for (method, route) in routes {
        allowed.push(method.to_string());
        resource = if method == Method::GET {
            allowed.push(Method::HEAD.to_string());
            resource.route(route.guard(guard::Any(guard::Get()).or(guard::Head())))
        } else {
            resource.route(route.guard(is(method)))
        };
    }
    let allowed = allowed.join(", ");
    resource.default_service(web::to(move || {
        let problem = Problem::method_not_allowed(allowed.clone());
        async { Err::<HttpResponse, _>(problem) }
    }))
}

fn is(method: Method) -> impl Guard {
    guard::fn_guard(move |context| context.head().method == method)
}

async fn nothing_there() -> Result<HttpResponse, Problem> {
    Err(Problem::not_found("There is nothing at this path; the rooms are at /rooms"))
}
