//! What happens around every request, one job per file. `server.rs` shows their order.

pub mod compression;
pub mod errors;
pub mod framing;
pub mod head;
pub mod headers;
pub mod host;
pub mod log;
pub mod request_id;
pub mod session;
pub mod uri_limit;
pub mod write_barrier;
