//! Adds the headers that every response has.

use actix_web::HttpRequest;
use actix_web::dev::ServiceResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CONTENT_SECURITY_POLICY, CROSS_ORIGIN_OPENER_POLICY, CROSS_ORIGIN_RESOURCE_POLICY, HeaderMap,
    HeaderName, HeaderValue, PERMISSIONS_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use actix_web::web::Data;

use crate::http::request::is_https;
use crate::settings::ServerSettings;

/// The policy of a response that is not a page: it needs nothing.
const NO_CONTENT_POLICY: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The headers that every response has with the same value.
const ALWAYS: [(HeaderName, HeaderValue); 5] = [
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    // Other sites learn at most that this site exists; our own pages say where a request came from.
    (REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin")),
    // A window of another site that opened ours cannot reach into it.
    (CROSS_ORIGIN_OPENER_POLICY, HeaderValue::from_static("same-origin")),
    // Another site's page cannot load a response as an image, a script or a style sheet, not even to measure
    // it. Its scripts could not read one before either, because there are no CORS headers. Programs other
    // than browsers ignore this.
    (CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("same-origin")),
    (
        PERMISSIONS_POLICY,
        HeaderValue::from_static(
            "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
        ),
    ),
];

pub fn add(response: &mut ServiceResponse) {
    let is_modified = response.status() != StatusCode::NOT_MODIFIED;
    let hsts = strict_transport_security(response.request());
    let headers = response.headers_mut();
    join_vary(headers);
    for (name, value) in ALWAYS {
        headers.insert(name, value);
    }
    if let Some(hsts) = hsts {
        headers.insert(STRICT_TRANSPORT_SECURITY, hsts);
    }
    // A page brings its own policy. A 304 has none, because it would replace the policy of the page that
    // the client has (RFC 9111, section 4.3.4).
    if is_modified && !headers.contains_key(CONTENT_SECURITY_POLICY) {
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(NO_CONTENT_POLICY));
    }
}

/// Sends `Vary` once, with each name once: a cache may look at one line only.
fn join_vary(headers: &mut HeaderMap) {
    if headers.get_all(VARY).nth(1).is_none() {
        return;
    }
    let lines = headers.get_all(VARY).filter_map(|line| line.to_str().ok());
    let mut names: Vec<&str> = Vec::new();
    for name in lines.flat_map(|line| line.split(',')).map(str::trim) {
        if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            names.push(name);
        }
    }
    if let Ok(joined) = HeaderValue::from_str(&names.join(", ")) {
        headers.insert(VARY, joined);
    }
}

/// For how long the browser shall use only HTTPS (RFC 6797), if it does now.
fn strict_transport_security(request: &HttpRequest) -> Option<HeaderValue> {
    let seconds = request.app_data::<Data<ServerSettings>>()?.hsts_max_age_s;
    let is_sent = seconds > 0 && is_https(request);
    is_sent.then(|| HeaderValue::from_str(&format!("max-age={seconds}")).ok()).flatten()
}
