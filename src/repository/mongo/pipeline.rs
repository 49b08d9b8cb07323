//! Conditions as the stages of an aggregation.
//!
//! What the server does, it does for all pages of a list alike, so that they fit together: it computes
//! distances by the same operations, in the same order, as `entities/place.rs`.

use mongodb::bson::{Bson, Document, doc};
use mongodb::options::{Collation, CollationStrength};

use super::document::id_of;
use crate::entities::{EARTH_RADIUS, Place};
use crate::repository::segments::Condition;
use crate::use_cases::{BoundingBox, Comparison, Filter, SortField, SortKey, SortValue};

/// Where a stage puts the distance.
pub const DISTANCE: &str = "distance";

/// Codes are compared without case, so that a document put in by hand in capitals is found, and cannot be
/// there twice. (Between hexadecimal digits, strength 2 makes no other difference.)
pub fn without_case() -> Collation {
    Collation::builder().locale("en").strength(CollationStrength::Secondary).build()
}

/// The collation by which these rooms are found and sorted. One other than an index's own keeps the
/// server from that index, so there is none where no code is compared.
pub fn collation(conditions: &[Condition], sort: &[SortKey]) -> Option<Collation> {
    let is_of_code = |condition: &Condition| {
        matches!(
            condition,
            Condition::Filter(Filter::Code(_)) | Condition::Same(SortField::Code, _)
        )
    };
    let is_by_code = sort.iter().any(|key| key.field == SortField::Code);
    (is_by_code || conditions.iter().any(is_of_code)).then(without_case)
}

/// The stages that pick rooms, with their distance from `centre`.
fn pick(conditions: &[Condition], centre: Option<Place>) -> Vec<Document> {
    let of = |is_far: bool| -> Vec<Document> {
        let conditions = conditions.iter().filter(|condition| needs_distance(condition) == is_far);
        conditions.filter_map(meets).collect()
    };
    let mut stages = Vec::new();
    let fields = of(false);
    if !fields.is_empty() {
        stages.push(doc! { "$match": { "$and": fields } });
    }
    if let Some(centre) = centre {
        stages.push(doc! { "$set": { DISTANCE: distance(centre) } });
    }
    let distances = of(true);
    if !distances.is_empty() {
        stages.push(doc! { "$match": { "$and": distances } });
    }
    stages
}

/// The first rooms that meet the conditions, in this order.
pub fn list(
    conditions: &[Condition],
    sort: &[SortKey],
    centre: Option<Place>,
    most: i64,
) -> Vec<Document> {
    let mut order = Document::new();
    for key in sort {
        order.insert(name(key.field), if key.descending { -1 } else { 1 });
        if key.field == SortField::Code {
            break;
        }
    }
    // No two rooms share a code, so nothing is left to decide; and the index of codes is enough.
    if !order.contains_key(name(SortField::Code)) {
        order.insert("_id", 1);
    }
    let mut stages = pick(conditions, centre);
    stages.extend([
        doc! { "$sort": order },
        doc! { "$limit": most },
        doc! { "$project": {
            "code": 1, "size": 1, "price": 1, "longitude": 1, "latitude": 1, DISTANCE: 1,
        } },
    ]);
    stages
}

/// How many rooms meet the conditions, as `rooms`; nothing, if none does.
pub fn count(conditions: &[Condition], centre: Option<Place>) -> Vec<Document> {
    let mut stages = pick(conditions, centre);
    stages.push(doc! { "$count": "rooms" });
    stages
}

fn needs_distance(condition: &Condition) -> bool {
    match condition {
        Condition::InCircle(_) => true,
        Condition::Same(field, _) => *field == SortField::Distance,
        Condition::Beyond(key, _) => key.field == SortField::Distance,
        _ => false,
    }
}

fn meets(condition: &Condition) -> Option<Document> {
    Some(match condition {
        Condition::Filter(filter) => filtered(filter),
        Condition::InSmall(bounds) => within(*bounds),
        Condition::InCircle(circle) => doc! { DISTANCE: { "$lte": circle.radius } },
        Condition::Any(_) => return None,
        Condition::Same(field, value) => doc! { name(*field): { "$eq": bson(*value) } },
        Condition::Beyond(key, value) => {
            let after = if key.descending { "$lt" } else { "$gt" };
            doc! { name(key.field): { after: bson(*value) } }
        }
        Condition::InsertedAfter(sequence) => doc! { "_id": { "$gt": id_of(*sequence) } },
    })
}

fn filtered(filter: &Filter) -> Document {
    let compared = |field: SortField, how: &Comparison, value: Bson| {
        let how = match how {
            Comparison::Eq => "$eq",
            Comparison::Ne => "$ne",
            Comparison::Lt => "$lt",
            Comparison::Lte => "$lte",
            Comparison::Gt => "$gt",
            Comparison::Gte => "$gte",
        };
        doc! { name(field): { how: value } }
    };
    match filter {
        Filter::Code(codes) => {
            let codes: Vec<String> = codes.iter().map(ToString::to_string).collect();
            doc! { "code": { "$in": codes } }
        }
        Filter::Size(how, value) => compared(SortField::Size, how, (*value).into()),
        Filter::Price(how, value) => compared(SortField::Price, how, (*value).into()),
        Filter::Longitude(how, value) => compared(SortField::Longitude, how, (*value).into()),
        Filter::Latitude(how, value) => compared(SortField::Latitude, how, (*value).into()),
        Filter::Within(bounds) => within(*bounds),
    }
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

fn name(field: SortField) -> &'static str {
    match field {
        SortField::Code => "code",
        SortField::Size => "size",
        SortField::Price => "price",
        SortField::Longitude => "longitude",
        SortField::Latitude => "latitude",
        SortField::Distance => DISTANCE,
    }
}

fn bson(value: SortValue) -> Bson {
    match value {
        SortValue::Code(code) => code.to_string().into(),
        SortValue::Whole(number) => number.into(),
        SortValue::Decimal(number) => number.into(),
    }
}

/// [`crate::entities::great_circle_distance`] from a place, as an expression.
fn distance(from: Place) -> Document {
    const RADIANS_PER_DEGREE: f64 = std::f64::consts::PI / 180.0;
    let (latitude, longitude) = (from.latitude.get(), from.longitude.get());
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
