//! What `rentomatic doctor` checks on MongoDB.

use mongodb::bson::doc;

use super::client::bounded;
use super::schema::{self, with_database};
use super::transaction::has_transactions;
use crate::repository::url::MongoUrl;
use crate::repository::{Finding, StorageError};

/// Checks the server for unsafe configuration.
pub fn examine(url: &MongoUrl) -> Result<Vec<Finding>, StorageError> {
    let (server, status) = with_database(url, "examine", async |database| {
        let server = bounded(database.run_command(doc! { "hello": 1 })).await?;
        let status = bounded(database.run_command(doc! { "connectionStatus": 1 })).await?;
        Ok((server, status))
    })?;
    let users =
        status.get_document("authInfo").and_then(|auth| auth.get_array("authenticatedUsers"));
    Ok(vec![
        Finding::of(
            has_transactions(&server),
            "the server supports transactions",
            "the server is standalone and has no transactions, so files cannot be imported and sample \
             rooms cannot be added: start it with --replSet, and run rs.initiate() once",
        ),
        Finding::of(
            users.is_ok_and(|users| !users.is_empty()),
            "the server requires a log-in",
            "anyone who reaches the server can change everything: start it with --auth, and name a user \
             in database.url",
        ),
        Finding::of(
            url.is_private(),
            "the connection to the server is encrypted or local",
            "the connection to the server is not encrypted: add ?tls=true to database.url",
        ),
        Finding::of_schema(&schema::status(url)?),
    ])
}
