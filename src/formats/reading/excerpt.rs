//! What a message repeats of a name or a value that a client sent.

/// The most characters that are repeated.
const LONGEST: usize = 100;

/// The start of a value, long enough to recognize it.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The same of a text that becomes part of a sentence: control characters, which a terminal would obey, are
/// escaped.
#[must_use]
pub fn excerpt(text: &str) -> String {
    let mut shown = String::new();
    for character in cut(text).chars() {
        if character.is_control() {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_and_a_control_character_is_escaped() {
        assert_eq!(excerpt("price"), "price");
        assert_eq!(excerpt("a\u{1b}[2J\n"), "a\\u{1b}[2J\\n");
        assert_eq!(excerpt(&"é".repeat(5_000)), format!("{}…", "é".repeat(LONGEST)));
    }
}
