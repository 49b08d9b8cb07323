//! What `rentomatic doctor` looks at.

use mongodb::bson::doc;

use super::client::answer;
use super::schema::{failure, with};
use super::transaction::has_transactions;
use crate::repository::{Finding, MongoUrl, StorageError};

/// Looks for what is unwise.
pub fn examine(url: &MongoUrl) -> Result<Vec<Finding>, StorageError> {
    let asked = with(url, async |database| {
        let server = answer(database.run_command(doc! { "hello": 1 })).await?;
        let status = answer(database.run_command(doc! { "connectionStatus": 1 })).await?;
        Ok((server, status))
    });
    let (server, status) = asked.map_err(|trouble| failure(url, "examine", &trouble))?;
    let users =
        status.get_document("authInfo").and_then(|auth| auth.get_array("authenticatedUsers"));
    Ok(vec![
        Finding::of(
            has_transactions(&server),
            "the server has transactions",
            "the server is alone and has no transactions, so that files cannot be imported nor sample \
             rooms put in: start it with --replSet, and run rs.initiate() once",
        ),
        Finding::of(
            users.is_ok_and(|users| !users.is_empty()),
            "one has to log in at the server",
            "whoever reaches the server may change everything: start it with --auth, and name a user in \
             database.url",
        ),
        Finding::of(
            url.is_private(),
            "nobody can listen on the way to the server",
            "what is sent to the server can be read on the way: add ?tls=true to database.url",
        ),
    ])
}
