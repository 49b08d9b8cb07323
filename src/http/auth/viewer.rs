//! What a page offers depends on who looks at it.

use actix_web::HttpRequest;

use super::session;
use super::token::admin_token;

/// Who looks at a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewer {
    /// Nobody can log in, because there is no admin token.
    ReadOnly,
    /// Somebody who is not logged in.
    Anonymous,
    /// The owner.
    Owner,
}

impl Viewer {
    /// Who sent the request.
    pub fn of(request: &HttpRequest) -> Self {
        match admin_token(request) {
            None => Self::ReadOnly,
            Some(token) if session::is_valid(request, token) => Self::Owner,
            Some(_) => Self::Anonymous,
        }
    }

    /// Whether this is the owner.
    pub fn is_owner(self) -> bool {
        self == Self::Owner
    }
}
