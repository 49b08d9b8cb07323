//! Limits on a request's size and on how long a client may take to send it.

use std::num::NonZeroU16;
use std::time::Duration;

use actix_web::{HttpRequest, web};

use super::problem::Problem;
use crate::settings::ServerSettings;

pub const MIB: usize = 1024 * 1024;

#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The most bytes of a path with its query.
    pub uri: usize,
    /// The most bytes of a room or a form.
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
