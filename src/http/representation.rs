//! In which form a client gets rooms.

use std::sync::LazyLock;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, VARY};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use mime::Mime;

use super::negotiation::Preferences;
use super::problem::Problem;
use crate::representation::{FORMATS, Format};

/// The form: data for programs, or a page for people.
#[derive(Clone, Copy)]
pub enum Representation {
    /// One of the formats for programs.
    Data(&'static dyn Format),
    /// `text/html`
    Page,
}

impl Representation {
    /// All that there are, the default first.
    pub fn all() -> impl Iterator<Item = Self> {
        FORMATS.into_iter().map(Self::Data).chain([Self::Page])
    }

    /// Its short name, as in `/rooms.csv`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Data(format) => format.name(),
            Self::Page => "html",
        }
    }

    /// Its media type, with parameters.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Data(format) => format.media_type(),
            Self::Page => "text/html; charset=utf-8",
        }
    }

    /// The one that the client wants most, by `Accept`.
    pub fn accepted(request: &HttpRequest) -> Result<Self, Problem> {
        static OFFERS: LazyLock<Vec<(Representation, Mime)>> = LazyLock::new(|| {
            let offer = |offer: Representation| Some((offer, offer.media_type().parse().ok()?));
            Representation::all().filter_map(offer).collect()
        });
        let offers = &*OFFERS;
        Preferences::of(request).choose(offers).ok_or_else(|| {
            let offers: Vec<_> = offers.iter().map(|(_, mime)| mime.essence_str()).collect();
            Problem::not_acceptable(&offers)
        })
    }

    /// The one that a suffix names.
    pub fn with_suffix(suffix: &str) -> Result<Self, Problem> {
        Self::all().find(|offer| offer.name() == suffix).ok_or_else(|| {
            let names: Vec<_> = Self::all().map(Self::name).collect();
            let names = names.join(", .");
            Problem::not_found(&format!("There is no representation .{suffix}; there are .{names}"))
        })
    }

    /// An answer in this form, without its body.
    pub fn answer(self) -> HttpResponseBuilder {
        self.describe(HttpResponse::Ok())
    }

    /// Says of an answer that it is in this form. A proxy may keep it, but asks whether it is current
    /// before it gives it to anyone.
    pub fn describe(self, mut answer: HttpResponseBuilder) -> HttpResponseBuilder {
        let varies = match self {
            Self::Data(_) => "Accept, Accept-Encoding",
            Self::Page => "Accept, Accept-Encoding, Cookie",
        };
        answer
            .insert_header((CONTENT_TYPE, HeaderValue::from_static(self.media_type())))
            .insert_header((VARY, HeaderValue::from_static(varies)))
            .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-cache")));
        answer
    }
}
