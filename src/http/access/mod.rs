//! How the repository is queried: how many requests at once, for how long, how often, and what is
//! cached.
//!
//! This is the only folder of the ring that calls the repository. It does not know what a request or a
//! response looks like.

mod breaker;
mod cache;
mod cost;
mod flights;
mod gate;
mod run;
mod shares;
mod versions;

pub use cache::{CacheKey, CachedResponse};
pub use cost::Cost;
pub use gate::Deadline;
pub use run::Access;
