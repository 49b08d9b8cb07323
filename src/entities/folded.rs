//! Texts without regard to case.

/// A text in which case makes no difference, for comparisons: `STRASSE` and `Straße` are both `strasse`.
///
/// This is the case folding of Unicode (Standard, section 3.13, "toCasefold"), except that `ı` and `I` are equal as
/// well. It does not depend on a language or on what is around a character, so every storage can compute it.
/// Characters with marks stay what they are: `é` is not `e`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folded(String);

impl Folded {
    /// Folds a text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(if text.is_ascii() {
            text.to_ascii_lowercase()
        } else {
            text.chars().flat_map(folded).collect()
        })
    }

    /// The folded text.
    #[must_use]
    pub fn get(&self) -> &str {
        &self.0
    }
}

/// What becomes of a character: usually one, at most three.
pub fn folded(character: char) -> impl Iterator<Item = char> {
    // To upper case and back, so that those without a lower case of their own become equal, for example ς and σ. First
    // to lower case, because the upper case of ß is SS, and ẞ has none.
    let lower = character.to_lowercase();
    lower.flat_map(char::to_uppercase).flat_map(char::to_lowercase)
}
