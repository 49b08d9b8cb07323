//! The web interface, asked of the real server over each storage. The files mirror the URLs.

mod errors;
mod health;
mod original;
mod room;
mod rooms;
