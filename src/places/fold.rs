//! Names as they are compared: without regard to case, accents, scripts and punctuation.

use deunicode::deunicode_with_tofu;

/// The most characters of a name that are compared; no place has a longer one.
pub const LONGEST_NAME: usize = 100;

/// A name in plain lower-case letters, so that `Zürich`, `zurich` and `ZUERICH` are the same.
///
/// Letters of other scripts become Latin ones (`Берлин` is `berlin`). `ae`, `oe` and `ue` become `a`, `o` and
/// `u`, because they are how `ä`, `ö` and `ü` are written where the keyboard lacks them. Everything that is
/// neither a letter nor a digit separates words. The folded start of a name is the start of the folded name.
#[must_use]
pub fn fold(name: &str) -> String {
    let start: String = name.chars().take(LONGEST_NAME).collect();
    let latin = deunicode_with_tofu(&start, "").to_ascii_lowercase().replace(['\'', '`'], "");
    let words = latin.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let words = words.collect::<Vec<_>>().join(" ");
    words.replace("ae", "a").replace("oe", "o").replace("ue", "u")
}
