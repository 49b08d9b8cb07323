//! What is asked of a database, written once for both.
//!
//! Diesel's types keep a query and the backend it is for together, and the traits that would make
//! them generic over it are private; so a macro writes the same lines for each connection type.

use diesel::expression::BoxableExpression;
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel::sqlite::{Sqlite, SqliteConnection};

use super::Database;
use super::row::RoomRow;
use super::schema::room;
use super::uuid_column::CodeColumn;
use crate::entities::{Room, RoomCode};
use crate::use_cases::{Comparison, Filter, RoomListRequest};

diesel::table! {
    __diesel_schema_migrations (version) {
        version -> VarChar,
    }
}

/// The questions of the port, asked of one connection.
pub trait Queries {
    /// The versions of the migrations that the database has, oldest first.
    fn applied_versions(&mut self) -> QueryResult<Vec<String>>;
    fn list(&mut self, request: &RoomListRequest) -> QueryResult<Vec<RoomRow>>;
    fn find(&mut self, code: RoomCode) -> QueryResult<Option<RoomRow>>;
    fn fill_if_empty(&mut self, rooms: &[Room]) -> QueryResult<bool>;
}

/// `$column` compared with `$value`, as a boxed expression.
macro_rules! compared {
    ($column:expr, $comparison:expr, $value:expr) => {
        match $comparison {
            Comparison::Eq => Box::new($column.eq($value)),
            Comparison::Ne => Box::new($column.ne($value)),
            Comparison::Lt => Box::new($column.lt($value)),
            Comparison::Lte => Box::new($column.le($value)),
            Comparison::Gt => Box::new($column.gt($value)),
            Comparison::Gte => Box::new($column.ge($value)),
        }
    };
}

macro_rules! queries {
    ($Connection:ty, $Backend:ty) => {
        impl Queries for $Connection {
            fn applied_versions(&mut self) -> QueryResult<Vec<String>> {
                if !self.has_migrations_table()? {
                    return Ok(Vec::new());
                }
                __diesel_schema_migrations::table
                    .select(__diesel_schema_migrations::version)
                    .order(__diesel_schema_migrations::version)
                    .load(self)
            }

            fn list(&mut self, request: &RoomListRequest) -> QueryResult<Vec<RoomRow>> {
                fn condition(
                    filter: Filter,
                ) -> Box<dyn BoxableExpression<room::table, $Backend, SqlType = Bool>> {
                    match filter {
                        Filter::Code(code) => Box::new(room::code.eq(CodeColumn(code))),
                        Filter::Size(comparison, value) => {
                            compared!(room::size, comparison, value)
                        }
                        Filter::Price(comparison, value) => {
                            compared!(room::price, comparison, value)
                        }
                        Filter::Longitude(comparison, value) => {
                            compared!(room::longitude, comparison, value)
                        }
                        Filter::Latitude(comparison, value) => {
                            compared!(room::latitude, comparison, value)
                        }
                    }
                }

                let mut query = room::table
                    .select(RoomRow::as_select())
                    .order(room::id)
                    .into_boxed::<$Backend>();
                for filter in &request.filters {
                    query = query.filter(condition(*filter));
                }
                query.load(self)
            }

            fn find(&mut self, code: RoomCode) -> QueryResult<Option<RoomRow>> {
                room::table
                    .select(RoomRow::as_select())
                    .filter(room::code.eq(CodeColumn(code)))
                    .first(self)
                    .optional()
            }

            fn fill_if_empty(&mut self, rooms: &[Room]) -> QueryResult<bool> {
                self.writing_alone(|connection| {
                    let first: Option<i32> =
                        room::table.select(room::id).first(connection).optional()?;
                    if first.is_some() {
                        return Ok(false);
                    }
                    let rows: Vec<RoomRow> = rooms.iter().map(RoomRow::from).collect();
                    diesel::insert_into(room::table).values(rows).execute(connection)?;
                    Ok(true)
                })
            }
        }
    };
}

queries!(PgConnection, Pg);
queries!(SqliteConnection, Sqlite);
