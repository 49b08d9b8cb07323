//! In which media type a client gets rooms.

use actix_web::http::header::VARY;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};

use super::negotiation::Preferences;
use super::pages;
use super::problem::Problem;
use crate::entities::Room;
use crate::representation::json;

/// The media types that rooms can be had in, the default first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Representation {
    /// `application/json`
    Json,
    /// `text/html`
    Html,
}

impl Representation {
    /// The one that the client wants most.
    pub fn wanted(request: &HttpRequest) -> Result<Self, Problem> {
        let offers = [(Self::Json, mime::APPLICATION_JSON), (Self::Html, mime::TEXT_HTML)];
        Preferences::of(request).choose(&offers).ok_or_else(|| {
            Problem::not_acceptable(&offers.each_ref().map(|(_, mime)| mime.essence_str()))
        })
    }

    /// Writes a list of rooms.
    pub fn list(self, rooms: &[Room]) -> Result<HttpResponse, Problem> {
        match self {
            Self::Json => data(json::list(rooms)),
            Self::Html => Ok(pages::write(&mut ok(), pages::list(rooms)?)),
        }
    }

    /// Writes one room.
    pub fn one(self, room: &Room) -> Result<HttpResponse, Problem> {
        match self {
            Self::Json => data(json::one(room)),
            Self::Html => Ok(pages::write(&mut ok(), pages::one(room)?)),
        }
    }
}

fn ok() -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response.insert_header((VARY, "Accept"));
    response
}

fn data(json: serde_json::Result<String>) -> Result<HttpResponse, Problem> {
    let json = json.map_err(|error| Problem::internal(&error))?;
    Ok(ok().content_type(mime::APPLICATION_JSON).body(json))
}
