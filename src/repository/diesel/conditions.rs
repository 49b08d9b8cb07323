//! Conditions and orders as SQL, written once for both databases.

use diesel::expression::BoxableExpression;
use diesel::expression::expression_types::NotSelectable;
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Double, Integer, Text};
use diesel::sqlite::{Sqlite, SqliteConnection};

use super::any_column::AnyColumn;
use super::database::{Database, RoomCondition};
use super::schema::room;
use super::uuid_column::{CodeColumn, Uuid};
use crate::entities::{Field, Kind, Place, Value};
use crate::repository::segments::Condition;
use crate::use_cases::{BoundingBox, Comparison, Filter, SortBy, SortKey};

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

/// Conditions and orders, for one database.
pub trait Conditions: Database {
    /// The condition, for rooms whose distance is from `centre`.
    fn condition(condition: &Condition, centre: Option<Place>) -> RoomCondition<Self::Backend>;

    /// The condition that ends a query after its time, for one that may read rows that it does not return.
    fn ends_in_time(conditions: &[Condition]) -> Option<RoomCondition<Self::Backend>>;

    /// The condition for each part of a box that crosses the antimeridian.
    fn in_either(
        bounds: BoundingBox,
        in_part: fn(BoundingBox) -> RoomCondition<Self::Backend>,
    ) -> RoomCondition<Self::Backend>;

    /// The order of a sort key.
    fn ordering(key: SortKey, centre: Option<Place>) -> RoomOrder<Self::Backend>;
}

/// An order of rooms, for one database.
pub type RoomOrder<DB> = Box<dyn BoxableExpression<room::table, DB, SqlType = NotSelectable>>;

/// Whether the condition only says where in its order a list begins.
pub fn is_of_order(condition: &Condition) -> bool {
    matches!(
        condition,
        Condition::HasField(_)
            | Condition::Equal(..)
            | Condition::After(..)
            | Condition::InsertedAfter(_)
    )
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

macro_rules! conditions {
    ($Connection:ident, $Backend:ident) => {
        // A scope of its own for the functions of this connection type.
        const _: () = {
            type Boxed<T> = Box<dyn BoxableExpression<room::table, $Backend, SqlType = T>>;

            impl Conditions for $Connection {
                fn condition(condition: &Condition, centre: Option<Place>) -> Boxed<Bool> {
                    match condition {
                        Condition::Filter(Filter::Compared(field, comparison, value)) => {
                            field_condition(field, *comparison, value)
                        }
                        Condition::Filter(Filter::Text(field, comparison, wanted)) => {
                            Self::text_condition(AnyColumn::of(field), *comparison, wanted)
                        }
                        Condition::Filter(Filter::CodeIn(codes)) => {
                            let codes: Vec<_> = codes.iter().copied().map(CodeColumn).collect();
                            Box::new(room::code.eq_any(codes))
                        }
                        Condition::Filter(Filter::Within(bounds)) => {
                            Self::in_either(*bounds, Self::in_box)
                        }
                        Condition::InBoxByIndex(bounds) => {
                            Self::in_either(*bounds, Self::in_box_by_index)
                        }
                        Condition::InCircle(circle) => {
                            Box::new(distance!(circle.centre).le(circle.radius))
                        }
                        Condition::HasField(field) => has_field(field),
                        Condition::Equal(by, value) => compares(*by, Comparison::Eq, value, centre),
                        Condition::After(key, value) => {
                            let after =
                                if key.descending { Comparison::Lt } else { Comparison::Gt };
                            compares(key.by, after, value, centre)
                        }
                        Condition::InsertedAfter(sequence) => {
                            // A number that is too large for an `id` comes after every room.
                            Box::new(room::id.gt(i32::try_from(*sequence).unwrap_or(i32::MAX)))
                        }
                    }
                }

                fn ends_in_time(conditions: &[Condition]) -> Option<Boxed<Bool>> {
                    let is_filtered = !conditions.iter().all(is_of_order);
                    is_filtered.then(Self::in_time).flatten()
                }

                fn in_either(
                    bounds: BoundingBox,
                    in_part: fn(BoundingBox) -> Boxed<Bool>,
                ) -> Boxed<Bool> {
                    match bounds.parts() {
                        (one, None) => in_part(one),
                        (one, Some(other)) => Box::new(in_part(one).or(in_part(other))),
                    }
                }

                fn ordering(key: SortKey, centre: Option<Place>) -> Boxed<NotSelectable> {
                    match (key.by, centre) {
                        // An order does not depend on the type of the column.
                        (SortBy::Field(field), _) => {
                            ordered!(AnyColumn::<Text>::of(field), key.descending)
                        }
                        (SortBy::Distance, Some(centre)) => {
                            ordered!(distance!(centre), key.descending)
                        }
                        (SortBy::Distance, None) => Box::new(room::id.asc()),
                    }
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
        };
    };
}

conditions!(PgConnection, Pg);
conditions!(SqliteConnection, Sqlite);

pub(super) use distance;
