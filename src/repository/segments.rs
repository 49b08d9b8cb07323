//! A list as a sequence of queries, each of which finds its rooms by one stretch of an index.
//!
//! After a room with the price 39 and the size 215, a list by `price,-size` goes on with the rooms
//! of the same price and size that were inserted later, then with the same price and a smaller
//! size, then with a higher price. As one condition with `OR`, that is read from the list's start;
//! as three queries, each begins where it should. Likewise, the nearest rooms are looked for in a
//! small circle before a larger one.

use crate::use_cases::{
    BoundingBox, Circle, Filter, RoomListRequest, SortField, SortKey, SortValue,
};

/// Metres; the first circle in which the nearest rooms are looked for.
const FIRST_RADIUS: f64 = 1_000.0;

/// How many times as far the next circle reaches.
const NEXT_RADIUS: f64 = 8.0;

/// What a room of a segment must meet.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// One of the request's own filters.
    Filter(Filter),
    /// It is in the box, which holds few rooms: they are found by the index of places.
    InSmall(BoundingBox),
    /// It is in the circle, and known to be in its box.
    InCircle(Circle),
    /// It has any value of the field at all: here a list by several fields begins.
    Any(SortField),
    /// Its value of the field is this one.
    Same(SortField, SortValue),
    /// It comes after rooms with this value.
    Beyond(SortKey, SortValue),
    /// It was inserted after the room with this sequence number.
    InsertedAfter(i128),
}

/// The boxes that hold all rooms of the request. To find a few rooms, one looks into the smallest;
/// to find the first of many, one reads them in order until there are enough in the box.
pub fn boxes(request: &RoomListRequest) -> impl Iterator<Item = BoundingBox> {
    let within = request.filters.iter().filter_map(|filter| match filter {
        Filter::Within(bounds) => Some(*bounds),
        _ => None,
    });
    within.chain(request.near.filter(|_| !is_nearest_first(request)).map(Circle::bounding_box))
}

fn is_nearest_first(request: &RoomListRequest) -> bool {
    request.near.is_some() && request.sort.first() == Some(&SortKey::NEAREST_FIRST)
}

/// The conditions of each segment. One after the other, in the request's order within each, their
/// rooms are those on the request's page and after it. Of the [`boxes`], `small` holds few rooms.
pub fn segments(
    request: &RoomListRequest,
    small: Option<BoundingBox>,
) -> impl Iterator<Item = Vec<Condition>> {
    stretches(request)
        .into_iter()
        .flat_map(move |stretch| match request.near {
            Some(circle) if is_nearest_first(request) && small.is_none() => {
                nearest_first(circle, stretch)
            }
            near => vec![[in_circle(near, small), stretch].concat()],
        })
        .map(move |stretch| [filters(request, small), stretch].concat())
}

/// What all rooms of the request must meet, whatever the page.
pub fn conditions(request: &RoomListRequest, small: Option<BoundingBox>) -> Vec<Condition> {
    [filters(request, small), in_circle(request.near, small)].concat()
}

fn filters(request: &RoomListRequest, small: Option<BoundingBox>) -> Vec<Condition> {
    let condition = |filter: &Filter| match filter {
        Filter::Within(bounds) => is_in(*bounds, small),
        filter => Condition::Filter(filter.clone()),
    };
    request.filters.iter().map(condition).collect()
}

fn in_circle(near: Option<Circle>, small: Option<BoundingBox>) -> Vec<Condition> {
    near.map_or_else(Vec::new, |circle| {
        vec![is_in(circle.bounding_box(), small), Condition::InCircle(circle)]
    })
}

fn is_in(bounds: BoundingBox, small: Option<BoundingBox>) -> Condition {
    if Some(bounds) == small {
        Condition::InSmall(bounds)
    } else {
        Condition::Filter(Filter::Within(bounds))
    }
}

/// Where the list begins; or where it goes on after the room that the request names: first with
/// those that have all of its values, then with those that share fewer and fewer of them.
fn stretches(request: &RoomListRequest) -> Vec<Vec<Condition>> {
    let sort = &request.sort;
    let Some(after) = &request.after else {
        let is_bare = request.filters.is_empty() && request.near.is_none();
        let leading = sort.first().filter(|_| is_bare && sort.len() > 1);
        return vec![leading.map(|key| Condition::Any(key.field)).into_iter().collect()];
    };
    let same = |key: &SortKey| Condition::Same(key.field, key.value(after));
    (0..=sort.len())
        .rev()
        .map(|shared| {
            let next = match sort.get(shared) {
                Some(key) => Condition::Beyond(*key, key.value(after)),
                None => Condition::InsertedAfter(after.sequence),
            };
            sort[..shared].iter().map(same).chain([next]).collect()
        })
        .collect()
}

/// A stretch of a list from the nearest room to the farthest, in rings around the centre.
fn nearest_first(circle: Circle, stretch: Vec<Condition>) -> Vec<Vec<Condition>> {
    let disc = |radius: f64| {
        let disc = Circle { radius: radius.min(circle.radius), ..circle };
        vec![Condition::InSmall(disc.bounding_box()), Condition::InCircle(disc)]
    };
    let mut inner = match stretch.first() {
        Some(Condition::Same(_, SortValue::Decimal(distance))) => {
            return vec![[disc(*distance), stretch].concat()];
        }
        Some(Condition::Beyond(_, SortValue::Decimal(distance))) => Some(*distance),
        _ => None,
    };
    let mut rings = Vec::new();
    let mut outer = FIRST_RADIUS;
    while inner.is_none_or(|inner| inner < circle.radius) {
        if inner.is_none_or(|inner| outer > inner) {
            let beyond = inner
                .map(|inner| Condition::Beyond(SortKey::NEAREST_FIRST, SortValue::Decimal(inner)));
            rings.push(disc(outer).into_iter().chain(beyond).collect());
            inner = Some(outer);
        }
        outer *= NEXT_RADIUS;
    }
    rings
}
