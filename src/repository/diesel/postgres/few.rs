//! The rooms among few candidates, in one statement.

use diesel::expression::is_aggregate;
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Bool, Double, Integer, Nullable};

use crate::repository::diesel::database::MOST_CANDIDATES;
use crate::repository::diesel::row::{ListedRow, RoomRow};
use crate::repository::diesel::schema::room;

/// Finds the candidates, and if they are few, the rooms among them. So one statement both learns whether they
/// are few, and reads the rooms; and its plan does not depend on its values, so that it is planned only once.
///
/// In `rooms`, the name of the table stands for the candidates. [`AreFew`] has to be one of its conditions.
#[derive(Debug, Clone, Copy, QueryId)]
pub struct RoomsOfFew<C, R> {
    /// The query of the candidates, which returns one more if there are many.
    pub candidates: C,
    /// The query of the rooms.
    pub rooms: R,
}

/// A room, unless there is none, and the number of candidates.
type Row = (Option<RoomRow>, Option<i32>, Option<f64>, i64);

impl<C, R> RoomsOfFew<C, R>
where
    C: QueryFragment<Pg> + QueryId,
    R: QueryFragment<Pg> + QueryId,
{
    /// The rooms, or `None` if there are many candidates.
    pub fn load(self, connection: &mut PgConnection) -> QueryResult<Option<Vec<ListedRow>>> {
        let rows: Vec<Row> = RunQueryDsl::load(self, connection)?;
        let are_few = rows.iter().all(|(.., found)| *found <= MOST_CANDIDATES);
        let listed = |(room, id, distance, _): Row| Some((room?, id?, distance));
        Ok(are_few.then(|| rows.into_iter().filter_map(listed).collect()))
    }
}

impl<C, R> Query for RoomsOfFew<C, R> {
    type SqlType = (
        Nullable<<<RoomRow as Selectable<Pg>>::SelectExpression as Expression>::SqlType>,
        Nullable<Integer>,
        Nullable<Double>,
        BigInt,
    );
}

impl<C, R> RunQueryDsl<PgConnection> for RoomsOfFew<C, R> {}

impl<C: QueryFragment<Pg>, R: QueryFragment<Pg>> QueryFragment<Pg> for RoomsOfFew<C, R> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH room AS MATERIALIZED (");
        self.candidates.walk_ast(out.reborrow())?;
        out.push_sql(
            ") SELECT listed.*, candidates.found FROM (SELECT count(*) AS found FROM room) AS candidates \
             LEFT JOIN LATERAL (",
        );
        self.rooms.walk_ast(out.reborrow())?;
        out.push_sql(") AS listed ON TRUE");
        Ok(())
    }
}

/// Whether the candidates are few.
#[derive(Debug, Clone, Copy, QueryId)]
pub struct AreFew;

impl Expression for AreFew {
    type SqlType = Bool;
}

impl AppearsOnTable<room::table> for AreFew {}

impl SelectableExpression<room::table> for AreFew {}

impl diesel::expression::ValidGrouping<()> for AreFew {
    type IsAggregate = is_aggregate::No;
}

impl QueryFragment<Pg> for AreFew {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("candidates.found <= ");
        out.push_bind_param::<BigInt, _>(&MOST_CANDIDATES)
    }
}
