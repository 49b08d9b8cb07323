//! What is asked of a database, written once for both.
//!
//! Diesel's types keep a query and the backend it is for together, and the traits that would make
//! them generic over it are private; so a macro writes the same lines for each connection type.

use std::collections::HashSet;

use diesel::dsl::sql;
use diesel::expression::expression_types::NotSelectable;
use diesel::expression::{BoxableExpression, SqlLiteral};
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::result::Error as DieselError;
use diesel::sql_types::{Bool, Double, Nullable};
use diesel::sqlite::{Sqlite, SqliteConnection};

use super::Database;
use super::row::{ListedRow, RoomRow};
use super::schema::room;
use super::uuid_column::CodeColumn;
use crate::entities::{Place, Room, RoomCode};
use crate::repository::segments::Condition;
use crate::use_cases::{
    BoundingBox, Change, Comparison, Filter, OnConflict, SortField, SortKey, SortValue,
};

diesel::table! {
    __diesel_schema_migrations (version) {
        version -> VarChar,
    }
}

diesel::define_sql_function! {
    /// [`crate::entities::great_circle_distance`]: made by a migration on PostgreSQL, and for each
    /// connection on SQLite.
    fn great_circle_distance(
        from_latitude: Double,
        from_longitude: Double,
        to_latitude: Double,
        to_longitude: Double,
    ) -> Double;
}

/// The questions of the port, asked of one connection.
pub trait Queries {
    /// The versions of the migrations that the database has, oldest first.
    fn applied_versions(&mut self) -> QueryResult<Vec<String>>;
    /// The first rooms that meet the conditions, with their distance from `centre`.
    fn list(
        &mut self,
        conditions: &[Condition],
        sort: &[SortKey],
        centre: Option<Place>,
        most: i64,
    ) -> QueryResult<Vec<ListedRow>>;
    /// How many rooms meet the conditions.
    fn count(&mut self, conditions: &[Condition]) -> QueryResult<i64>;
    fn find(&mut self, code: RoomCode) -> QueryResult<Option<RoomRow>>;
    /// Changes a room as `decide` says, in one transaction.
    fn change<E: From<DieselError>>(
        &mut self,
        code: RoomCode,
        decide: impl FnMut(Option<RoomRow>) -> Result<Change, E>,
    ) -> Result<(), E>;
    /// Puts these rooms in, none of whose codes is there twice.
    fn import(&mut self, rooms: &[Room], on_conflict: OnConflict) -> QueryResult<Batch>;
    fn fill_if_empty(&mut self, rooms: &[Room]) -> QueryResult<bool>;
}

/// What became of some rooms of an import.
#[derive(Default)]
pub struct Batch {
    /// How many were added.
    pub added: usize,
    /// The codes that were taken before.
    pub taken: Vec<RoomCode>,
}

/// Whether any plan finds the rooms by the same index, whatever the values: those of a list by at
/// most one field, without a filter.
fn is_plain(conditions: &[Condition], sort: &[SortKey]) -> bool {
    let is_of_order = |condition: &Condition| {
        matches!(
            condition,
            Condition::Any(_)
                | Condition::Same(..)
                | Condition::Beyond(..)
                | Condition::InsertedAfter(_)
        )
    };
    sort.len() <= 1 && conditions.iter().all(is_of_order)
}

/// Every room meets this. Diesel keeps no prepared statement of a query that holds SQL as text, so the
/// database makes a plan for the values at hand. PostgreSQL, for one, would after a while use one plan
/// for all values, which takes any range for a third of the table, and so goes by the wrong index.
fn planned_anew() -> SqlLiteral<Bool> {
    sql("TRUE")
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

/// `$column` in one direction, as a boxed expression.
macro_rules! ordered {
    ($column:expr, $descending:expr) => {
        if $descending { Box::new($column.desc()) } else { Box::new($column.asc()) }
    };
}

/// The distance of a room from `$centre`.
macro_rules! distance {
    ($centre:expr) => {
        great_circle_distance(
            $centre.latitude.get(),
            $centre.longitude.get(),
            room::latitude,
            room::longitude,
        )
    };
}

macro_rules! queries {
    ($module:ident, $Connection:ty, $Backend:ty) => {
        mod $module {
            use super::*;

            type Boxed<T> = Box<dyn BoxableExpression<room::table, $Backend, SqlType = T>>;

            fn condition(condition: &Condition, centre: Option<Place>) -> Boxed<Bool> {
                match condition {
                    Condition::Filter(filter) => meets(filter),
                    Condition::InSmall(bounds) => match bounds.parts() {
                        (one, None) => <$Connection>::finds_in(one),
                        (one, Some(other)) => Box::new(
                            <$Connection>::finds_in(one).or(<$Connection>::finds_in(other)),
                        ),
                    },
                    Condition::InCircle(circle) => {
                        Box::new(distance!(circle.centre).le(circle.radius))
                    }
                    Condition::Any(field) => any(*field),
                    Condition::Same(field, value) => {
                        compares(*field, Comparison::Eq, *value, centre)
                    }
                    Condition::Beyond(key, value) => {
                        let after = if key.descending { Comparison::Lt } else { Comparison::Gt };
                        compares(key.field, after, *value, centre)
                    }
                    Condition::InsertedAfter(sequence) => {
                        // No room comes after what is no `id` at all.
                        Box::new(room::id.gt(i32::try_from(*sequence).unwrap_or(i32::MAX)))
                    }
                }
            }

            fn meets(filter: &Filter) -> Boxed<Bool> {
                match filter {
                    Filter::Code(codes) => {
                        let codes: Vec<_> = codes.iter().copied().map(CodeColumn).collect();
                        Box::new(room::code.eq_any(codes))
                    }
                    Filter::Size(how, value) => compared!(room::size, how, *value),
                    Filter::Price(how, value) => compared!(room::price, how, *value),
                    Filter::Longitude(how, value) => compared!(room::longitude, how, *value),
                    Filter::Latitude(how, value) => compared!(room::latitude, how, *value),
                    Filter::Within(bounds) => is_within(*bounds),
                }
            }

            fn is_within(bounds: BoundingBox) -> Boxed<Bool> {
                match bounds.parts() {
                    (one, None) => <$Connection>::is_in(one),
                    (one, Some(other)) => {
                        Box::new(<$Connection>::is_in(one).or(<$Connection>::is_in(other)))
                    }
                }
            }

            /// Every room meets this. SQLite (3.53) reads and sorts the whole table for the first
            /// rooms by two keys, unless a condition leads it to the index of the first.
            fn any(field: SortField) -> Boxed<Bool> {
                match field {
                    SortField::Size => Box::new(room::size.ge(i32::MIN)),
                    SortField::Price => Box::new(room::price.ge(i32::MIN)),
                    SortField::Longitude => Box::new(room::longitude.ge(f64::MIN)),
                    SortField::Latitude => Box::new(room::latitude.ge(f64::MIN)),
                    SortField::Code | SortField::Distance => Box::new(true.into_sql::<Bool>()),
                }
            }

            fn compares(
                field: SortField,
                how: Comparison,
                value: SortValue,
                centre: Option<Place>,
            ) -> Boxed<Bool> {
                match (field, value, centre) {
                    (SortField::Code, SortValue::Code(value), _) => {
                        compared!(room::code, how, CodeColumn(value))
                    }
                    (SortField::Size, SortValue::Whole(value), _) => {
                        compared!(room::size, how, value)
                    }
                    (SortField::Price, SortValue::Whole(value), _) => {
                        compared!(room::price, how, value)
                    }
                    (SortField::Longitude, SortValue::Decimal(value), _) => {
                        compared!(room::longitude, how, value)
                    }
                    (SortField::Latitude, SortValue::Decimal(value), _) => {
                        compared!(room::latitude, how, value)
                    }
                    (SortField::Distance, SortValue::Decimal(value), Some(centre)) => {
                        compared!(distance!(centre), how, value)
                    }
                    // A field with another's value, or a distance from nowhere: no room has it.
                    _ => Box::new(false.into_sql::<Bool>()),
                }
            }

            fn ordering(key: SortKey, centre: Option<Place>) -> Boxed<NotSelectable> {
                match (key.field, centre) {
                    (SortField::Code, _) => ordered!(room::code, key.descending),
                    (SortField::Size, _) => ordered!(room::size, key.descending),
                    (SortField::Price, _) => ordered!(room::price, key.descending),
                    (SortField::Longitude, _) => ordered!(room::longitude, key.descending),
                    (SortField::Latitude, _) => ordered!(room::latitude, key.descending),
                    (SortField::Distance, Some(centre)) => {
                        ordered!(distance!(centre), key.descending)
                    }
                    (SortField::Distance, None) => Box::new(room::id.asc()),
                }
            }

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

                fn list(
                    &mut self,
                    conditions: &[Condition],
                    sort: &[SortKey],
                    centre: Option<Place>,
                    most: i64,
                ) -> QueryResult<Vec<ListedRow>> {
                    let distance: Boxed<Nullable<Double>> = match centre {
                        Some(centre) => Box::new(distance!(centre).nullable()),
                        None => Box::new(None::<f64>.into_sql::<Nullable<Double>>()),
                    };
                    let mut query = room::table
                        .select((RoomRow::as_select(), room::id, distance))
                        .limit(most)
                        .into_boxed::<$Backend>();
                    for wanted in conditions {
                        query = query.filter(condition(wanted, centre));
                    }
                    if !is_plain(conditions, sort) {
                        query = query.filter(planned_anew());
                    }
                    for key in sort {
                        query = query.then_order_by(ordering(*key, centre));
                    }
                    query.then_order_by(room::id).load(self)
                }

                fn count(&mut self, conditions: &[Condition]) -> QueryResult<i64> {
                    let mut query = room::table.count().into_boxed::<$Backend>();
                    for wanted in conditions {
                        query = query.filter(condition(wanted, None));
                    }
                    query.filter(planned_anew()).get_result(self)
                }

                fn find(&mut self, code: RoomCode) -> QueryResult<Option<RoomRow>> {
                    room::table
                        .select(RoomRow::as_select())
                        .filter(room::code.eq(CodeColumn(code)))
                        .first(self)
                        .optional()
                }

                fn change<E: From<DieselError>>(
                    &mut self,
                    code: RoomCode,
                    mut decide: impl FnMut(Option<RoomRow>) -> Result<Change, E>,
                ) -> Result<(), E> {
                    self.writing(|connection| {
                        let found = connection.find_to_write(code)?;
                        let (id, row) =
                            found.map_or((None, None), |(id, row)| (Some(id), Some(row)));
                        let of_id = room::table.filter(room::id.nullable().eq(id));
                        match (decide(row)?, id) {
                            (Change::Keep, _) | (Change::Remove, None) => 0,
                            (Change::Put(changed), Some(_)) => diesel::update(of_id)
                                .set(RoomRow::from(&changed))
                                .execute(connection)?,
                            (Change::Put(added), None) => diesel::insert_into(room::table)
                                .values(RoomRow::from(&added))
                                .execute(connection)?,
                            (Change::Remove, Some(_)) => {
                                diesel::delete(of_id).execute(connection)?
                            }
                        };
                        Ok(())
                    })
                }

                fn import(
                    &mut self,
                    rooms: &[Room],
                    on_conflict: OnConflict,
                ) -> QueryResult<Batch> {
                    let codes: Vec<_> = rooms.iter().map(|room| CodeColumn(room.code)).collect();
                    let taken: Vec<CodeColumn> = room::table
                        .select(room::code)
                        .filter(room::code.eq_any(codes))
                        .load(self)?;
                    let taken: HashSet<RoomCode> = taken.into_iter().map(|code| code.0).collect();
                    let (old, new): (Vec<&Room>, Vec<&Room>) =
                        rooms.iter().partition(|room| taken.contains(&room.code));
                    if on_conflict == OnConflict::Replace {
                        for room in old {
                            diesel::update(
                                room::table.filter(room::code.eq(CodeColumn(room.code))),
                            )
                            .set(RoomRow::from(room))
                            .execute(self)?;
                        }
                    }
                    let new: Vec<RoomRow> = new.into_iter().map(RoomRow::from).collect();
                    let added = self.insert(new)?;
                    Ok(Batch { added, taken: taken.into_iter().collect() })
                }

                fn fill_if_empty(&mut self, rooms: &[Room]) -> QueryResult<bool> {
                    self.writing_alone(|connection| {
                        let first: Option<i32> =
                            room::table.select(room::id).first(connection).optional()?;
                        if first.is_some() {
                            return Ok(false);
                        }
                        let rows: Vec<RoomRow> = rooms.iter().map(RoomRow::from).collect();
                        connection.insert(rows)?;
                        Ok(true)
                    })
                }
            }
        }
    };
}

queries!(postgres, PgConnection, Pg);
queries!(sqlite, SqliteConnection, Sqlite);
