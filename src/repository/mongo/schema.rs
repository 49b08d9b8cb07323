//! The migrations of the collections.
//!
//! They have the names of those of the other databases. The collections themselves show which of them are
//! applied, so nothing is recorded, and each step can be repeated.

use std::time::Duration;

use mongodb::Database;
use mongodb::bson::{Bson, Document, doc};

use super::client::{MongoClient, ROOMS, SESSIONS, bounded, run};
use super::document::{invalid, room};
use super::error::MongoError;
use super::rules::{self, CODE, code_index, names, other_indexes, validator};
use crate::logging::one_line;
use crate::repository::url::MongoUrl;
use crate::repository::{Migration, StorageError};

const CREATE: &str = "2026-11-24-000001_create_room";
const CONSTRAIN: &str = "2026-11-24-000002_constrain_room";
const INDEX: &str = "2026-11-25-000003_index_rooms";
const SESSION: &str = "2026-11-27-000004_create_session";

/// The number of invalid documents that are reported one by one.
const MAX_REPORTED: usize = 20;

/// How long a command looks for the server.
const SELECTION_TIMEOUT: Duration = Duration::from_secs(2);

/// The state of the collections.
struct Schema {
    has_collection: bool,
    has_sessions: bool,
    has_validator: bool,
    indexes: Vec<String>,
}

impl Schema {
    async fn of(database: &Database) -> Result<Self, MongoError> {
        let names = doc! { "name": { "$in": [ROOMS, SESSIONS] } };
        let mut cursor = bounded(database.list_collections().filter(names)).await?;
        let mut schema = Self {
            has_collection: false,
            has_sessions: false,
            has_validator: false,
            indexes: Vec::new(),
        };
        while bounded(cursor.advance()).await? {
            let collection = cursor.deserialize_current()?;
            if collection.name == SESSIONS {
                schema.has_sessions = true;
                continue;
            }
            schema.has_collection = true;
            schema.has_validator =
                collection.options.validator.is_some_and(|rules| rules::is_complete(&rules));
        }
        if schema.has_collection {
            let rooms = database.collection::<Document>(ROOMS);
            schema.indexes = bounded(rooms.list_index_names()).await?;
        }
        Ok(schema)
    }

    fn has_index(&self, name: &str) -> bool {
        self.indexes.iter().any(|index| index == name)
    }

    /// All migrations, oldest first, and whether each is applied.
    fn migrations(&self) -> [(&'static str, bool); 4] {
        let is_indexed = names(&other_indexes()).iter().all(|name| self.has_index(name));
        [
            (CREATE, self.has_collection),
            (CONSTRAIN, self.has_validator && self.has_index(CODE)),
            (INDEX, is_indexed),
            (SESSION, self.has_sessions),
        ]
    }
}

/// The names of the missing migrations.
pub async fn pending(database: &Database) -> Result<Vec<String>, MongoError> {
    let migrations = Schema::of(database).await?.migrations();
    let missing = migrations.into_iter().filter(|(_, is_applied)| !is_applied);
    Ok(missing.map(|(name, _)| name.to_owned()).collect())
}

/// All migrations, and whether each is applied.
pub fn status(url: &MongoUrl) -> Result<Vec<Migration>, StorageError> {
    let schema = with_database(url, "read the schema of", Schema::of)?;
    let migration = |(name, applied): (&str, bool)| Migration { name: name.to_owned(), applied };
    Ok(schema.migrations().map(migration).into())
}

/// Applies the missing migrations. If several processes do this at once, several may report the same one.
pub fn migrate(url: &MongoUrl) -> Result<Vec<String>, StorageError> {
    with_database(url, "migrate", async |database| {
        if pending(database).await?.iter().any(|name| name == CONSTRAIN) {
            check_documents(database).await?;
        }
        apply(database).await
    })
}

async fn apply(database: &Database) -> Result<Vec<String>, MongoError> {
    let schema = Schema::of(database).await?;
    let mut applied = Vec::new();
    for (name, is_applied) in schema.migrations() {
        let is_new = match name {
            _ if is_applied => false,
            CREATE => create(database, ROOMS).await?,
            SESSION => create(database, SESSIONS).await?,
            CONSTRAIN => {
                set_validator(database, validator()).await?;
                create_indexes(database, &[code_index()]).await? || !schema.has_validator
            }
            _ => create_indexes(database, &other_indexes()).await?,
        };
        if is_new {
            applied.push(name.to_owned());
        }
    }
    Ok(applied)
}

/// Creates a collection. Returns whether it did, or another process was faster.
async fn create(database: &Database, name: &str) -> Result<bool, MongoError> {
    const NAMESPACE_EXISTS: i32 = 48;
    match bounded(database.create_collection(name)).await {
        Ok(()) => Ok(true),
        Err(error) if error.code() == Some(NAMESPACE_EXISTS) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Creates the missing indexes. Returns whether there were any.
async fn create_indexes(database: &Database, indexes: &[Document]) -> Result<bool, MongoError> {
    let command = doc! { "createIndexes": ROOMS, "indexes": indexes };
    let reply = bounded(database.run_command(command)).await?;
    let number = |key: &str| match reply.get(key) {
        Some(Bson::Int32(number)) => i64::from(*number),
        Some(Bson::Int64(number)) => *number,
        _ => 0,
    };
    Ok(number("numIndexesAfter") > number("numIndexesBefore"))
}

/// Fails with the documents that the validator would refuse, if there are any.
async fn check_documents(database: &Database) -> Result<(), MongoError> {
    let rooms = database.collection::<Document>(ROOMS);
    let refused = doc! { "$nor": [validator()] };
    let mut number = bounded(rooms.count_documents(refused.clone())).await?;
    let mut reasons = Vec::new();
    let find = rooms
        .find(refused)
        .sort(doc! { "_id": 1 })
        .limit(MAX_REPORTED.try_into().unwrap_or(i64::MAX));
    let mut cursor = bounded(find).await?;
    while bounded(cursor.advance()).await? {
        let document = cursor.deserialize_current()?;
        reasons.push(match room(&document) {
            Err(error) => error.to_string(),
            Ok(_) => invalid(&document, "that is not an ObjectId").to_string(),
        });
    }
    let repeated = [
        doc! { "$match": { "code": { "$type": "string" } } },
        doc! { "$group": { "_id": { "$toLower": "$code" }, "rooms": { "$sum": 1 } } },
        doc! { "$match": { "rooms": { "$gt": 1 } } },
        doc! { "$sort": { "_id": 1 } },
    ];
    let mut cursor = bounded(rooms.aggregate(repeated)).await?;
    while bounded(cursor.advance()).await? {
        let code = cursor.deserialize_current()?;
        number += 1;
        if reasons.len() < MAX_REPORTED {
            let code = code.get_str("_id").unwrap_or_default();
            reasons.push(format!("code {code:?} is there more than once"));
        }
    }
    if number == 0 {
        return Ok(());
    }
    let more = usize::try_from(number).unwrap_or(usize::MAX) - reasons.len();
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    Err(MongoError::Other(format!(
        "{number} of the documents in the collection {ROOMS} are not rooms; correct or delete them: \
         {}{more}. Nothing was changed",
        reasons.join("; ")
    )))
}

/// Reverts the newest migration. Rooms are not changed.
pub fn revert(url: &MongoUrl) -> Result<Option<String>, StorageError> {
    with_database(url, "revert", async |database| {
        let schema = Schema::of(database).await?;
        let newest = schema.migrations().into_iter().rfind(|(_, is_applied)| *is_applied);
        let Some((name, _)) = newest else { return Ok(None) };
        match name {
            CREATE => drop_empty(database).await?,
            SESSION => bounded(database.collection::<Document>(SESSIONS).drop()).await?,
            CONSTRAIN => {
                set_validator(database, doc! {}).await?;
                drop_indexes(database, &schema, &[CODE]).await?;
            }
            _ => drop_indexes(database, &schema, &names(&other_indexes())).await?,
        }
        Ok(Some(name.to_owned()))
    })
}

async fn set_validator(database: &Database, rules: Document) -> Result<(), MongoError> {
    let command = doc! { "collMod": ROOMS, "validator": rules };
    bounded(database.run_command(command)).await.map(drop)
}

async fn drop_indexes(
    database: &Database,
    schema: &Schema,
    indexes: &[&str],
) -> Result<(), MongoError> {
    let rooms = database.collection::<Document>(ROOMS);
    for name in indexes.iter().filter(|name| schema.has_index(name)) {
        bounded(rooms.drop_index(*name)).await?;
    }
    Ok(())
}

/// Drops the collection, unless it has documents. A validator keeps others from adding one in between.
async fn drop_empty(database: &Database) -> Result<(), MongoError> {
    let rooms = database.collection::<Document>(ROOMS);
    set_validator(database, doc! { "_id": { "$exists": false } }).await?;
    let number = bounded(rooms.count_documents(doc! {})).await;
    if let Ok(0) = number {
        return bounded(rooms.drop()).await;
    }
    set_validator(database, doc! {}).await?;
    Err(MongoError::Other(format!(
        "the collection {ROOMS} holds {} rooms: delete them first. Nothing was changed",
        number?
    )))
}

/// Runs `work` on a database, with a connection of its own. `action` is for the error: one line without
/// the password.
pub fn with_database<T>(
    url: &MongoUrl,
    action: &str,
    work: impl AsyncFnOnce(&Database) -> Result<T, MongoError>,
) -> Result<T, StorageError> {
    let client = MongoClient::new(url, 1, SELECTION_TIMEOUT);
    run(async { work(&client.database()?).await }).map_err(|error: MongoError| {
        let reason = one_line(&error);
        let is_unreachable = error.is_unreachable();
        let message = if is_unreachable {
            format!("cannot connect to {url}: {reason}. Check that the server is running")
        } else {
            format!("cannot {action} {url}: {reason}")
        };
        StorageError::new(message, is_unreachable)
    })
}
