//! Names and values of a query or a form (WHATWG URL, `application/x-www-form-urlencoded`).

use url::form_urlencoded;

/// The names and values. Bytes that are not UTF-8 become the replacement character, which no valid name
/// or value contains.
pub fn pairs(query: &str) -> impl Iterator<Item = (String, String)> {
    form_urlencoded::parse(query.as_bytes()).into_owned()
}

/// A query with these names and values.
pub fn join(pairs: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<str>)>) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    // A query may contain commas (RFC 3986, section 3.4), and lists of codes have many.
    query.replace("%2C", ",")
}

/// The first value of this name in a query, or an empty text.
pub fn value_of(query: &str, name: &str) -> String {
    pairs(query).find(|(known, _)| known == name).map(|(_, value)| value).unwrap_or_default()
}
