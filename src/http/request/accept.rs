//! In which format a client gets rooms: content negotiation (RFC 9110, section 12.5.1), or a suffix.

use std::future::{Ready, ready};
use std::sync::LazyLock;

use actix_web::dev::Payload;
use actix_web::http::header::{ACCEPT, Accept, Header, Quality, QualityItem};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use mime::Mime;

use crate::formats::reading::excerpt;
use crate::formats::{FORMATS, Format};
use crate::http::problem::Problem;

/// The representation of a resource: data for programs, or a page for people.
#[derive(Clone, Copy)]
pub enum Representation {
    Data(&'static dyn Format),
    Page,
}

impl Representation {
    /// All representations, the default first.
    pub fn all() -> impl Iterator<Item = Self> {
        FORMATS.into_iter().map(Self::Data).chain([Self::Page])
    }

    /// Its short name, for example in `/rooms.csv`.
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
}

/// The representation that the path's `{suffix}` names; without one, the representation that the client
/// prefers, according to `Accept`.
impl FromRequest for Representation {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(match request.match_info().get("suffix") {
            Some(suffix) => with_suffix(suffix),
            None => accepted(request),
        })
    }
}

fn with_suffix(suffix: &str) -> Result<Representation, Problem> {
    Representation::all().find(|known| known.name() == suffix).ok_or_else(|| {
        let names: Vec<_> = Representation::all().map(Representation::name).collect();
        let names = names.join(", .");
        let suffix = excerpt(suffix);
        Problem::not_found(&format!("There is no format .{suffix}; the formats are .{names}"))
    })
}

fn accepted(request: &HttpRequest) -> Result<Representation, Problem> {
    static OFFERS: LazyLock<Vec<(Representation, Mime)>> = LazyLock::new(|| {
        let offer = |offer: Representation| Some((offer, offer.media_type().parse().ok()?));
        Representation::all().filter_map(offer).collect()
    });
    let preferences = Preferences::of(request);
    // In reverse, because `max_by_key` returns the last of several equal offers, and the default is the
    // first.
    let offers = OFFERS.iter().rev().map(|(offer, mime)| (*offer, preferences.quality(mime)));
    let best = offers.max_by_key(|(_, quality)| *quality);
    let best = best.filter(|(_, quality)| *quality > Quality::ZERO).map(|(offer, _)| offer);
    best.ok_or_else(|| {
        let offers: Vec<_> = OFFERS.iter().map(|(_, mime)| mime.essence_str()).collect();
        Problem::not_acceptable(&offers)
    })
}

/// How much a client prefers each media type.
pub struct Preferences(Vec<QualityItem<Mime>>);

impl Preferences {
    /// Reads `Accept`. If it is absent or unreadable, the client accepts anything.
    pub fn of(request: &impl HttpMessage) -> Self {
        let absent = !request.headers().contains_key(ACCEPT);
        match Accept::parse(request) {
            Ok(Accept(items)) if !absent && !items.is_empty() => Self(items),
            _ => Self(vec![QualityItem::max(mime::STAR_STAR)]),
        }
    }

    /// The quality of a media type, from the most specific range that matches; zero if the client does
    /// not accept it.
    pub fn quality(&self, offer: &Mime) -> Quality {
        self.0
            .iter()
            .filter_map(|item| Some((specificity(&item.item, offer)?, item.quality)))
            .max_by_key(|(specificity, _)| *specificity)
            .map_or(Quality::ZERO, |(_, quality)| quality)
    }
}

/// How specifically a media range matches a media type, if it does.
fn specificity(range: &Mime, offer: &Mime) -> Option<u8> {
    if range.type_() == mime::STAR {
        Some(0)
    } else if range.type_() != offer.type_() {
        None
    } else if range.subtype() == mime::STAR {
        Some(1)
    } else {
        let same = range.subtype() == offer.subtype() && range.suffix() == offer.suffix();
        same.then_some(2)
    }
}
