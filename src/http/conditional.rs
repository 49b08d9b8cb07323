//! Whether a client has the newest answer already (RFC 9110, section 13).

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;

use actix_web::HttpRequest;
use actix_web::http::header::{
    CONTENT_TYPE, ETAG, EntityTag, Header, IF_MATCH, IF_NONE_MATCH, IfMatch, IfNoneMatch,
};
use actix_web::{HttpResponse, HttpResponseBuilder};

use super::map_settings;
use super::owner::Viewer;
use super::problem::Problem;
use super::representation::Representation;
use crate::entities::Room;
use crate::use_cases::{Expectation, Version};

/// The tag of any list while the repository is in this state. Weak, as a list is read in parts and
/// may be compressed.
pub fn list_tag(
    request: &HttpRequest,
    version: Version,
    representation: Representation,
) -> EntityTag {
    // A version is any number; the program's own makes it another one, since another program may write
    // the same rooms in another way.
    static PROGRAM: LazyLock<u64> = LazyLock::new(|| hash(&env!("CARGO_PKG_VERSION")));
    let state = *PROGRAM ^ version.0;
    EntityTag::new_weak(format!("{state:016x}-{}", variant(request, representation)))
}

/// The tag of one room with these values.
pub fn room_tag(request: &HttpRequest, room: &Room, representation: Representation) -> EntityTag {
    EntityTag::new_strong(format!("{}-{}", room_state(room), variant(request, representation)))
}

/// What tells apart the forms in which the same state is shown. A page offers more to the owner, and has
/// the tiles of one server or another.
fn variant(request: &HttpRequest, representation: Representation) -> Cow<'static, str> {
    let name = representation.name();
    match representation {
        Representation::Data(_) => name.into(),
        Representation::Page => {
            let viewer = match Viewer::of(request) {
                Viewer { is_logged_in: true, .. } => "-owner",
                Viewer { can_log_in: true, .. } => "-visitor",
                _ => "",
            };
            let tiles = map_settings(request).filter(|map| map.tile_url.is_some());
            let tiles = tiles.map(|tiles| format!("-{}", state(tiles))).unwrap_or_default();
            format!("{name}{viewer}{tiles}").into()
        }
    }
}

/// The state of a room, the same in all representations. The program's version counts, since another
/// may write the same room in another way.
pub fn room_state(room: &Room) -> String {
    let (longitude, latitude) = (room.longitude.get().to_bits(), room.latitude.get().to_bits());
    state(&(room.code, room.size.get(), room.price.get(), longitude, latitude))
}

fn state(of: &impl Hash) -> String {
    format!("{:016x}", hash(&(env!("CARGO_PKG_VERSION"), of)))
}

fn hash(of: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

/// What a write expects of the room that it changes: that it has one of the tags in `If-Match`, in
/// any representation, and none of those in `If-None-Match`.
pub fn expectation(request: &HttpRequest) -> Result<Box<Expectation>, Problem> {
    let headers = request.headers();
    let wanted = match IfMatch::parse(request) {
        _ if !headers.contains_key(IF_MATCH) => None,
        Ok(IfMatch::Items(tags)) if tags.is_empty() => return Err(unreadable("If-Match")),
        wanted => Some(wanted.map_err(|_| unreadable("If-Match"))?),
    };
    let unwanted = match IfNoneMatch::parse(request) {
        _ if !headers.contains_key(IF_NONE_MATCH) => None,
        Ok(IfNoneMatch::Items(tags)) if tags.is_empty() => return Err(unreadable("If-None-Match")),
        unwanted => Some(unwanted.map_err(|_| unreadable("If-None-Match"))?),
    };
    Ok(Box::new(move |now| {
        let is_wanted = match &wanted {
            None => true,
            Some(IfMatch::Any) => now.is_some(),
            Some(IfMatch::Items(tags)) => {
                now.is_some_and(|room| tags.iter().any(|tag| !tag.weak && is_of(tag, room)))
            }
        };
        let is_unwanted = match &unwanted {
            None => false,
            Some(IfNoneMatch::Any) => now.is_some(),
            Some(IfNoneMatch::Items(tags)) => {
                now.is_some_and(|room| tags.iter().any(|tag| is_of(tag, room)))
            }
        };
        is_wanted && !is_unwanted
    }))
}

fn unreadable(header: &str) -> Problem {
    Problem::bad_request(&format!("{header}: write * or tags between quotes, with commas between"))
}

fn is_of(tag: &EntityTag, room: &Room) -> bool {
    tag.tag().split_once('-').is_some_and(|(state, _)| state == room_state(room))
}

/// Whether the client has the answer with this tag.
pub fn has(request: &HttpRequest, tag: &EntityTag) -> bool {
    let Some(known) = request.headers().get(IF_NONE_MATCH) else { return false };
    // Nearly all clients know one answer, and say so as they were told.
    known.as_bytes() == tag.to_string().as_bytes()
        || match IfNoneMatch::parse(request) {
            Ok(IfNoneMatch::Any) => true,
            Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(tag)),
            Err(_) => false,
        }
}

/// 304: what the client has is current. The client also has what describes its content (RFC 9110, section
/// 15.4.5).
pub fn not_modified(mut headers: HttpResponseBuilder, tag: EntityTag) -> HttpResponse {
    let mut answer = headers
        .status(actix_web::http::StatusCode::NOT_MODIFIED)
        .insert_header((ETAG, tag))
        .finish();
    answer.headers_mut().remove(CONTENT_TYPE);
    answer
}
