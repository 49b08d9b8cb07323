//! A list as a sequence of queries, each of which finds its rooms by one stretch of an index.
//!
//! After a room with the price 39 and the size 215, a list by `price,-size` goes on with the rooms
//! of the same price and size that were inserted later, then with the same price and a smaller
//! size, then with a higher price. As one condition with `OR`, that is read from the list's start;
//! as three queries, each begins where it should. Likewise, the nearest rooms are looked for in a
//! small circle before a larger one.

use crate::use_cases::{Circle, Filter, RoomListRequest, SortField, SortKey, SortValue};

/// Metres; the first circle in which the nearest rooms are looked for. The next have each twice
/// the radius.
const FIRST_RADIUS: f64 = 1_000.0;

/// What a room of a segment must meet.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// One of the request's own filters.
    Filter(Filter),
    /// It is in the circle.
    Near(Circle),
    /// Its value of the field is this one.
    Same(SortField, SortValue),
    /// It comes after rooms with this value.
    Beyond(SortKey, SortValue),
    /// It was inserted after the room with this sequence number.
    InsertedAfter(i32),
}

/// The conditions of each segment. One after the other, in the request's order within each, their
/// rooms are those on the request's page and after it.
pub fn segments(request: &RoomListRequest) -> impl Iterator<Item = Vec<Condition>> {
    let rings = request.near.filter(|_| request.sort.first() == Some(&SortKey::NEAREST_FIRST));
    stretches(request)
        .into_iter()
        .flat_map(move |stretch| match (rings, request.near) {
            (Some(circle), _) => nearest_first(circle, stretch),
            (None, Some(circle)) => vec![[vec![Condition::Near(circle)], stretch].concat()],
            (None, None) => vec![stretch],
        })
        .map(|conditions| [filters(request), conditions].concat())
}

/// What all rooms of the request must meet, whatever the page.
pub fn conditions(request: &RoomListRequest) -> Vec<Condition> {
    let mut conditions = filters(request);
    conditions.extend(request.near.map(Condition::Near));
    conditions
}

fn filters(request: &RoomListRequest) -> Vec<Condition> {
    request.filters.iter().cloned().map(Condition::Filter).collect()
}

/// Where the list goes on after the room that the request names: first with those that have all of
/// its values, then with those that share fewer and fewer of them.
fn stretches(request: &RoomListRequest) -> Vec<Vec<Condition>> {
    let Some(after) = &request.after else {
        return vec![Vec::new()];
    };
    (0..=request.sort.len())
        .rev()
        .map(|shared| {
            let same = &request.sort[..shared];
            let next = match request.sort.get(shared) {
                Some(key) => Condition::Beyond(*key, key.value(after)),
                None => Condition::InsertedAfter(after.sequence),
            };
            same.iter()
                .map(|key| Condition::Same(key.field, key.value(after)))
                .chain([next])
                .collect()
        })
        .collect()
}

/// A stretch of a list from the nearest room to the farthest, in rings around the centre.
fn nearest_first(circle: Circle, stretch: Vec<Condition>) -> Vec<Vec<Condition>> {
    let from = match stretch.first() {
        Some(Condition::Same(_, SortValue::Decimal(distance))) => {
            let radius = circle.radius.min(*distance);
            return vec![[vec![Condition::Near(Circle { radius, ..circle })], stretch].concat()];
        }
        Some(Condition::Beyond(_, SortValue::Decimal(distance))) => Some(*distance),
        _ => None,
    };
    let mut rings = Vec::new();
    let (mut inner, mut outer) = (from, FIRST_RADIUS);
    while inner.is_none_or(|inner| inner < circle.radius) {
        if inner.is_none_or(|inner| outer > inner) {
            let radius = outer.min(circle.radius);
            let mut ring = vec![Condition::Near(Circle { radius, ..circle })];
            ring.extend(
                inner.map(|inner| {
                    Condition::Beyond(SortKey::NEAREST_FIRST, SortValue::Decimal(inner))
                }),
            );
            rings.push(ring);
            inner = Some(radius);
        }
        outer *= 2.0;
    }
    rings
}
