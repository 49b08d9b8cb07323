//! The validator and the indexes of the collection, made from the table of fields.

use mongodb::bson::{Bson, Document, doc};

use super::pipeline::without_case;
use crate::entities::{FIELDS, Field, Kind, Latitude, Longitude};

/// The index that keeps codes unique.
pub const CODE: &str = "code";

/// The rules for documents (MongoDB documentation, "$jsonSchema"). Documents may have other keys as well.
pub fn validator() -> Document {
    let required: Vec<_> =
        FIELDS.iter().filter(|field| !field.is_optional).map(|field| field.name).collect();
    let mut properties = doc! { "_id": { "bsonType": "objectId" } };
    properties.extend(FIELDS.iter().map(|field| (field.name.to_owned(), rule(field).into())));
    doc! { "$jsonSchema": {
        "bsonType": "object",
        "required": required,
        "properties": properties,
    } }
}

fn rule(field: &Field) -> Document {
    let numbers = ["int", "long", "double"];
    match field.kind {
        Kind::Code => {
            let hex = "[0-9a-fA-F]";
            doc! {
                "bsonType": "string",
                "pattern": format!("^{hex}{{8}}(-{hex}{{4}}){{3}}-{hex}{{12}}$"),
                "maxLength": 36,
            }
        }
        Kind::Whole { least, most, .. } => doc! {
            "bsonType": &numbers[..], "minimum": least, "maximum": most, "multipleOf": 1,
        },
        Kind::Degrees { most, .. } => doc! {
            "bsonType": &numbers[..], "minimum": -most, "maximum": most,
        },
        Kind::Text { longest, is_multiline, .. } => doc! {
            "bsonType": "string",
            "minLength": 1,
            "maxLength": i64::try_from(longest).unwrap_or(i64::MAX),
            "not": { "pattern": forbidden(is_multiline) },
        },
    }
}

/// What a text must not have: control characters; in a single line also line breaks, and blanks at its ends. The
/// rule is that of [`crate::entities::Name`] and [`crate::entities::Description`].
fn forbidden(is_multiline: bool) -> String {
    if is_multiline {
        return r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f]".to_owned();
    }
    let blank = "[ \u{a0}\u{1680}\u{2000}-\u{200a}\u{202f}\u{205f}\u{3000}]";
    format!(r"[\x00-\x1f\x7f-\x9f{}]|^{blank}|{blank}$", "\u{2028}\u{2029}")
}

/// Whether a validator has a rule for each field.
pub fn is_complete(validator: &Document) -> bool {
    let schema = validator.get_document("$jsonSchema");
    let properties = schema.and_then(|schema| schema.get_document("properties"));
    properties.is_ok_and(|rules| FIELDS.iter().all(|field| rules.contains_key(field.name)))
}

/// The index of codes.
pub fn code_index() -> Document {
    let collation = mongodb::bson::serialize_to_bson(&without_case()).unwrap_or(Bson::Null);
    doc! { "key": { "code": 1 }, "name": CODE, "unique": true, "collation": collation }
}

/// The other indexes: two for each whole number and each text of one line, one per direction with ties in the order
/// of insertion, and one for boxes, by longitude and then latitude.
pub fn other_indexes() -> Vec<Document> {
    let of_field = |field: &Field| match field.kind {
        Kind::Whole { .. } | Kind::Text { is_multiline: false, .. } => vec![
            doc! { "key": { field.name: 1, "_id": 1 }, "name": field.name },
            doc! { "key": { field.name: -1, "_id": 1 }, "name": format!("{}_desc", field.name) },
        ],
        Kind::Code | Kind::Degrees { .. } | Kind::Text { is_multiline: true, .. } => Vec::new(),
    };
    let place = doc! { Longitude::FIELD: 1, Latitude::FIELD: 1 };
    let place = doc! { "key": place, "name": "place" };
    FIELDS.iter().flat_map(of_field).chain([place]).collect()
}

/// The names of indexes.
pub fn names(indexes: &[Document]) -> Vec<&str> {
    indexes.iter().filter_map(|index| index.get_str("name").ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_validator_has_a_rule_for_each_field() {
        assert!(is_complete(&validator()));
        assert!(!is_complete(&doc! {}));
        let mut older = validator();
        let schema = older.get_document_mut("$jsonSchema").unwrap();
        schema.get_document_mut("properties").unwrap().remove("price");
        assert!(!is_complete(&older));
    }

    #[test]
    fn each_order_by_a_whole_number_or_a_line_of_text_has_its_index() {
        let indexes = other_indexes();
        let of_fields = ["size", "size_desc", "price", "price_desc", "name", "name_desc"];
        assert_eq!(names(&indexes), [&of_fields[..], &["place"]].concat());
    }
}
