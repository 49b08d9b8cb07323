//! Whether a client has the newest answer already (RFC 9110, section 13).

use std::hash::{DefaultHasher, Hash, Hasher};

use actix_web::HttpRequest;
use actix_web::http::header::{ETAG, EntityTag, Header, IF_NONE_MATCH, IfNoneMatch};
use actix_web::{HttpResponse, HttpResponseBuilder};

use super::representation::Representation;
use crate::entities::Room;
use crate::use_cases::Version;

/// The tag of any list while the repository is in this state. Weak, as a list is read in parts and
/// may be compressed.
pub fn list_tag(version: Version, representation: Representation) -> EntityTag {
    EntityTag::new_weak(tag(&version, representation))
}

/// The tag of one room with these values.
pub fn room_tag(room: &Room, representation: Representation) -> EntityTag {
    let (longitude, latitude) = (room.longitude.get().to_bits(), room.latitude.get().to_bits());
    let values = (room.code, room.size.get(), room.price.get(), longitude, latitude);
    EntityTag::new_strong(tag(&values, representation))
}

/// The program's version counts, since another may write the same rooms in another way.
fn tag(state: &impl Hash, representation: Representation) -> String {
    let mut hasher = DefaultHasher::new();
    (env!("CARGO_PKG_VERSION"), state).hash(&mut hasher);
    format!("{:016x}-{}", hasher.finish(), representation.name())
}

/// Whether the client says which answers it has.
pub fn is_conditional(request: &HttpRequest) -> bool {
    request.headers().contains_key(IF_NONE_MATCH)
}

/// Whether the client has the answer with this tag.
pub fn has(request: &HttpRequest, tag: &EntityTag) -> bool {
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(tag)),
        Err(_) => false,
    }
}

/// 304: what the client has is current.
pub fn not_modified(mut headers: HttpResponseBuilder, tag: EntityTag) -> HttpResponse {
    headers.status(actix_web::http::StatusCode::NOT_MODIFIED).insert_header((ETAG, tag)).finish()
}
