//! The queries, written once for both databases.
//!
//! Diesel's types tie a query to its backend, and the traits that would make it generic are private. So a
//! macro repeats the same lines for each connection type.

use std::collections::HashSet;

use diesel::dsl::sql;
use diesel::expression::expression_types::NotSelectable;
use diesel::expression::{BoxableExpression, SqlLiteral};
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Double, Integer, Nullable, Text};
use diesel::sqlite::{Sqlite, SqliteConnection};

use super::any_column::AnyColumn;
use super::database::{Database, MOST_CANDIDATES};
use super::postgres::{AreFew, RoomsOfFew, contained_by};
use super::row::{ListedRow, RoomRow};
use super::schema::room;
use super::uuid_column::{CodeColumn, Uuid};
use crate::entities::{Field, Kind, Place, Room, RoomCode, Value};
use crate::repository::segments::{Candidates, Condition};
use crate::use_cases::{BoundingBox, Change, Comparison, Filter, OnConflict, SortBy, SortKey};

diesel::table! {
    __diesel_schema_migrations (version) {
        version -> VarChar,
    }
}

diesel::define_sql_function! {
    /// [`crate::entities::great_circle_distance`]: created by a migration on PostgreSQL, and for each
    /// connection on SQLite.
    fn great_circle_distance(
        from_latitude: Double,
        from_longitude: Double,
        to_latitude: Double,
        to_longitude: Double,
    ) -> Double;
}

/// The queries of the port, on one connection.
pub trait Queries: Database {
    /// The versions of the applied migrations, oldest first.
    fn applied_versions(&mut self) -> QueryResult<Vec<String>>;
    /// The first rooms that meet the conditions, with their distances from `centre`.
    fn list(
        &mut self,
        conditions: &[Condition],
        sort: &[SortKey],
        centre: Option<Place>,
        most: i64,
    ) -> QueryResult<Vec<ListedRow>>;
    /// The same among candidates, which contain all these rooms; `None` if there are many candidates.
    fn list_of_few(
        &mut self,
        candidates: Candidates,
        conditions: &[Condition],
        sort: &[SortKey],
        centre: Option<Place>,
        most: i64,
    ) -> QueryResult<Option<Vec<ListedRow>>>;
    /// Whether there are many candidates.
    fn are_many(&mut self, candidates: Candidates) -> QueryResult<bool>;
    /// The number of rooms that meet the conditions, but at most `most`.
    fn count(&mut self, conditions: &[Condition], most: i64) -> QueryResult<i64>;
    /// The rooms with these codes.
    fn find(&mut self, codes: &[RoomCode]) -> QueryResult<Vec<RoomRow>>;
    /// Changes a room as `decide` says, in one transaction.
    fn change(
        &mut self,
        code: RoomCode,
        decide: impl FnMut(Option<RoomRow>) -> QueryResult<Change>,
    ) -> QueryResult<()>;
    /// Inserts these rooms, whose codes differ from each other.
    fn import(&mut self, rooms: &[Room], on_conflict: OnConflict) -> QueryResult<Batch>;
    /// Inserts these rooms if the table is empty. Returns whether it did.
    fn fill_if_empty(&mut self, rooms: &[Room]) -> QueryResult<bool>;
}

/// The result of importing some rooms.
#[derive(Default)]
pub struct Batch {
    /// The number of added rooms.
    pub added: usize,
    /// The codes that were taken.
    pub taken: Vec<RoomCode>,
}

/// Whether one index is right for all values of the conditions: those of a list by at most one field,
/// without filters.
fn is_plain(conditions: &[Condition], sort: &[SortKey]) -> bool {
    sort.len() <= 1 && conditions.iter().all(is_of_order)
}

/// Whether the condition only says where in its order a list begins.
fn is_of_order(condition: &Condition) -> bool {
    matches!(
        condition,
        Condition::HasField(_)
            | Condition::Equal(..)
            | Condition::After(..)
            | Condition::InsertedAfter(_)
    )
}

/// Every room meets this. Diesel does not cache a prepared statement that contains SQL as text, so the
/// database plans each query for its own values. Otherwise PostgreSQL would after a while use a generic
/// plan, which estimates that any range contains a third of the table, and so uses the wrong index.
fn planned_anew() -> SqlLiteral<Bool> {
    sql("TRUE")
}

/// Compares `$column` with `$value`, as a boxed expression.
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

/// Sorts by `$column` in one direction, as a boxed expression.
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

/// The query of the first rooms that meet the conditions, with their distances from the centre.
macro_rules! list_query {
    ($Backend:ident, $conditions:expr, $sort:expr, $centre:expr, $most:expr) => {{
        let distance: Boxed<Nullable<Double>> = match $centre {
            Some(centre) => Box::new(distance!(centre).nullable()),
            None => Box::new(None::<f64>.into_sql::<Nullable<Double>>()),
        };
        let mut query = room::table
            .select((RoomRow::as_select(), room::id, distance))
            .limit($most)
            .into_boxed::<$Backend>();
        // First, so that it is called for every row.
        if let Some(in_time) = in_time($conditions) {
            query = query.filter(in_time);
        }
        for each in $conditions {
            query = query.filter(condition(each, $centre));
        }
        for key in $sort {
            query = query.then_order_by(ordering(*key, $centre));
        }
        query.then_order_by(room::id)
    }};
}

/// Loads the rooms of `$query`, which meet its conditions, if there are few candidates.
macro_rules! load_of_few {
    (PgConnection, $connection:expr, $candidates:expr, $query:expr) => {{
        let candidates = room::table.into_boxed::<Pg>().limit(MOST_CANDIDATES + 1);
        let candidates = match $candidates {
            Candidates::All => candidates,
            Candidates::InBox(bounds) => {
                candidates.filter(in_either(bounds, |part| Box::new(contained_by(part))))
            }
        };
        RoomsOfFew { candidates, rooms: $query.filter(AreFew) }.load($connection)
    }};
    // There is no round trip to save.
    (SqliteConnection, $connection:expr, $candidates:expr, $query:expr) => {{
        if $connection.are_many($candidates)? {
            return Ok(None);
        }
        let query = match $candidates {
            Candidates::All => $query,
            Candidates::InBox(bounds) => {
                $query.filter(in_either(bounds, SqliteConnection::in_box_by_index))
            }
        };
        query.load($connection).map(Some)
    }};
}

macro_rules! queries {
    ($Connection:ident, $Backend:ident) => {
        // A scope of its own for the functions of this connection type.
        const _: () = {
            type Boxed<T> = Box<dyn BoxableExpression<room::table, $Backend, SqlType = T>>;

            fn condition(condition: &Condition, centre: Option<Place>) -> Boxed<Bool> {
                match condition {
                    Condition::Filter(Filter::Compared(field, comparison, value)) => {
                        field_condition(field, *comparison, value)
                    }
                    Condition::Filter(Filter::CodeIn(codes)) => {
                        let codes: Vec<_> = codes.iter().copied().map(CodeColumn).collect();
                        Box::new(room::code.eq_any(codes))
                    }
                    Condition::Filter(Filter::Within(bounds)) => {
                        in_either(*bounds, <$Connection>::in_box)
                    }
                    Condition::InBoxByIndex(bounds) => {
                        in_either(*bounds, <$Connection>::in_box_by_index)
                    }
                    Condition::InCircle(circle) => {
                        Box::new(distance!(circle.centre).le(circle.radius))
                    }
                    Condition::HasField(field) => has_field(field),
                    Condition::Equal(by, value) => compares(*by, Comparison::Eq, value, centre),
                    Condition::After(key, value) => {
                        let after = if key.descending { Comparison::Lt } else { Comparison::Gt };
                        compares(key.by, after, value, centre)
                    }
                    Condition::InsertedAfter(sequence) => {
                        // A number that is too large for an `id` comes after every room.
                        Box::new(room::id.gt(i32::try_from(*sequence).unwrap_or(i32::MAX)))
                    }
                }
            }

            /// The condition that ends a query after its time, for one that may read rows that it does
            /// not return.
            fn in_time(conditions: &[Condition]) -> Option<Boxed<Bool>> {
                let is_filtered = !conditions.iter().all(is_of_order);
                is_filtered.then(<$Connection>::in_time).flatten()
            }

            /// The condition for each part of a box that crosses the antimeridian.
            fn in_either(
                bounds: BoundingBox,
                in_part: fn(BoundingBox) -> Boxed<Bool>,
            ) -> Boxed<Bool> {
                match bounds.parts() {
                    (one, None) => in_part(one),
                    (one, Some(other)) => Box::new(in_part(one).or(in_part(other))),
                }
            }

            /// Every room meets this. SQLite (3.53) would read and sort the whole table for the first
            /// rooms by two keys, unless a condition leads it to the index of the first.
            fn has_field(field: &'static Field) -> Boxed<Bool> {
                match field.kind {
                    Kind::Code => Box::new(true.into_sql::<Bool>()),
                    Kind::Whole { .. } => Box::new(AnyColumn::<Integer>::of(field).ge(i32::MIN)),
                    Kind::Degrees { .. } => Box::new(AnyColumn::<Double>::of(field).ge(f64::MIN)),
                    Kind::Text { .. } => Box::new(AnyColumn::<Text>::of(field).ge("")),
                }
            }

            fn compares(
                by: SortBy,
                comparison: Comparison,
                value: &Value<'static>,
                centre: Option<Place>,
            ) -> Boxed<Bool> {
                match (by, value, centre) {
                    (SortBy::Field(field), ..) => field_condition(field, comparison, value),
                    (SortBy::Distance, Value::Decimal(metres), Some(centre)) => {
                        compared!(distance!(centre), comparison, *metres)
                    }
                    // Without a centre there are no distances.
                    (SortBy::Distance, ..) => Box::new(false.into_sql::<Bool>()),
                }
            }

            fn field_condition(
                field: &'static Field,
                comparison: Comparison,
                value: &Value<'static>,
            ) -> Boxed<Bool> {
                match value {
                    Value::Code(code) => {
                        compared!(AnyColumn::<Uuid>::of(field), comparison, CodeColumn(*code))
                    }
                    Value::Whole(number) => {
                        compared!(AnyColumn::<Integer>::of(field), comparison, *number)
                    }
                    Value::Decimal(number) => {
                        compared!(AnyColumn::<Double>::of(field), comparison, *number)
                    }
                    Value::Text(text) => {
                        let text = text.clone().into_owned();
                        compared!(AnyColumn::<Text>::of(field), comparison, text)
                    }
                }
            }

            fn ordering(key: SortKey, centre: Option<Place>) -> Boxed<NotSelectable> {
                match (key.by, centre) {
                    // An order does not depend on the type of the column.
                    (SortBy::Field(field), _) => {
                        ordered!(AnyColumn::<Text>::of(field), key.descending)
                    }
                    (SortBy::Distance, Some(centre)) => ordered!(distance!(centre), key.descending),
                    (SortBy::Distance, None) => Box::new(room::id.asc()),
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
                    let query = list_query!($Backend, conditions, sort, centre, most);
                    if is_plain(conditions, sort) {
                        query.load(self)
                    } else {
                        query.filter(planned_anew()).load(self)
                    }
                }

                fn list_of_few(
                    &mut self,
                    candidates: Candidates,
                    conditions: &[Condition],
                    sort: &[SortKey],
                    centre: Option<Place>,
                    most: i64,
                ) -> QueryResult<Option<Vec<ListedRow>>> {
                    let query = list_query!($Backend, conditions, sort, centre, most);
                    load_of_few!($Connection, self, candidates, query)
                }

                fn are_many(&mut self, candidates: Candidates) -> QueryResult<bool> {
                    match candidates {
                        Candidates::All => {
                            let ids = room::table.select(room::id).offset(MOST_CANDIDATES);
                            Ok(ids.first::<i32>(self).optional()?.is_some())
                        }
                        Candidates::InBox(bounds) => match bounds.parts() {
                            (one, None) => self.are_many_in(one),
                            (one, Some(other)) => {
                                Ok(self.are_many_in(one)? || self.are_many_in(other)?)
                            }
                        },
                    }
                }

                fn count(&mut self, conditions: &[Condition], most: i64) -> QueryResult<i64> {
                    let mut query = room::table.into_boxed::<$Backend>();
                    if let Some(in_time) = in_time(conditions) {
                        query = query.filter(in_time);
                    }
                    for each in conditions {
                        query = query.filter(condition(each, None));
                    }
                    query = query.filter(planned_anew());
                    if most == i64::MAX {
                        return query.count().get_result(self);
                    }
                    // Diesel cannot count the rows of a subquery.
                    let ids: Vec<i32> = query.select(room::id).limit(most).load(self)?;
                    Ok(i64::try_from(ids.len()).unwrap_or(i64::MAX))
                }

                fn find(&mut self, codes: &[RoomCode]) -> QueryResult<Vec<RoomRow>> {
                    let query = room::table.select(RoomRow::as_select());
                    // A single room has a statement of its own, which is prepared once in both databases.
                    if let [code] = codes {
                        return query.filter(room::code.eq(CodeColumn(*code))).load(self);
                    }
                    let codes: Vec<_> = codes.iter().copied().map(CodeColumn).collect();
                    query.filter(room::code.eq_any(codes)).load(self)
                }

                fn change(
                    &mut self,
                    code: RoomCode,
                    mut decide: impl FnMut(Option<RoomRow>) -> QueryResult<Change>,
                ) -> QueryResult<()> {
                    self.writing(|connection| {
                        let (id, row) = connection.find_to_write(code)?.unzip();
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
                            let stored = room::table.filter(room::code.eq(CodeColumn(room.code)));
                            diesel::update(stored).set(RoomRow::from(room)).execute(self)?;
                        }
                    }
                    let added = self.insert(new.into_iter().map(RoomRow::from).collect())?;
                    Ok(Batch { added, taken: taken.into_iter().collect() })
                }

                fn fill_if_empty(&mut self, rooms: &[Room]) -> QueryResult<bool> {
                    self.writing_alone(|connection| {
                        let first: Option<i32> =
                            room::table.select(room::id).first(connection).optional()?;
                        if first.is_some() {
                            return Ok(false);
                        }
                        connection.insert(rooms.iter().map(RoomRow::from).collect())?;
                        Ok(true)
                    })
                }
            }
        };
    };
}

queries!(PgConnection, Pg);
queries!(SqliteConnection, Sqlite);
