//! Pages for people: one file per page, with its handlers, its view and its template from `templates/`.

pub mod assets;
pub mod edit;
mod form;
mod html;
pub mod import;
pub mod list;
pub mod log_in;
mod map;
pub mod problem;
pub mod remove;
pub mod room;
mod site;
mod words;

use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;

/// `GET /`
pub async fn home() -> HttpResponse {
    HttpResponse::Found().insert_header((LOCATION, "/rooms")).finish()
}
