//! The background of the map.

use serde::{Deserialize, Deserializer, de};
use url::Url;

/// The background of the map.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
pub struct MapSettings {
    /// The tile server; without one, browsers send requests to no other server.
    #[serde(deserialize_with = "unless_empty")]
    pub tile_url: Option<TileUrl>,
    /// Whom to credit for the tiles.
    pub tile_attribution: String,
}

/// The placeholders for the zoom, the column and the row.
const PLACEHOLDERS: [&str; 3] = ["{z}", "{x}", "{y}"];

/// The addresses of map tiles in Web Mercator, 256 pixels wide and numbered from the north-west
/// (OpenStreetMap wiki, "Slippy map tilenames").
///
/// ```
/// use rentomatic::settings::TileUrl;
///
/// let tiles = TileUrl::parse("https://tile.example/{z}/{x}/{y}.png?key=1")?;
/// assert_eq!(tiles.tile(3, 2, 1), "https://tile.example/3/2/1.png?key=1");
/// assert_eq!(tiles.origin(), "https://tile.example");
/// # Ok::<(), &'static str>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TileUrl {
    template: String,
    origin: String,
}

impl TileUrl {
    /// Reads a template.
    ///
    /// # Errors
    ///
    /// What to write instead.
    pub fn parse(template: &str) -> Result<Self, &'static str> {
        let is_once = |placeholder| template.matches(placeholder).count() == 1;
        // A placeholder in the host would name a different server for each tile.
        let authority = template.split('/').nth(2).unwrap_or_default();
        // These end a source in a Content-Security-Policy, or have a meaning of their own.
        let is_special = |c: char| c.is_whitespace() || "{};,'\"<>".contains(c);
        let first = filled(template, [0, 0, 0]);
        match Url::parse(&first) {
            Ok(url)
                if ["http", "https"].contains(&url.scheme())
                    && PLACEHOLDERS.into_iter().all(is_once)
                    && !first.contains(is_special)
                    && !authority.is_empty()
                    && !authority.contains(['{', '@']) =>
            {
                let origin = url.origin().ascii_serialization();
                Ok(Self { template: template.to_owned(), origin })
            }
            _ => Err(
                "write the address of the tiles, for example https://tile.example/{z}/{x}/{y}.png",
            ),
        }
    }

    /// The address of one tile.
    #[must_use]
    pub fn tile(&self, zoom: u32, column: u32, row: u32) -> String {
        filled(&self.template, [zoom, column, row])
    }

    /// The tile server, for example `https://tile.example`.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }
}

fn filled(template: &str, numbers: [u32; 3]) -> String {
    let fill = |url: String, (placeholder, number): (&str, u32)| {
        url.replace(placeholder, &number.to_string())
    };
    PLACEHOLDERS.into_iter().zip(numbers).fold(template.to_owned(), fill)
}

fn unless_empty<'de, D: Deserializer<'de>>(value: D) -> Result<Option<TileUrl>, D::Error> {
    let text = String::deserialize(value)?;
    if text.is_empty() {
        return Ok(None);
    }
    TileUrl::parse(&text).map(Some).map_err(de::Error::custom)
}
