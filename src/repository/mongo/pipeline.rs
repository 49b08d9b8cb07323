//! Conditions as the stages of an aggregation.
//!
//! The server computes distances by the same operations in the same order as `entities/place.rs`, for
//! all pages of a list, so that the pages fit together.

use mongodb::bson::{Bson, Document, doc};
use mongodb::options::{Collation, CollationStrength};

use super::document::{bson, id_of};
use crate::entities::{EARTH_RADIUS, FIELDS, Field, Folded, Kind, Place, Value};
use crate::repository::segments::Condition;
use crate::repository::spellings::Spellings;
use crate::use_cases::{BoundingBox, Comparison, Filter, SortBy, SortKey, TextComparison};

/// The key that a stage adds for the distance.
pub const DISTANCE: &str = SortBy::DISTANCE;

/// Compares codes without case, so that a document that was inserted by hand with a code in capitals is
/// found, and cannot be inserted twice. (Strength 2 makes no other difference between hexadecimal
/// digits.)
pub fn without_case() -> Collation {
    Collation::builder().locale("en").strength(CollationStrength::Secondary).build()
}

/// The collation for these conditions and this order. The server uses an index only with the index's own
/// collation, so there is none unless codes are compared. Texts are compared by their bytes; if both are
/// compared, [`find`] converts codes to lower case instead, at the cost of their index.
pub fn collation(conditions: &[Condition], sort: &[SortKey]) -> Option<Collation> {
    (compares_code(conditions, sort) && !compares_text(conditions, sort)).then(without_case)
}

fn compares_code(conditions: &[Condition], sort: &[SortKey]) -> bool {
    compared_kinds(conditions, sort).any(|kind| matches!(kind, Kind::Code))
}

fn compares_text(conditions: &[Condition], sort: &[SortKey]) -> bool {
    compared_kinds(conditions, sort).any(|kind| matches!(kind, Kind::Text { .. }))
}

fn compared_kinds(
    conditions: &[Condition],
    sort: &[SortKey],
) -> impl Iterator<Item = &'static Kind> {
    let of_key = |by: SortBy| match by {
        SortBy::Field(field) => Some(&field.kind),
        SortBy::Distance => None,
    };
    let of_condition = move |condition: &Condition| match condition {
        Condition::Filter(Filter::Compared(field, ..)) => Some(&field.kind),
        Condition::Filter(Filter::CodeIn(_)) => Some(&Kind::Code),
        Condition::Equal(by, _) => of_key(*by),
        Condition::After(key, _) => of_key(key.by),
        // A pattern is matched without a collation.
        Condition::Filter(Filter::Text(..) | Filter::Within(_))
        | Condition::InBoxByIndex(_)
        | Condition::InCircle(_)
        | Condition::HasField(_)
        | Condition::InsertedAfter(_) => None,
    };
    conditions
        .iter()
        .filter_map(of_condition)
        .chain(sort.iter().filter_map(move |key| of_key(key.by)))
}

/// The stages that find rooms, and add their distance from `centre`.
fn find(conditions: &[Condition], sort: &[SortKey], centre: Option<Place>) -> Vec<Document> {
    let matching = |is_by_distance: bool| -> Option<Document> {
        let conditions = conditions.iter().filter(|one| needs_distance(one) == is_by_distance);
        let matching: Vec<_> = conditions.filter_map(matches).collect();
        (!matching.is_empty()).then(|| doc! { "$match": { "$and": matching } })
    };
    let lower_codes = (compares_code(conditions, sort) && compares_text(conditions, sort))
        .then(|| doc! { "$set": { "code": { "$toLower": "$code" } } });
    let distances = centre.map(|centre| doc! { "$set": { DISTANCE: distance(centre) } });
    [lower_codes, matching(false), distances, matching(true)].into_iter().flatten().collect()
}

/// The first rooms that meet the conditions, in this order.
pub fn list(
    conditions: &[Condition],
    sort: &[SortKey],
    centre: Option<Place>,
    most: i64,
) -> Vec<Document> {
    let is_code =
        |key: &SortKey| matches!(key.by, SortBy::Field(field) if matches!(field.kind, Kind::Code));
    // No two rooms have the same code, so no further key is needed, and the index of codes is enough.
    let length = sort.iter().position(is_code).map_or(sort.len(), |index| index + 1);
    let direction = |key: &SortKey| Bson::from(if key.descending { -1 } else { 1 });
    let mut order: Document =
        sort[..length].iter().map(|key| (key.by.name().to_owned(), direction(key))).collect();
    if !sort.iter().any(is_code) {
        order.insert("_id", 1);
    }
    let keys = FIELDS.iter().map(|field| field.name).chain([DISTANCE]);
    let projection: Document = keys.map(|key| (key.to_owned(), Bson::from(1))).collect();
    let mut stages = find(conditions, sort, centre);
    stages.extend([
        doc! { "$sort": order },
        doc! { "$limit": most },
        doc! { "$project": projection },
    ]);
    stages
}

/// The number of rooms that meet the conditions, as `rooms`; no document if there are none.
pub fn count(conditions: &[Condition], centre: Option<Place>, most: u64) -> Vec<Document> {
    let mut stages = find(conditions, &[], centre);
    if let Ok(most) = i64::try_from(most) {
        stages.push(doc! { "$limit": most });
    }
    stages.push(doc! { "$count": "rooms" });
    stages
}

fn needs_distance(condition: &Condition) -> bool {
    match condition {
        Condition::InCircle(_) => true,
        Condition::Equal(by, _) => *by == SortBy::Distance,
        Condition::After(key, _) => key.by == SortBy::Distance,
        Condition::Filter(_)
        | Condition::InBoxByIndex(_)
        | Condition::HasField(_)
        | Condition::InsertedAfter(_) => false,
    }
}

/// The condition of a `$match`; `None` if every room meets it.
fn matches(condition: &Condition) -> Option<Document> {
    Some(match condition {
        Condition::Filter(Filter::Compared(field, comparison, value)) => {
            compared(SortBy::Field(field), *comparison, value)
        }
        Condition::Filter(Filter::Text(field, comparison, wanted)) => {
            text_matches(field, *comparison, wanted)
        }
        Condition::Filter(Filter::CodeIn(codes)) => {
            let codes: Vec<String> = codes.iter().map(ToString::to_string).collect();
            doc! { "code": { "$in": codes } }
        }
        Condition::Filter(Filter::Within(bounds)) | Condition::InBoxByIndex(bounds) => {
            within(*bounds)
        }
        Condition::InCircle(circle) => doc! { DISTANCE: { "$lte": circle.radius } },
        Condition::HasField(_) => return None,
        Condition::Equal(by, value) => compared(*by, Comparison::Eq, value),
        Condition::After(key, value) => {
            let after = if key.descending { Comparison::Lt } else { Comparison::Gt };
            compared(key.by, after, value)
        }
        Condition::InsertedAfter(sequence) => doc! { "_id": { "$gt": id_of(*sequence) } },
    })
}

/// A comparison in which an absent text counts as an empty one, as in [`crate::entities::Field::sort_value`].
fn compared(by: SortBy, comparison: Comparison, value: &Value<'static>) -> Document {
    let operator = format!("${}", comparison.name());
    let value = bson(value.clone());
    let name = by.name();
    match by {
        SortBy::Field(field) if field.is_optional => {
            let text = doc! { "$ifNull": [format!("${name}"), ""] };
            doc! { "$expr": { operator: [text, { "$literal": value }] } }
        }
        SortBy::Field(_) | SortBy::Distance => doc! { name: { operator: value } },
    }
}

/// Whether the text of a field is or contains another, whatever their case. An absent text matches no pattern.
fn text_matches(field: &Field, comparison: TextComparison, wanted: &Folded) -> Document {
    let Spellings { replaced, pattern } = Spellings::of(comparison, wanted);
    let replaced: Vec<_> =
        replaced.into_iter().map(|(old, new)| doc! { "old": old, "new": new }).collect();
    let text = format!("${}", field.name);
    // Not one inside another: the server limits the depth of a document.
    let text = if replaced.is_empty() {
        Bson::from(text)
    } else {
        let replace =
            doc! { "input": "$$value", "find": "$$this.old", "replacement": "$$this.new" };
        let replace = doc! { "$replaceAll": replace };
        doc! { "$reduce": { "input": replaced, "initialValue": text, "in": replace } }.into()
    };
    doc! { "$expr": { "$regexMatch": { "input": text, "regex": pattern } } }
}

fn within(bounds: BoundingBox) -> Document {
    let part = |bounds: BoundingBox| {
        doc! {
            "longitude": { "$gte": bounds.west, "$lte": bounds.east },
            "latitude": { "$gte": bounds.south, "$lte": bounds.north },
        }
    };
    match bounds.parts() {
        (one, None) => part(one),
        (one, Some(other)) => doc! { "$or": [part(one), part(other)] },
    }
}

/// [`crate::entities::great_circle_distance`] from a place, as an aggregation expression.
fn distance(from: Place) -> Document {
    const RADIANS_PER_DEGREE: f64 = std::f64::consts::PI / 180.0;
    let latitude = from.latitude.get();
    let longitude = from.longitude.get();
    let radians = |degrees: Bson| doc! { "$multiply": [degrees, RADIANS_PER_DEGREE] };
    let half_sine = |field: &str, from: f64| {
        let difference = doc! { "$subtract": [field, from] };
        doc! { "$sin": { "$divide": [radians(difference.into()), 2.0] } }
    };
    let squared = |name: &str| doc! { "$multiply": [name, name] };
    let scale = doc! { "$multiply": [
        latitude.to_radians().cos(), { "$cos": radians("$latitude".into()) },
    ] };
    let haversine = doc! { "$add": [
        squared("$$north"), { "$multiply": [scale, squared("$$east")] },
    ] };
    doc! { "$let": {
        "vars": {
            "north": half_sine("$latitude", latitude),
            "east": half_sine("$longitude", longitude),
        },
        "in": { "$multiply": [
            2.0 * EARTH_RADIUS,
            { "$asin": { "$min": [{ "$sqrt": haversine }, 1.0] } },
        ] },
    } }
}
