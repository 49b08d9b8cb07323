//! Which of the representations on offer a client wants (RFC 9110, section 12.5.1).

use actix_web::HttpMessage;
use actix_web::http::header::{ACCEPT, Accept, Header, Quality, QualityItem};
use mime::Mime;

/// How much a client wants each of several media types.
pub struct Preferences(Vec<QualityItem<Mime>>);

impl Preferences {
    /// Reads `Accept`. One that is absent or cannot be read takes anything.
    pub fn of(request: &impl HttpMessage) -> Self {
        let absent = !request.headers().contains_key(ACCEPT);
        match Accept::parse(request) {
            Ok(Accept(items)) if !absent && !items.is_empty() => Self(items),
            _ => Self(vec![QualityItem::max(mime::STAR_STAR)]),
        }
    }

    /// The quality of a media type, by the most specific range that it falls in; zero if it is
    /// not wanted at all.
    pub fn quality(&self, offer: &Mime) -> Quality {
        self.0
            .iter()
            .filter_map(|item| Some((specificity(&item.item, offer)?, item.quality)))
            .max_by_key(|(specificity, _)| *specificity)
            .map_or(Quality::ZERO, |(_, quality)| quality)
    }

    /// The offer that is wanted most, the first of several that are wanted alike.
    pub fn choose<T: Copy>(&self, offers: &[(T, Mime)]) -> Option<T> {
        let mut best = None;
        for (offer, mime) in offers {
            let quality = self.quality(mime);
            if quality > best.map_or(Quality::ZERO, |(_, quality)| quality) {
                best = Some((*offer, quality));
            }
        }
        best.map(|(offer, _)| offer)
    }
}

/// How closely a media range names a media type, if it does.
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

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn chosen(accept: Option<&str>) -> Option<&'static str> {
        let mut request = TestRequest::default();
        if let Some(accept) = accept {
            request = request.insert_header((ACCEPT, accept));
        }
        Preferences::of(&request.to_http_request())
            .choose(&[("json", mime::APPLICATION_JSON), ("html", mime::TEXT_HTML)])
    }

    #[test]
    fn the_most_specific_range_decides_and_then_the_quality() {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        for (accept, expected) in [
            (None, Some("json")),
            (Some("*/*"), Some("json")),
            (Some("application/json"), Some("json")),
            (Some(browser), Some("html")),
            (Some("text/*"), Some("html")),
            (Some("TEXT/HTML;q=0.2, application/json;q=0.1"), Some("html")),
            (Some("text/html, application/json"), Some("json")),
            (Some("application/json;q=0, */*"), Some("html")),
            (Some("application/json;q=0"), None),
            (Some("image/png"), None),
            (Some("application/vnd.api+json"), None),
            (Some(""), Some("json")),
        ] {
            assert_eq!(chosen(accept), expected, "{accept:?}");
        }
    }
}
