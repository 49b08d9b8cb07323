//! The column of a room's code: `uuid` in PostgreSQL, and text in SQLite, which has no such type.

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::query_builder::QueryId;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{self, SqlType, Text};
use diesel::sqlite::Sqlite;

use crate::entities::RoomCode;

/// The SQL type, with the name that it has in PostgreSQL's schema.
#[derive(SqlType, QueryId)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951), sqlite_type(name = "Text"))]
pub struct Uuid;

/// A value of the column.
#[derive(Debug, Clone, Copy, AsExpression, FromSqlRow)]
#[diesel(sql_type = Uuid)]
pub struct CodeColumn(pub RoomCode);

impl ToSql<Uuid, Pg> for CodeColumn {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<sql_types::Uuid, Pg>::to_sql(&self.0.as_uuid(), &mut out.reborrow())
    }
}

impl FromSql<Uuid, Pg> for CodeColumn {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let uuid: uuid::Uuid = FromSql::<sql_types::Uuid, Pg>::from_sql(value)?;
        Ok(Self(uuid.into()))
    }
}

impl ToSql<Uuid, Sqlite> for CodeColumn {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.to_string());
        Ok(IsNull::No)
    }
}

impl FromSql<Uuid, Sqlite> for CodeColumn {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let text: String = FromSql::<Text, Sqlite>::from_sql(value)?;
        Ok(Self(text.parse()?))
    }
}
