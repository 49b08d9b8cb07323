//! Protection against cross-site request forgery.

use actix_web::HttpRequest;
use actix_web::http::header::{HOST, HeaderName, ORIGIN};

use crate::http::problem::Problem;

/// The relation between a request and the page that caused it (W3C, "Fetch Metadata Request Headers").
const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses a request that another site's page makes a browser send.
///
/// Browsers send `Sec-Fetch-Site`, at least to servers that they trust, and otherwise `Origin`; a page
/// can set neither. A client that sends neither is not a browser.
pub fn require_same_origin(request: &HttpRequest) -> Result<(), Problem> {
    let header = |name| request.headers().get(name).map(|value| value.to_str().unwrap_or_default());
    let is_same = match (header(SITE), header(ORIGIN)) {
        (Some(site), _) => ["same-origin", "none"].contains(&site),
        (None, Some(origin)) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == header(HOST)
        }
        (None, None) => true,
    };
    if is_same { Ok(()) } else { Err(Problem::cross_site()) }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn only_our_own_pages_may_use_a_session() {
        for (site, origin, is_ours) in [
            (None, None, true),
            (Some("same-origin"), Some("http://rooms.example:8080"), true),
            (Some("none"), None, true),
            (Some("cross-site"), None, false),
            (Some("same-site"), Some("http://rooms.example:8080"), false),
            (Some("nonsense"), None, false),
            (None, Some("http://rooms.example:8080"), true),
            (None, Some("https://rooms.example:8080"), true),
            (None, Some("http://rooms.example"), false),
            (None, Some("http://rooms.example:8081"), false),
            (None, Some("http://evil.example"), false),
            (None, Some("http://evil.example/rooms.example:8080"), false),
            (None, Some("null"), false),
            (None, Some(""), false),
        ] {
            let mut request = TestRequest::default().insert_header((HOST, "rooms.example:8080"));
            if let Some(site) = site {
                request = request.insert_header((SITE, site));
            }
            if let Some(origin) = origin {
                request = request.insert_header((ORIGIN, origin));
            }
            let verdict = require_same_origin(&request.to_http_request());
            assert_eq!(verdict.is_ok(), is_ours, "{site:?} {origin:?}");
        }
    }
}
