//! Who sends a request: the owner, by the admin token (RFC 6750) or a session, or somebody who can only
//! read.

mod origin;
mod owner;
pub mod session;
mod token;
mod viewer;

pub use origin::require_same_origin;
pub use owner::Owner;
pub use token::{admin_token, is_admin_token};
pub use viewer::Viewer;
