//! Texts by their spellings.

use diesel::expression::{
    AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate,
};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{Bool, Text};

use crate::repository::diesel::any_column::AnyColumn;
use crate::repository::diesel::schema::room;
use crate::repository::spellings::Spellings;

/// Whether the text in a column has one of these spellings.
///
/// Written here, because Diesel's own functions walk their arguments several times, so that the time to write one
/// inside another doubles with each.
pub struct IsSpelled {
    pub column: AnyColumn<Text>,
    pub spellings: Spellings,
}

impl Expression for IsSpelled {
    type SqlType = Bool;
}

impl AppearsOnTable<room::table> for IsSpelled {}

impl SelectableExpression<room::table> for IsSpelled {}

impl ValidGrouping<()> for IsSpelled {
    type IsAggregate = is_aggregate::No;
}

/// The SQL depends on the text, so Diesel must cache prepared statements by their text.
impl QueryId for IsSpelled {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<Pg> for IsSpelled {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let Spellings { replaced, pattern } = &self.spellings;
        for _ in replaced {
            out.push_sql("replace(");
        }
        self.column.walk_ast(out.reborrow())?;
        for (character, parts) in replaced {
            out.push_sql(", ");
            out.push_bind_param::<Text, _>(character)?;
            out.push_sql(", ");
            out.push_bind_param::<Text, _>(parts)?;
            out.push_sql(")");
        }
        // PostgreSQL documentation, "POSIX Regular Expressions".
        out.push_sql(" ~ ");
        out.push_bind_param::<Text, _>(pattern)
    }
}
