//! How the web uses the program: requests become use cases, and their results become responses.
//!
//! This ring is the only one that names `actix_web`. It knows the use cases and the port; it is handed a
//! repository and never names one. Its folders depend on each other in one direction, down this list:
//!
//! | module | what lives there |
//! |---|---|
//! | `server` | binding and running |
//! | `routes` | the table of routes, each with its description |
//! | `middleware` | what happens around every request, in order |
//! | `rooms`, `places`, `ops` | handlers for programs and for operators |
//! | `pages` | HTML for people: handlers, views, templates, the map |
//! | `openapi` | the description of the API |
//! | `response` | what responses share |
//! | `auth` | who sends a request |
//! | `state` | what the handlers share |
//! | `request` | what a client sent, as values |
//! | `access` | how the repository is queried |
//! | `limits`, `problem` | plain data |

mod access;
mod auth;
mod limits;
mod middleware;
mod openapi;
mod ops;
mod pages;
mod places;
mod problem;
mod request;
mod response;
mod rooms;
mod routes;
mod server;
mod state;

pub use request::{cursor, query};
pub use routes::routes;
pub use server::Server;
