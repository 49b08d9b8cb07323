//! What the pages say about the site: its title, whom to ask, the currency.

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Deserializer, de};
use url::Url;

/// The most characters of a title, of an introduction, and of a currency.
const LONGEST_TITLE: usize = 60;
const LONGEST_INTRO: usize = 2_000;
const LONGEST_CURRENCY: usize = 8;

/// What stays as it is in a value that becomes part of a URL (RFC 3986, "Unreserved Characters").
const IN_VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What cannot stay as it is in the rest of the URL.
const IN_URL: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`').add(b'\\').add(b'^').add(b'|');

/// What the pages say about the site.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteSettings {
    /// The name of the site, on every page.
    #[serde(deserialize_with = "title")]
    pub title: String,
    /// A text above the list, in one line or several; empty if there is none.
    #[serde(deserialize_with = "intro")]
    pub intro: String,
    /// Where a visitor asks about a room.
    #[serde(deserialize_with = "contact")]
    pub contact: Option<Contact>,
    /// The currency of the prices, for display only.
    #[serde(deserialize_with = "currency")]
    pub currency: String,
}

/// Where a visitor asks about a room: an address or a page, which may depend on the room.
///
/// ```
/// use rentomatic::settings::Contact;
///
/// let contact = Contact::parse("mailto:me@rooms.example?subject=About {name}")?;
/// let link = contact.link("f853578c-fc0f-4e65-81b8-566c5dffa35a", Some("Attic & more"));
/// assert_eq!(link, "mailto:me@rooms.example?subject=About%20Attic%20%26%20more");
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Contact {
    /// Percent-encoded, except for the placeholders.
    template: String,
}

impl Contact {
    /// Reads a URL with the placeholders `{code}` and `{name}`.
    ///
    /// # Errors
    ///
    /// What to write instead.
    pub fn parse(text: &str) -> Result<Self, String> {
        let instruction = "write an address, for example mailto:me@rooms.example?subject=Room {code}, or a page, for \
                           example https://rooms.example/ask?room={code}";
        let template = utf8_percent_encode(text.trim(), IN_URL).to_string();
        let contact = Self { template };
        let example = contact.link("0", None);
        if example.contains(['{', '}']) {
            return Err(format!("{instruction}; the placeholders are {{code}} and {{name}}"));
        }
        let authority = contact.template.split('/').nth(2).unwrap_or_default();
        let is_usable = Url::parse(&example).is_ok_and(|url| match url.scheme() {
            "mailto" => url.path().split_once('@').is_some_and(|(name, host)| {
                !name.is_empty() && !host.is_empty() && !name.starts_with('/')
            }),
            // A placeholder in the host would name a different server for each room.
            "https" => !authority.is_empty() && !authority.contains(['{', '@']),
            _ => false,
        });
        if is_usable { Ok(contact) } else { Err(instruction.to_owned()) }
    }

    /// The URL for a room. A room without a name is called by its code.
    #[must_use]
    pub fn link(&self, code: &str, name: Option<&str>) -> String {
        let name = utf8_percent_encode(name.unwrap_or(code), IN_VALUE).to_string();
        self.template.replace("{code}", code).replace("{name}", &name)
    }
}

fn title<'de, D: Deserializer<'de>>(value: D) -> Result<String, D::Error> {
    line(value, LONGEST_TITLE)
}

fn intro<'de, D: Deserializer<'de>>(value: D) -> Result<String, D::Error> {
    let text = String::deserialize(value)?.trim().to_owned();
    let is_text = |c: char| !c.is_control() || matches!(c, '\n' | '\r');
    if text.chars().count() <= LONGEST_INTRO && text.chars().all(is_text) {
        return Ok(text);
    }
    let instruction = "characters, without control characters other than line breaks";
    Err(de::Error::custom(format!("write at most {LONGEST_INTRO} {instruction}")))
}

fn currency<'de, D: Deserializer<'de>>(value: D) -> Result<String, D::Error> {
    line(value, LONGEST_CURRENCY)
}

fn line<'de, D: Deserializer<'de>>(value: D, longest: usize) -> Result<String, D::Error> {
    let text = String::deserialize(value)?.trim().to_owned();
    if (1..=longest).contains(&text.chars().count()) && !text.chars().any(char::is_control) {
        Ok(text)
    } else {
        Err(de::Error::custom(format!("write one line of 1 to {longest} characters")))
    }
}

fn contact<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Contact>, D::Error> {
    let text = String::deserialize(value)?;
    if text.trim().is_empty() {
        return Ok(None);
    }
    Contact::parse(&text).map(Some).map_err(de::Error::custom)
}
