//! How a text can be spelled if case makes no difference, for databases that cannot fold texts as
//! [`crate::entities::Folded`] does.
//!
//! What PostgreSQL's `lower()` does depends on the collation and the library behind it, and MongoDB's options and
//! collations are others again. So this asks for a pattern in which each character stands next to the others that are
//! folded to it, for example `[aA]`, and leaves nothing to the database.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::entities::{Folded, folded};
use crate::use_cases::TextComparison;

/// The last character that can have another case is before this one; a test checks that.
const END: char = '\u{20000}';

/// The characters that are folded to others.
struct Foldings {
    /// For each character, those that are folded to it alone.
    same: HashMap<char, String>,
    /// The characters that are folded to several, for example ß.
    longer: Vec<(char, String)>,
}

static FOLDINGS: LazyLock<Foldings> = LazyLock::new(|| {
    let mut foldings = Foldings { same: HashMap::new(), longer: Vec::new() };
    for character in '\0'..END {
        let mut parts = folded(character);
        match (parts.next(), parts.next()) {
            (Some(same), None) if same == character => {}
            (Some(same), None) => foldings.same.entry(same).or_default().push(character),
            _ => foldings.longer.push((character, folded(character).collect())),
        }
    }
    foldings
});

/// All spellings of a text.
#[derive(Debug, PartialEq, Eq)]
pub struct Spellings {
    /// Characters of the text in the database to replace first, each with what it is folded to: only those that can
    /// be part of a match. There are none for most texts.
    pub replaced: Vec<(String, String)>,
    /// A regular expression that means the same in PostgreSQL and in PCRE. The option for case must be off.
    pub pattern: String,
}

impl Spellings {
    /// The spellings of a text that is compared in this way.
    pub fn of(comparison: TextComparison, wanted: &Folded) -> Self {
        let text = wanted.get();
        let longer = FOLDINGS.longer.iter().filter(|(_, parts)| can_meet(parts, text));
        let replaced = longer.map(|(character, parts)| (character.to_string(), parts.clone()));
        let pattern: String = text.chars().map(pattern_of).collect();
        Self {
            replaced: replaced.collect(),
            pattern: match comparison {
                TextComparison::Eq => format!("^{pattern}$"),
                TextComparison::Contains => pattern,
            },
        }
    }
}

fn pattern_of(character: char) -> String {
    match FOLDINGS.same.get(&character) {
        Some(others) => format!("[{character}{others}]"),
        None if character.is_ascii_punctuation() => format!("\\{character}"),
        None => character.to_string(),
    }
}

/// Whether a place where `parts` stand can be a part of a place where `text` stands: one contains the other, or they
/// overlap.
fn can_meet(parts: &str, text: &str) -> bool {
    let overlaps = |(at, _): (usize, char)| {
        at > 0 && (text.starts_with(&parts[at..]) || text.ends_with(&parts[..at]))
    };
    text.contains(parts) || parts.contains(text) || parts.char_indices().any(overlaps)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contained(text: &str) -> Spellings {
        Spellings::of(TextComparison::Contains, &Folded::new(text))
    }

    #[test]
    fn no_character_beyond_the_end_has_another_case() {
        for character in END..=char::MAX {
            assert!(folded(character).eq([character]), "{character:?}");
        }
    }

    #[test]
    fn each_character_is_next_to_those_that_are_folded_to_it() {
        assert_eq!(contained("Ak5").pattern, "[aA][kK\u{212a}]5");
        assert_eq!(contained("ς").pattern, "[σΣς]");
        assert_eq!(contained("50%.*[x]\\").pattern, "50\\%\\.\\*\\[[xX]\\]\\\\");
        assert_eq!(Spellings::of(TextComparison::Eq, &Folded::new("é")).pattern, "^[éÉ]$");
    }

    #[test]
    fn a_character_is_replaced_only_if_it_can_be_part_of_a_match() {
        let replaced = |text: &str| -> String {
            contained(text).replaced.into_iter().map(|(character, _)| character).collect()
        };
        assert_eq!(replaced("attic"), "");
        assert_eq!(replaced("room"), "");
        assert_eq!(replaced("Straße"), "ßẞﬅﬆ");
        // The end and the start of such a character.
        assert_eq!(replaced("bus"), "ßẞﬅﬆ");
        assert_eq!(replaced("tram"), "ﬅﬆ");
        assert_eq!(replaced("fi"), "İﬀﬁﬃ");
    }
}
