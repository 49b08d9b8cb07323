//! A column that is chosen at run time.

use std::marker::PhantomData;

use diesel::backend::Backend;
use diesel::expression::{
    AppearsOnTable, Expression, SelectableExpression, TypedExpressionType, ValidGrouping,
    is_aggregate,
};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;

use super::schema::room;
use crate::entities::Field;

/// The column of a field, with the SQL type `ST` of the field's kind. A text that is absent counts as an
/// empty one, as in [`Field::sort_value`].
///
/// Diesel's own columns are types, so each use would need one match arm per field. The price is that the
/// compiler no longer checks that the column exists; the test below does.
#[derive(Debug, Clone, Copy)]
pub struct AnyColumn<ST> {
    name: &'static str,
    is_optional: bool,
    sql_type: PhantomData<ST>,
}

impl<ST> AnyColumn<ST> {
    /// The column of this field.
    pub fn of(field: &Field) -> Self {
        Self { name: field.name, is_optional: field.is_optional, sql_type: PhantomData }
    }
}

impl<ST: TypedExpressionType> Expression for AnyColumn<ST> {
    type SqlType = ST;
}

impl<ST> AppearsOnTable<room::table> for AnyColumn<ST> where Self: Expression {}

impl<ST> SelectableExpression<room::table> for AnyColumn<ST> where Self: AppearsOnTable<room::table> {}

impl<ST> ValidGrouping<()> for AnyColumn<ST> {
    type IsAggregate = is_aggregate::No;
}

/// The type does not determine the SQL, so Diesel must cache prepared statements by their text.
impl<ST> QueryId for AnyColumn<ST> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<ST, DB: Backend> QueryFragment<DB> for AnyColumn<ST> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if self.is_optional {
            out.push_sql("coalesce(");
        }
        out.push_identifier("room")?;
        out.push_sql(".");
        out.push_identifier(self.name)?;
        if self.is_optional {
            out.push_sql(", '')");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use diesel::prelude::*;
    use diesel::sql_types::Integer;
    use diesel::sqlite::Sqlite;

    use super::*;
    use crate::entities::FIELDS;

    #[test]
    fn every_field_has_a_column_and_every_column_except_the_id_a_field() {
        let query = room::table.select(room::all_columns);
        let sql = diesel::debug_query::<Sqlite, _>(&query).to_string();
        let selected = sql.split(" FROM ").next().unwrap().split("`room`.`").skip(1);
        let columns: BTreeSet<_> = selected.map(|rest| rest.split('`').next().unwrap()).collect();
        let fields = FIELDS.iter().map(|field| field.name);
        assert_eq!(columns, fields.chain(["id"]).collect(), "{sql}");
    }

    #[test]
    fn it_writes_what_diesel_s_own_column_writes_and_an_absent_text_as_an_empty_one() {
        let sql = |column: AnyColumn<Integer>| {
            let query = room::table.count().filter(column.gt(1));
            diesel::debug_query::<Sqlite, _>(&query).to_string()
        };
        let own = room::table.count().filter(room::price.gt(1));
        let price = AnyColumn::of(Field::named("price").unwrap());
        assert_eq!(sql(price), diesel::debug_query::<Sqlite, _>(&own).to_string());
        let note = AnyColumn { name: "note", is_optional: true, ..price };
        assert!(sql(note).contains("coalesce(`room`.`note`, '') > "), "{}", sql(note));
    }
}
