//! Limits on a request's size and on how long a client may take to send it. Those on the names of an
//! object, the columns of a file and the length of a row are with their readers, which the terminal uses as
//! well: [`crate::formats::reading::limits`].

use std::num::NonZeroU16;
use std::time::Duration;

use actix_web::{HttpRequest, web};

use super::problem::Problem;
use crate::settings::ServerSettings;

pub const MIB: usize = 1024 * 1024;

/// The most bytes of a form. The largest that a page sends has all fields of a room: a description of 2,000 characters
/// has up to 24,000 bytes, because each byte that is not ASCII is written as three.
pub const MAX_FORM: usize = 32 * 1024;

/// The most bytes of the log-in form, which anyone can send.
pub const MAX_LOG_IN: usize = 4 * 1024;

/// The most fields of a form.
pub const MAX_FIELDS: usize = 32;

/// The most places that a search returns.
pub const MAX_PLACES: usize = 100;

/// The most parts of a form with a file.
pub const MAX_PARTS: usize = 8;

#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The most bytes of a path with its query.
    pub uri: usize,
    /// The most bytes of a room, and of a form unless [`MAX_FORM`] is less.
    pub body: usize,
    /// The most bytes of a file to import.
    pub import: usize,
    /// How long a body may take to arrive, or the next part of a file.
    pub body_timeout: Duration,
}

impl Limits {
    /// The limits of the server that received this request.
    pub fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let limits = request.app_data::<web::Data<Self>>();
        limits.map(|limits| ***limits).ok_or_else(|| {
            Problem::internal(&std::io::Error::other("the server was started without limits"))
        })
    }
}

impl From<&ServerSettings> for Limits {
    fn from(settings: &ServerSettings) -> Self {
        let bytes = |number: NonZeroU16, unit: usize| usize::from(number.get()) * unit;
        Self {
            uri: bytes(settings.max_uri_bytes, 1),
            body: bytes(settings.max_body_kib, 1024),
            import: bytes(settings.max_import_mib, MIB),
            body_timeout: Duration::from_secs(settings.body_timeout_s.get().into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::MAX_FORM;
    use crate::entities::{FIELDS, Kind};

    #[test]
    fn a_form_can_have_the_longest_room() {
        // A character has up to four bytes, each of them written as three. Numbers, names and the rest are short.
        let longest = FIELDS.iter().map(|field| match field.kind {
            Kind::Text { longest, .. } => 12 * longest,
            Kind::Code | Kind::Whole { .. } | Kind::Degrees { .. } => 100,
        });
        assert!(longest.sum::<usize>() + 1_000 <= MAX_FORM);
    }
}
