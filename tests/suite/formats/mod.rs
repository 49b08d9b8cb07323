//! How rooms and requests are written and read.

mod files;
mod numbers;
mod output;
mod query;
mod room;
mod rows;
mod work;
