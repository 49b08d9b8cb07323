//! The state of a room, from which its entity tags are made.

use std::sync::LazyLock;

use twox_hash::XxHash3_64;

use crate::entities::{FIELDS, Room, Value};

/// A hash with a fixed definition (XXH3), so that servers built by different compilers agree. Another version
/// of this program may write the same data differently, so the version counts as well.
pub fn hash(bytes: &[u8]) -> u64 {
    static PROGRAM: LazyLock<u64> =
        LazyLock::new(|| XxHash3_64::oneshot(env!("CARGO_PKG_VERSION").as_bytes()));
    XxHash3_64::oneshot_with_seed(*PROGRAM, bytes)
}

/// The state of a room: equal for equal rooms, and different if any field differs, except by a chance
/// of 1 in 2⁶⁴. A text that is absent adds nothing, so that a new field leaves the tags of rooms without it as
/// they were.
pub fn room_state(room: &Room) -> String {
    let mut bytes = Vec::with_capacity(64);
    for field in &FIELDS {
        match field.value(room) {
            None => {}
            Some(Value::Code(code)) => bytes.extend(code.as_uuid().as_bytes()),
            Some(Value::Whole(number)) => bytes.extend(number.to_be_bytes()),
            Some(Value::Decimal(number)) => bytes.extend(number.to_bits().to_be_bytes()),
            Some(Value::Text(text)) => {
                bytes.extend(field.name.as_bytes());
                bytes.extend((text.len() as u64).to_be_bytes());
                bytes.extend(text.as_bytes());
            }
        }
    }
    format!("{:016x}", hash(&bytes))
}
