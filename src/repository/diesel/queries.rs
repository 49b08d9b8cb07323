//! The queries, written once for both databases.
//!
//! Diesel's types tie a query to its backend, and the traits that would make it generic are private. So a
//! macro repeats the same lines for each connection type.

use std::collections::HashSet;

use diesel::dsl::sql;
use diesel::expression::{BoxableExpression, SqlLiteral};
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::result::DatabaseErrorKind;
use diesel::result::Error::DatabaseError;
use diesel::sql_types::{Bool, Double, Nullable};
use diesel::sqlite::{Sqlite, SqliteConnection};

use super::conditions::{Conditions, distance, great_circle_distance, is_of_order};
use super::database::{Database, MOST_CANDIDATES};
use super::postgres::{AreFew, RoomsOfFew, contained_by};
use super::row::{ListedRow, RoomRow};
use super::schema::room;
use super::uuid_column::CodeColumn;
use crate::entities::{Place, Room, RoomCode};
use crate::repository::segments::{Candidates, Condition};
use crate::use_cases::{Change, OnConflict, SortKey};

diesel::table! {
    __diesel_schema_migrations (version) {
        version -> VarChar,
    }
}

/// The queries of the port, on one connection.
pub trait Queries: Conditions {
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
    /// Inserts these rooms, whose codes differ from each other, while others write.
    fn import(&mut self, rooms: &[Room], on_conflict: OnConflict) -> QueryResult<Batch>;
    /// Inserts these rooms if the table is empty. Returns whether it did.
    fn fill_if_empty(&mut self, rooms: &[Room]) -> QueryResult<bool>;
}

/// How often rooms are inserted again after another writer took one of their codes.
const IMPORT_ATTEMPTS: usize = 10;

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

/// Every room meets this. Diesel does not cache a prepared statement that contains SQL as text, so the
/// database plans each query for its own values. Otherwise PostgreSQL would after a while use a generic
/// plan, which estimates that any range contains a third of the table, and so uses the wrong index.
fn planned_anew() -> SqlLiteral<Bool> {
    sql("TRUE")
}

/// The query of the first rooms that meet the conditions, with their distances from the centre.
macro_rules! list_query {
    ($Connection:ident, $Backend:ident, $conditions:expr, $sort:expr, $centre:expr, $most:expr) => {{
        let distance: Boxed<Nullable<Double>> = match $centre {
            Some(centre) => Box::new(distance!(centre).nullable()),
            None => Box::new(None::<f64>.into_sql::<Nullable<Double>>()),
        };
        let mut query = room::table
            .select((RoomRow::as_select(), room::id, distance))
            .limit($most)
            .into_boxed::<$Backend>();
        // First, so that it is called for every row.
        if let Some(in_time) = <$Connection>::ends_in_time($conditions) {
            query = query.filter(in_time);
        }
        for each in $conditions {
            query = query.filter(<$Connection>::condition(each, $centre));
        }
        for key in $sort {
            query = query.then_order_by(<$Connection>::ordering(*key, $centre));
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
                candidates.filter(PgConnection::in_either(bounds, contained_by))
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
            Candidates::InBox(bounds) => $query
                .filter(SqliteConnection::in_either(bounds, SqliteConnection::in_box_by_index)),
        };
        query.load($connection).map(Some)
    }};
}

macro_rules! queries {
    ($Connection:ident, $Backend:ident) => {
        // A scope of its own for the functions of this connection type.
        const _: () = {
            type Boxed<T> = Box<dyn BoxableExpression<room::table, $Backend, SqlType = T>>;

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
                    let query = list_query!($Connection, $Backend, conditions, sort, centre, most);
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
                    let query = list_query!($Connection, $Backend, conditions, sort, centre, most);
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
                    if let Some(in_time) = <$Connection>::ends_in_time(conditions) {
                        query = query.filter(in_time);
                    }
                    for each in conditions {
                        query = query.filter(<$Connection>::condition(each, None));
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
                    // Usually no code is taken, and to look for each takes longer than to be told that one is.
                    let mut looks_first = on_conflict != OnConflict::Refuse;
                    let mut attempts = 0;
                    loop {
                        let mut taken = HashSet::new();
                        if looks_first {
                            let found: Vec<CodeColumn> = room::table
                                .select(room::code)
                                .filter(room::code.eq_any(codes.clone()))
                                .load(self)?;
                            taken.extend(found.into_iter().map(|code| code.0));
                        }
                        let (old, mut new): (Vec<&Room>, Vec<&Room>) =
                            rooms.iter().partition(|room| taken.contains(&room.code));
                        if on_conflict == OnConflict::Replace {
                            for room in old {
                                let stored =
                                    room::table.filter(room::code.eq(CodeColumn(room.code)));
                                let changed = diesel::update(stored)
                                    .set(RoomRow::from(room))
                                    .execute(self)?;
                                // It was removed meanwhile.
                                if changed == 0 {
                                    taken.remove(&room.code);
                                    new.push(room);
                                }
                            }
                        }
                        let rows = new.into_iter().map(RoomRow::from).collect();
                        match self.transaction(|connection| connection.insert(rows)) {
                            // A code is taken, perhaps only now.
                            Err(DatabaseError(DatabaseErrorKind::UniqueViolation, _))
                                if attempts < IMPORT_ATTEMPTS =>
                            {
                                looks_first = true;
                                attempts += 1;
                            }
                            outcome => {
                                let taken = taken.into_iter().collect();
                                return Ok(Batch { added: outcome?, taken });
                            }
                        }
                    }
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
