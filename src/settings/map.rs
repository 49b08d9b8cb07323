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
    /// The placeholders for the zoom, the column and the row.
    const PLACEHOLDERS: [&str; 3] = ["{z}", "{x}", "{y}"];

    /// Reads a template.
    ///
    /// # Errors
    ///
    /// What to write instead.
    pub fn parse(template: &str) -> Result<Self, &'static str> {
        const INSTRUCTION: &str =
            "write the address of the tiles, for example https://tile.example/{z}/{x}/{y}.png";
        let mut first = template.to_owned();
        for placeholder in Self::PLACEHOLDERS {
            if template.matches(placeholder).count() != 1 {
                return Err(INSTRUCTION);
            }
            first = first.replace(placeholder, "0");
        }
        let url = Url::parse(&first).map_err(|_| INSTRUCTION)?;
        let is_web = ["http", "https"].contains(&url.scheme());
        // A placeholder in the host would name a different server for each tile.
        let authority = template.split('/').nth(2).unwrap_or_default();
        // These end a source in a Content-Security-Policy, or have a meaning of their own.
        let is_special = |c: char| c.is_whitespace() || "{};,'\"<>".contains(c);
        if !is_web
            || first.contains(is_special)
            || authority.is_empty()
            || authority.contains(['{', '@'])
        {
            return Err(INSTRUCTION);
        }
        Ok(Self { template: template.to_owned(), origin: url.origin().ascii_serialization() })
    }

    /// The address of one tile.
    #[must_use]
    pub fn tile(&self, zoom: u32, column: u32, row: u32) -> String {
        Self::PLACEHOLDERS
            .into_iter()
            .zip([zoom, column, row])
            .fold(self.template.clone(), |url, (placeholder, number)| {
                url.replace(placeholder, &number.to_string())
            })
    }

    /// The tile server, for example `https://tile.example`.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }
}

fn unless_empty<'de, D: Deserializer<'de>>(value: D) -> Result<Option<TileUrl>, D::Error> {
    let text = String::deserialize(value)?;
    if text.is_empty() {
        return Ok(None);
    }
    TileUrl::parse(&text).map(Some).map_err(de::Error::custom)
}
