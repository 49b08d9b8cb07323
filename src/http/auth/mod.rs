//! Who sends a request: the owner, by the admin token (RFC 6750) or a session, or somebody who can only
//! read.

mod guessing;
mod owner;
pub mod session;

pub use guessing::Attempts;
pub use owner::{Owner, Viewer, admin_token, is_admin_token};
pub use session::require_same_origin;
