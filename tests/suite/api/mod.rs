//! The web interface, asked of the real server over each storage. The files mirror the URLs.

mod conditional;
mod cursor;
mod defences;
mod deployed;
mod errors;
mod formats;
mod health;
mod import;
mod limits;
mod list_page;
mod log_out;
mod map;
mod openapi;
mod original;
mod pages;
mod places;
mod precedence;
mod room;
mod rooms;
mod session;
mod site;
mod writes;
