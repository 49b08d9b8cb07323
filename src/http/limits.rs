//! What a request may bring, and how long it may take to come.

use std::num::NonZeroU16;
use std::time::Duration;

use crate::settings::ServerSettings;

/// Bytes of a mebibyte.
pub const MIB: usize = 1024 * 1024;

/// The limits of a request, whatever it asks for.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The most bytes of a path with its query.
    pub uri: usize,
    /// The most bytes of a room or a form.
    pub body: usize,
    /// The most bytes of a file that is imported.
    pub import: usize,
    /// How long a body may take to arrive, or the next part of a file.
    pub patience: Duration,
}

impl From<&ServerSettings> for Limits {
    fn from(settings: &ServerSettings) -> Self {
        let times = |number: NonZeroU16, unit: usize| usize::from(number.get()) * unit;
        Self {
            uri: times(settings.max_uri_bytes, 1),
            body: times(settings.max_body_kib, 1024),
            import: times(settings.max_import_mib, MIB),
            patience: Duration::from_secs(settings.body_timeout_s.get().into()),
        }
    }
}
