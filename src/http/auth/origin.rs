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
