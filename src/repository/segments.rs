//! Keyset pagination: a list as a sequence of queries, each of which reads one range of an index.
//!
//! After a room with the price 39 and the size 215, a list by `price,-size` continues with the rooms of
//! the same price and size that were inserted later, then with those of the same price and a smaller
//! size, then with those of a higher price. Given a single condition with `OR`, a database would read the
//! list from its start; with three queries, each starts at the right place. In the same way, the search
//! for the nearest rooms starts in a small circle and continues in larger ones.

use crate::entities::{Field, Value};
use crate::use_cases::{BoundingBox, Circle, Filter, RoomListRequest, SortBy, SortKey};

/// The radius in metres of the first circle that is searched for the nearest rooms.
const FIRST_RADIUS: f64 = 1_000.0;

/// The factor from each radius to the next.
const RADIUS_FACTOR: f64 = 8.0;

/// A condition on the rooms of a segment.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// One of the request's filters.
    Filter(Filter),
    /// The room is in this box, and is found through the spatial index.
    InBoxByIndex(BoundingBox),
    /// The room is in this circle. Another condition limits it to the circle's box.
    InCircle(Circle),
    /// Every room meets this condition, also one without a value. It makes the database use the field's
    /// index.
    HasField(&'static Field),
    /// The room's value is this one.
    Equal(SortBy, Value<'static>),
    /// The room's value comes after this one in the order of the key.
    After(SortKey, Value<'static>),
    /// The room was inserted after the one with this sequence number.
    InsertedAfter(i128),
}

/// The rooms among which a database looks first: if there are few of them, it is quicker to find these, and to
/// filter and sort them, than to read rooms in their order until enough of them match.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Candidates {
    /// The rooms in this box. The spatial index finds them.
    InBox(BoundingBox),
    /// All rooms.
    All,
}

/// The candidates of a request. Each contains every room that the request matches.
pub fn candidates(request: &RoomListRequest) -> impl Iterator<Item = Candidates> {
    let within = request.filters.iter().filter_map(|filter| match filter {
        Filter::Within(bounds) => Some(Candidates::InBox(*bounds)),
        _ => None,
    });
    let around = request.near.and_then(|circle| {
        if circle.is_whole_earth() {
            is_nearest_first(request).then_some(Candidates::All)
        } else {
            Some(Candidates::InBox(circle.bounding_box()))
        }
    });
    within.chain(around)
}

fn is_nearest_first(request: &RoomListRequest) -> bool {
    request.near.is_some() && request.sort.first() == Some(&SortKey::NEAREST_FIRST)
}

/// The conditions of each segment. The rooms of all segments, concatenated, with each segment in the
/// request's order, are those of the requested page and of all later pages.
pub fn segments(request: &RoomListRequest) -> impl Iterator<Item = Vec<Condition>> {
    ranges(request)
        .into_iter()
        .flat_map(move |range| match request.near {
            Some(circle) if is_nearest_first(request) => nearest_first(circle, range),
            near => vec![[in_circle(near), range].concat()],
        })
        .map(move |range| [filters(request), range].concat())
}

/// The same, for a database that reads all [`candidates`]: it needs no rings.
pub fn segments_of_candidates(request: &RoomListRequest) -> impl Iterator<Item = Vec<Condition>> {
    let all = conditions(request);
    ranges(request).into_iter().map(move |range| [all.clone(), range].concat())
}

/// The conditions on the rooms of all pages.
pub fn conditions(request: &RoomListRequest) -> Vec<Condition> {
    [filters(request), in_circle(request.near)].concat()
}

fn filters(request: &RoomListRequest) -> Vec<Condition> {
    request.filters.iter().cloned().map(Condition::Filter).collect()
}

fn in_circle(near: Option<Circle>) -> Vec<Condition> {
    near.filter(|circle| !circle.is_whole_earth()).map_or_else(Vec::new, |circle| {
        let within = Filter::Within(circle.bounding_box());
        vec![Condition::Filter(within), Condition::InCircle(circle)]
    })
}

/// The ranges of the list: the whole list, or the part after the request's position. In the first range
/// after a position, rooms share all of its values; in each further one, they share one value fewer.
fn ranges(request: &RoomListRequest) -> Vec<Vec<Condition>> {
    let sort = &request.sort;
    let Some(after) = &request.after else {
        let is_bare = request.filters.is_empty() && request.near.is_none();
        let leading = sort.first().filter(|_| is_bare && sort.len() > 1);
        let leading = leading.and_then(|key| match key.by {
            SortBy::Field(field) => Some(Condition::HasField(field)),
            SortBy::Distance => None,
        });
        return vec![leading.into_iter().collect()];
    };
    let keys: Vec<_> = sort.iter().zip(&after.values).collect();
    (0..=keys.len())
        .rev()
        .map(|shared| {
            let equal = keys[..shared]
                .iter()
                .map(|(key, value)| Condition::Equal(key.by, (*value).clone()));
            let next = match keys.get(shared) {
                Some((key, value)) => Condition::After(**key, (*value).clone()),
                None => Condition::InsertedAfter(after.sequence),
            };
            equal.chain([next]).collect()
        })
        .collect()
}

/// A range of a list from the nearest room to the farthest, as rings around the centre.
fn nearest_first(circle: Circle, range: Vec<Condition>) -> Vec<Vec<Condition>> {
    let disc = |radius: f64| {
        let disc = Circle { radius: radius.min(circle.radius), ..circle };
        vec![Condition::InBoxByIndex(disc.bounding_box()), Condition::InCircle(disc)]
    };
    let mut inner = match range.first() {
        Some(Condition::Equal(_, Value::Decimal(distance))) => {
            return vec![[disc(*distance), range].concat()];
        }
        Some(Condition::After(_, Value::Decimal(distance))) => Some(*distance),
        _ => None,
    };
    let mut rings = Vec::new();
    let mut outer = FIRST_RADIUS;
    while inner.is_none_or(|inner| inner < circle.radius) {
        if inner.is_none_or(|inner| outer > inner) {
            let after =
                inner.map(|inner| Condition::After(SortKey::NEAREST_FIRST, Value::Decimal(inner)));
            rings.push(disc(outer).into_iter().chain(after).collect());
            inner = Some(outer);
        }
        outer *= RADIUS_FACTOR;
    }
    rings
}
