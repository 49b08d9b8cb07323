//! The code of a room.

use std::error::Error;
use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// The number of characters of a code's text form.
const LENGTH: usize = 36;

/// Identifies a room: a UUID (RFC 9562), read in any case and written in lower case.
///
/// ```
/// use rentomatic::entities::RoomCode;
///
/// let code: RoomCode = "F853578C-FC0F-4E65-81B8-566C5DFFA35A".parse()?;
/// assert_eq!(code.to_string(), "f853578c-fc0f-4e65-81b8-566c5dffa35a");
/// # Ok::<(), rentomatic::entities::InvalidRoomCode>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoomCode(Uuid);

impl RoomCode {
    /// The field's name.
    pub const FIELD: &str = "code";

    /// The code with these 128 bits.
    #[must_use]
    pub const fn from_u128(bits: u128) -> Self {
        Self(Uuid::from_u128(bits))
    }

    /// A new random code (a version 4 UUID).
    #[must_use]
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }

    /// The code as a UUID.
    #[must_use]
    pub fn as_uuid(self) -> Uuid {
        self.0
    }
}

impl From<Uuid> for RoomCode {
    fn from(uuid: Uuid) -> Self {
        Self(uuid)
    }
}

impl FromStr for RoomCode {
    type Err = InvalidRoomCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Uuid also reads three other notations. A room has one URL, so a code has one notation.
        if text.len() != LENGTH {
            return Err(InvalidRoomCode);
        }
        Uuid::try_parse(text).map(Self).map_err(|_| InvalidRoomCode)
    }
}

impl fmt::Display for RoomCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// The text is not a room's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidRoomCode;

impl fmt::Display for InvalidRoomCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a room's code is a UUID, for example f853578c-fc0f-4e65-81b8-566c5dffa35a")
    }
}

impl Error for InvalidRoomCode {}
