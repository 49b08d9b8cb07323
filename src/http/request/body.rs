//! The body of a request that writes a room: one JSON object (RFC 8259), or a form.

use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use actix_web::rt::time::timeout;
use actix_web::{FromRequest, HttpRequest, web};
use mime::Mime;
use serde::de::DeserializeOwned;
use serde::de::value::MapDeserializer;

use super::query::pairs;
use crate::formats::reading::room::FieldValue;
use crate::formats::reading::{Columns, object};
use crate::http::limits::{Limits, MAX_FIELDS, MAX_FORM};
use crate::http::problem::Problem;

/// A room.
pub const JSON: &str = "application/json";

/// A change of a room (RFC 7396).
pub const MERGE_PATCH: &str = "application/merge-patch+json";

/// A page's form (WHATWG URL).
pub const FORM: &str = "application/x-www-form-urlencoded";

/// The names of UTF-8, and of its part that is ASCII.
const CHARSETS: [&str; 3] = ["utf-8", "utf8", "us-ascii"];

type Reading<T> = Pin<Box<dyn Future<Output = Result<T, Problem>>>>;

/// The fields of a room, from a JSON object.
pub struct JsonBody(pub Vec<(String, FieldValue)>);

impl FromRequest for JsonBody {
    type Error = Problem;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        read(request, payload, &[JSON], usize::MAX, |body| fields(body).map(Self))
    }
}

/// The fields to change, from a merge patch.
pub struct PatchBody(pub Vec<(String, FieldValue)>);

impl FromRequest for PatchBody {
    type Error = Problem;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let media_types = &[MERGE_PATCH, JSON];
        read(request, payload, media_types, usize::MAX, |body| fields(body).map(Self))
    }
}

fn fields(body: &[u8]) -> Result<Vec<(String, FieldValue)>, Problem> {
    object::fields(body, &Columns::default())
        .map_err(|error| Problem::bad_request(&format!("body: write one JSON object: {error}")))
}

/// The names and values of a form, as they were typed.
pub struct FormBody(pub Vec<(String, String)>);

impl FromRequest for FormBody {
    type Error = Problem;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        Self::read(request, payload, MAX_FORM)
    }
}

impl FormBody {
    /// Reads a form of at most `most` bytes.
    pub fn read(request: &HttpRequest, payload: &mut Payload, most: usize) -> Reading<Self> {
        read(request, payload, &[FORM], most, |body| {
            let fields: Vec<_> =
                pairs(&String::from_utf8_lossy(body)).take(MAX_FIELDS + 1).collect();
            if fields.len() > MAX_FIELDS {
                return Err(Problem::too_many_fields(MAX_FIELDS));
            }
            Ok(Self(fields))
        })
    }

    /// Reads the form as a struct.
    pub fn parse<T: DeserializeOwned>(self) -> Result<T, Problem> {
        let pairs = MapDeserializer::<_, serde::de::value::Error>::new(self.0.into_iter());
        T::deserialize(pairs).map_err(|error| Problem::bad_request(&format!("body: {error}")))
    }

    /// Removes a value from the form; empty if the form lacks it.
    pub fn take(&mut self, name: &str) -> String {
        let index = self.0.iter().position(|(known, _)| known == name);
        index.map(|index| self.0.swap_remove(index).1).unwrap_or_default()
    }
}

/// Reads a body of one of these media types and of at most `most` bytes, within the limits. A long one is
/// parsed on a thread for blocking work, so that other requests do not wait for it.
fn read<T: Send + 'static>(
    request: &HttpRequest,
    payload: &mut Payload,
    media_types: &'static [&'static str],
    most: usize,
    parse: impl FnOnce(&[u8]) -> Result<T, Problem> + Send + 'static,
) -> Reading<T> {
    let request = request.clone();
    let payload = web::Payload::from_request(&request, payload);
    Box::pin(async move {
        if !media_types.iter().any(|media_type| has_media_type(&request, media_type)) {
            return Err(Problem::unsupported_media_type(media_types));
        }
        check_encoding(&request)?;
        let limits = Limits::of(&request)?;
        let most = limits.body.min(most);
        check_length(&request, most)?;
        let payload = payload.await.map_err(|error| Problem::from(&error))?;
        let body = timeout(limits.body_timeout, payload.to_bytes_limited(most))
            .await
            .map_err(|_| Problem::too_slow(limits.body_timeout))?
            .map_err(|_| Problem::too_large(most))?
            .map_err(|error| Problem::bad_request(&format!("body: {error}")))?;
        if body.len() <= MAX_FORM {
            return parse(&body);
        }
        web::block(move || parse(&body)).await.map_err(|error| Problem::internal(&error))?
    })
}

/// Whether the body has this media type, with any parameters.
pub fn has_media_type(request: &HttpRequest, media_type: &str) -> bool {
    sent_media_type(request).is_some_and(|sent| sent.essence_str() == media_type)
}

fn sent_media_type(request: &HttpRequest) -> Option<Mime> {
    request.headers().get(CONTENT_TYPE)?.to_str().ok()?.parse().ok()
}

/// Refuses a body that is compressed, or in another character encoding than UTF-8. A small compressed body
/// could become a very large one, so none is read.
pub fn check_encoding(request: &HttpRequest) -> Result<(), Problem> {
    let codings = request.headers().get_all(CONTENT_ENCODING);
    let is_identity = |value: &HeaderValue| {
        value.to_str().is_ok_and(|text| {
            text.split(',')
                .all(|coding| ["", "identity"].contains(&coding.trim().to_lowercase().as_str()))
        })
    };
    if !codings.into_iter().all(is_identity) {
        return Err(Problem::compressed());
    }
    let media_type = sent_media_type(request);
    let charset = media_type.as_ref().and_then(|sent| sent.get_param(mime::CHARSET));
    match charset {
        Some(charset)
            if !CHARSETS.iter().any(|known| charset.as_str().eq_ignore_ascii_case(known)) =>
        {
            Err(Problem::unsupported_charset(charset.as_str()))
        }
        _ => Ok(()),
    }
}

/// Refuses a body whose `Content-Length` is over the limit.
pub fn check_length(request: &HttpRequest, limit: usize) -> Result<(), Problem> {
    let length = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    match length.and_then(|text| text.parse::<usize>().ok()) {
        Some(length) if length > limit => Err(Problem::too_large(limit)),
        _ => Ok(()),
    }
}
