//! Every path, and the methods it answers.

use actix_web::guard::{self, Guard};
use actix_web::http::Method;
use actix_web::{HttpResponse, Resource, Route, web};

use super::problem::Problem;
use super::{assets, health, rooms};

/// The table of routes.
pub fn configure(app: &mut web::ServiceConfig) {
    app.service(resource("/", [(Method::GET, web::to(rooms::redirect))]))
        .service(resource("/rooms", [(Method::GET, web::to(rooms::list))]))
        .service(resource("/rooms.{suffix}", [(Method::GET, web::to(rooms::list_as))]))
        .service(resource("/rooms/{code}", [(Method::GET, web::to(rooms::show))]))
        .service(resource("/live", [(Method::GET, web::to(health::live))]))
        .service(resource("/ready", [(Method::GET, web::to(health::ready))]))
        .service(resource("/assets/rentomatic.css", [(Method::GET, web::to(assets::style_sheet))]))
        .service(resource("/assets/rentomatic.svg", [(Method::GET, web::to(assets::icon))]))
        .default_service(web::to(nothing_there));
}

/// A path with its methods: `HEAD` goes where `GET` goes, and any other is a 405 with `Allow`.
fn resource<const N: usize>(path: &'static str, routes: [(Method, Route); N]) -> Resource {
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
