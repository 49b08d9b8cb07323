//! The room's code in a path.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use crate::entities::{InvalidRoomCode, RoomCode};
use crate::http::problem::Problem;

/// The `{code}` in a path. An invalid code is a 404, because no room has it.
pub struct RoomCodeInPath(pub RoomCode);

impl RoomCodeInPath {
    pub fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let code = request.match_info().query("code").parse();
        code.map(Self).map_err(|error: InvalidRoomCode| {
            Problem::not_found(&format!("There is no such room: {error}"))
        })
    }
}

impl FromRequest for RoomCodeInPath {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}
