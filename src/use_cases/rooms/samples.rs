//! Four rooms for a first look at the program.

use crate::entities::{Latitude, Longitude, Price, Room, RoomCode, RoomDraft, Size};
use crate::use_cases::{Failure, RoomRepository};

/// The four rooms of "Clean Architectures in Python", around the Thames estuary.
///
/// # Panics
///
/// Never: a test builds them.
#[must_use]
pub fn sample_rooms() -> Vec<Room> {
    #[expect(clippy::expect_used, reason = "constants, built by a test")]
    let room = |(code, size, price, latitude, longitude)| {
        let draft = RoomDraft {
            size: Size::new(size).ok(),
            price: Price::new(price).ok(),
            latitude: Latitude::new(latitude).ok(),
            longitude: Longitude::new(longitude).ok(),
            ..RoomDraft::default()
        };
        draft.complete(RoomCode::from_u128(code)).expect("a sample room is valid")
    };
    [
        (0xf853_578c_fc0f_4e65_81b8_566c_5dff_a35a, 215, 39, 51.75436293, -0.09998975),
        (0xfe2c_3195_aeff_487a_a08f_e0bd_c0ec_6e9a, 405, 66, 51.74640997, 0.18228006),
        (0x9136_94c6_435a_4366_ba0d_da53_34a6_11b2, 56, 60, 51.45994069, 0.27891577),
        (0xeed7_6e77_55c1_41ce_985d_ca49_bf6c_0585, 93, 48, 51.39916678, 0.33894476),
    ]
    .map(room)
    .into()
}

/// Adds the sample rooms to a repository without rooms. Returns whether it did.
///
/// # Errors
///
/// [`Failure::System`] if the repository fails; then nothing was added.
pub fn add_sample_rooms(repository: &dyn RoomRepository) -> Result<bool, Failure> {
    Ok(repository.fill_if_empty(&sample_rooms())?)
}
