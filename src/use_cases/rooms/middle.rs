//! Where about the rooms are.

use std::num::NonZeroUsize;

use super::list::room_list;
use crate::entities::{Latitude, Longitude, Place};
use crate::use_cases::{Failure, RoomListRequest, RoomRepository};

/// The number of rooms that are looked at, the first ones: more would take longer and change little.
const SAMPLE: NonZeroUsize = NonZeroUsize::new(100).unwrap();

/// The middle of the catalogue, if it has rooms: the median of the first rooms' coordinates, which a few rooms
/// far away do not move.
///
/// # Errors
///
/// [`Failure::System`] if the repository fails.
pub fn rooms_middle(repository: &dyn RoomRepository) -> Result<Option<Place>, Failure> {
    let first = RoomListRequest { limit: Some(SAMPLE), ..RoomListRequest::default() };
    let rooms = room_list(repository, &first)?.rooms;
    let places = || rooms.iter().map(|listed| listed.room.place);
    let latitude = median(places().map(|place| place.latitude.get()));
    let longitude = median(places().map(|place| place.longitude.get()));
    Ok(latitude.zip(longitude).and_then(|(latitude, longitude)| {
        let (latitude, longitude) = (Latitude::new(latitude), Longitude::new(longitude));
        Some(Place { latitude: latitude.ok()?, longitude: longitude.ok()? })
    }))
}

fn median(numbers: impl Iterator<Item = f64>) -> Option<f64> {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied()
}
