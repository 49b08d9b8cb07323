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
    /// The room is in this selective box, and is found through the spatial index.
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

/// The boxes, each of which contains every room that the request matches. If one of them is selective (it contains few rooms),
/// it is quicker to find its rooms through the spatial index and to sort them; otherwise, it is quicker to read rooms in
/// their order until enough of them are in the box.
pub fn boxes(request: &RoomListRequest) -> impl Iterator<Item = BoundingBox> {
    let within = request.filters.iter().filter_map(|filter| match filter {
        Filter::Within(bounds) => Some(*bounds),
        _ => None,
    });
    let is_searched = |circle: &Circle| !is_nearest_first(request) && !circle.is_whole_earth();
    within.chain(request.near.filter(is_searched).map(Circle::bounding_box))
}

fn is_nearest_first(request: &RoomListRequest) -> bool {
    request.near.is_some() && request.sort.first() == Some(&SortKey::NEAREST_FIRST)
}

/// The conditions of each segment. The rooms of all segments, concatenated, with each segment in the
/// request's order, are those of the requested page and of all later pages. `selective` is one of the
/// [`boxes`].
pub fn segments(
    request: &RoomListRequest,
    selective: Option<BoundingBox>,
) -> impl Iterator<Item = Vec<Condition>> {
    ranges(request)
        .into_iter()
        .flat_map(move |range| match request.near {
            Some(circle) if is_nearest_first(request) && selective.is_none() => {
                nearest_first(circle, range)
            }
            near => vec![[in_circle(near, selective), range].concat()],
        })
        .map(move |range| [filters(request, selective), range].concat())
}

/// The conditions on the rooms of all pages.
pub fn conditions(request: &RoomListRequest, selective: Option<BoundingBox>) -> Vec<Condition> {
    [filters(request, selective), in_circle(request.near, selective)].concat()
}

fn filters(request: &RoomListRequest, selective: Option<BoundingBox>) -> Vec<Condition> {
    let condition = |filter: &Filter| match filter {
        Filter::Within(bounds) => in_box(*bounds, selective),
        filter => Condition::Filter(filter.clone()),
    };
    request.filters.iter().map(condition).collect()
}

fn in_circle(near: Option<Circle>, selective: Option<BoundingBox>) -> Vec<Condition> {
    near.filter(|circle| !circle.is_whole_earth()).map_or_else(Vec::new, |circle| {
        vec![in_box(circle.bounding_box(), selective), Condition::InCircle(circle)]
    })
}

fn in_box(bounds: BoundingBox, selective: Option<BoundingBox>) -> Condition {
    if Some(bounds) == selective {
        Condition::InBoxByIndex(bounds)
    } else {
        Condition::Filter(Filter::Within(bounds))
    }
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
