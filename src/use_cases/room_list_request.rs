//! Which rooms are asked for, read once from what people write.

use std::collections::HashSet;
use std::num::NonZeroUsize;

use super::parameter::{FILTER, unusable};
use super::{
    BoundingBox, Circle, Failure, Filter, InvalidParameter, ListedRoom, SortField, SortKey, sort,
};
use crate::entities::Room;

/// The most rooms that can be asked for at once; a list without a limit has no such bound.
pub const LARGEST_LIMIT: usize = 10_000;

/// Which rooms are asked for, and in which order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RoomListRequest {
    /// The conditions; a room is listed if it meets all of them.
    pub filters: Vec<Filter>,
    /// The circle that a room must be in, from whose centre its distance is told.
    pub near: Option<Circle>,
    /// The criteria of the order, the first decides; ties go by the order of insertion.
    pub sort: Vec<SortKey>,
    /// Only rooms that come after this one, which was listed by the same request before.
    pub after: Option<ListedRoom>,
    /// The most rooms on one page.
    pub limit: Option<NonZeroUsize>,
}

impl RoomListRequest {
    /// Whether the order depends on distances.
    #[must_use]
    pub fn is_by_distance(&self) -> bool {
        self.sort.iter().any(|key| key.field == SortField::Distance)
    }

    /// Whether [`parse`](Self::parse) looks at a parameter of this name.
    #[must_use]
    pub fn knows(name: &str) -> bool {
        name.starts_with(FILTER) || ["bbox", "near", "radius", "sort", "limit"].contains(&name)
    }

    /// Reads a request from parameters as people write them, `("filter_price__lt", "60")`: filters,
    /// `bbox`, `near` with `radius`, `sort` and `limit`. Others are not looked at.
    ///
    /// # Errors
    ///
    /// [`Failure::Parameters`] with every parameter that is unknown, given twice, empty or
    /// unreadable.
    pub fn parse<'a>(
        parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, Failure> {
        let mut request = Self::default();
        let mut errors = Vec::new();
        let mut seen = HashSet::new();
        let (mut centre, mut radius) = (None, None);
        for (name, value) in parameters {
            if !Self::knows(name) {
                continue;
            }
            let read = if !seen.insert(name) {
                Err(given_again(name))
            } else if let Some(key) = name.strip_prefix(FILTER) {
                Filter::parse(key, value).map(|filter| request.filters.push(filter))
            } else {
                match name {
                    "bbox" => BoundingBox::parse(name, value)
                        .map(|bounds| request.filters.push(Filter::Within(bounds))),
                    "near" => Circle::parse_centre(name, value).map(|place| centre = Some(place)),
                    "radius" => {
                        Circle::parse_radius(name, value).map(|metres| radius = Some(metres))
                    }
                    "sort" => SortKey::parse_all(name, value).map(|keys| request.sort = keys),
                    _ => parse_limit(name, value).map(|limit| request.limit = Some(limit)),
                }
            };
            if let Err(message) = read {
                errors.push(InvalidParameter { name: name.to_owned(), message });
            }
        }
        let mut lacks = |name: &str, message: &str| {
            errors.push(InvalidParameter { name: name.to_owned(), message: message.to_owned() });
        };
        match (seen.contains("near"), seen.contains("radius")) {
            (true, false) => lacks("near", "near needs a radius beside it, in metres"),
            (false, true) => lacks("radius", "radius needs near beside it, as near=51.5,-0.12"),
            (false, false) if request.is_by_distance() => {
                lacks("sort", "sort by distance needs near and radius beside it");
            }
            _ => {}
        }
        if !errors.is_empty() {
            return Err(Failure::Parameters(errors));
        }
        request.near = centre.zip(radius).map(|(centre, radius)| Circle { centre, radius });
        if request.near.is_some() && request.sort.is_empty() {
            request.sort = vec![SortKey::NEAREST_FIRST];
        }
        Ok(request)
    }

    /// How the room is listed, if it is one of those asked for, whatever the page.
    #[must_use]
    pub fn pick(&self, room: &Room, sequence: i128) -> Option<ListedRoom> {
        let distance = self.near.map(|circle| circle.centre.distance_to(room.place()));
        let is_near =
            self.near.zip(distance).is_none_or(|(circle, metres)| metres <= circle.radius);
        let is_picked = is_near && self.filters.iter().all(|filter| filter.holds(room));
        is_picked.then(|| ListedRoom { room: room.clone(), sequence, distance })
    }

    /// Puts rooms in the order that is asked for, and takes those on this page.
    #[must_use]
    pub fn arrange(&self, mut rooms: Vec<ListedRoom>) -> Vec<ListedRoom> {
        if let Some(after) = &self.after {
            rooms.retain(|room| sort::compare(&self.sort, room, after).is_gt());
        }
        rooms.sort_by(|left, right| sort::compare(&self.sort, left, right));
        rooms
    }
}

fn parse_limit(name: &str, value: &str) -> Result<NonZeroUsize, String> {
    let limit: Option<NonZeroUsize> = value.parse().ok();
    limit.filter(|limit| limit.get() <= LARGEST_LIMIT).ok_or_else(|| {
        let right = format!("write a whole number from 1 to {LARGEST_LIMIT}, or nothing for all");
        unusable(name, value, &right)
    })
}

/// Says that a parameter is there twice.
#[must_use]
pub fn given_again(name: &str) -> String {
    match name.strip_prefix(FILTER) {
        Some(key) => format!("Key {key} is given more than once"),
        None => format!("{name} is given more than once"),
    }
}
