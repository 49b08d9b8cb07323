//! Places by name: the gazetteer in the binary, the owner's own places, and how people write a place.
//!
//! Everything here is data and lookups. Nothing knows of rooms or of the web.

mod fold;
mod gazetteer;
mod location;
mod named_place;
mod own;
mod record;
mod search;
mod similar;

pub use fold::{LONGEST_NAME, fold};
pub use gazetteer::COUNT;
pub use location::{DEFAULT_RADIUS, is_link, parse_distance, parse_location};
pub use named_place::NamedPlace;
pub use own::PlacesError;
pub use record::{Record, TextRange};
pub use search::{Places, Resolved};
