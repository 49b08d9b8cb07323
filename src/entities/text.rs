//! The two texts of a room, each with its length and its characters.

use super::InvalidValue;

/// The most characters of a text that an error repeats.
const SHOWN: usize = 60;

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $field:literal, $longest:literal, $is_multiline:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// The field's name.
            pub const FIELD: &str = $field;
            /// The most characters.
            pub const LONGEST: usize = $longest;
            /// Whether it may have several lines.
            pub const IS_MULTILINE: bool = $is_multiline;

            /// Builds the value.
            ///
            /// # Errors
            ///
            /// [`InvalidValue`] if the text is empty or too long, or has a character that it must not have.
            pub fn new(text: String) -> Result<Self, InvalidValue> {
                check(Self::FIELD, &text, Self::LONGEST, Self::IS_MULTILINE)?;
                Ok(Self(text))
            }

            /// The plain text.
            #[must_use]
            pub fn get(&self) -> &str {
                &self.0
            }
        }
    };
}

text!(
    /// A room's name: one line of 1 to 120 characters, without blanks at its ends.
    Name, "name", 120, false
);
text!(
    /// A room's description: 1 to 2000 characters, in one line or several.
    Description, "description", 2000, true
);

/// The databases have the same rules as constraints, so that a row inserted by hand is a room.
fn check(
    field: &'static str,
    text: &str,
    longest: usize,
    is_multiline: bool,
) -> Result<(), InvalidValue> {
    let length = text.chars().count();
    let has_blank_end = !is_multiline && text.trim() != text;
    let is_valid = (1..=longest).contains(&length)
        && !has_blank_end
        && !text.chars().any(|character| is_forbidden(character, is_multiline));
    if is_valid {
        return Ok(());
    }
    let value = if length > longest {
        format!("{length} characters long")
    } else {
        let end = text.char_indices().nth(SHOWN).map_or(text.len(), |(end, _)| end);
        format!("{:?}{}", &text[..end], if end < text.len() { "…" } else { "" })
    };
    let rule = if is_multiline {
        "without control characters other than line breaks"
    } else {
        "in one line, without control characters and without blanks at its ends"
    };
    Err(InvalidValue::new(field, value, format!("from 1 to {longest} characters, {rule}")))
}

/// Whether a text must not have this character. A line break is LF, CR or both; Unicode's own separators of
/// lines and paragraphs would also break the line of a name.
fn is_forbidden(character: char, is_multiline: bool) -> bool {
    match character {
        '\n' | '\r' | '\u{2028}' | '\u{2029}' => !is_multiline,
        other => other.is_control(),
    }
}
