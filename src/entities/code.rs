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

/// The start of a code, at least its first eight characters, in lower case: enough to find a room by.
///
/// ```
/// use rentomatic::entities::{CodeStart, RoomCode};
///
/// let code: RoomCode = "f853578c-fc0f-4e65-81b8-566c5dffa35a".parse()?;
/// let start: CodeStart = "F853578C".parse()?;
/// assert!(start.is_of(code));
/// # Ok::<(), rentomatic::entities::InvalidRoomCode>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeStart {
    text: String,
    first: RoomCode,
}

impl CodeStart {
    /// The fewest characters.
    pub const SHORTEST: usize = 8;

    /// The first code that begins so.
    #[must_use]
    pub fn first(&self) -> RoomCode {
        self.first
    }

    /// Whether the code begins so.
    #[must_use]
    pub fn is_of(&self, code: RoomCode) -> bool {
        code.to_string().starts_with(&self.text)
    }
}

impl FromStr for CodeStart {
    type Err = InvalidRoomCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let nil = Uuid::nil().hyphenated().to_string();
        let rest = nil.get(text.len()..).filter(|_| text.len() >= Self::SHORTEST);
        let first = format!("{text}{}", rest.ok_or(InvalidRoomCode)?).parse()?;
        Ok(Self { text: text.to_ascii_lowercase(), first })
    }
}

impl fmt::Display for CodeStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
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
