//! The admin token.

use actix_web::HttpRequest;
use subtle::ConstantTimeEq;

use crate::http::state::AppState;
use crate::settings::AdminToken;

/// The admin token of this server; without one, nobody can write.
pub fn admin_token(request: &HttpRequest) -> Option<&AdminToken> {
    AppState::of(request)?.admin_token.as_ref()
}

/// Whether this is the admin token. The comparison takes the same time however much of it is right.
pub fn is_admin_token(presented: &[u8], token: &AdminToken) -> bool {
    presented.ct_eq(token.as_bytes()).into()
}
