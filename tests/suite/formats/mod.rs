//! How rooms and requests are written and read.

mod output;
mod query;
mod room;
mod rows;
