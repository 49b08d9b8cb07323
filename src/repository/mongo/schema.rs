//! What the collection of rooms must have: a validator, and indexes.
//!
//! The migrations have the names of those of the other databases. Which of them the database has is
//! seen by what is there, so nothing has to be written down, and each step may be repeated.

use mongodb::Database;
use mongodb::bson::{Bson, Document, doc};

use super::ROOMS;
use super::client::{Server, Trouble, answer, run};
use super::document::room;
use crate::repository::{Migration, MongoUrl, StorageError};

const CREATE: &str = "2026-11-24-000001_create_room";
const CONSTRAIN: &str = "2026-11-24-000002_constrain_room";
const INDEX: &str = "2026-11-25-000003_index_rooms";

/// The index that keeps a code from being there twice.
const CODE: &str = "code";

/// How many of the documents that are no rooms are named.
const NAMED: usize = 20;

/// How long a command looks for the server.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(2);

/// The rules for documents (MongoDB documentation, "$jsonSchema"). Other fields may stand beside these.
fn validator() -> Document {
    let numbers = ["int", "long", "double"];
    let whole = |least: i32| {
        doc! { "bsonType": &numbers[..], "minimum": least, "maximum": i32::MAX, "multipleOf": 1 }
    };
    let degrees = |most: i32| doc! { "bsonType": &numbers[..], "minimum": -most, "maximum": most };
    let hex = "[0-9a-fA-F]";
    doc! { "$jsonSchema": {
        "bsonType": "object",
        "required": ["code", "size", "price", "longitude", "latitude"],
        "properties": {
            "_id": { "bsonType": "objectId" },
            "code": {
                "bsonType": "string",
                "pattern": format!("^{hex}{{8}}(-{hex}{{4}}){{3}}-{hex}{{12}}$"),
                "maxLength": 36,
            },
            "size": whole(1),
            "price": whole(0),
            "longitude": degrees(180),
            "latitude": degrees(90),
        },
    } }
}

fn code_index() -> Document {
    let collation = doc! { "locale": "en", "strength": 2 };
    doc! { "key": { "code": 1 }, "name": CODE, "unique": true, "collation": collation }
}

/// Each order by price or size has its index, ties by the order of insertion. A box is found by its
/// longitudes, and in each of them by its latitudes.
fn other_indexes() -> [Document; 5] {
    [
        doc! { "key": { "price": 1, "_id": 1 }, "name": "price" },
        doc! { "key": { "price": -1, "_id": 1 }, "name": "price_desc" },
        doc! { "key": { "size": 1, "_id": 1 }, "name": "size" },
        doc! { "key": { "size": -1, "_id": 1 }, "name": "size_desc" },
        doc! { "key": { "longitude": 1, "latitude": 1 }, "name": "place" },
    ]
}

fn names(indexes: &[Document]) -> Vec<&str> {
    indexes.iter().filter_map(|index| index.get_str("name").ok()).collect()
}

/// What is there.
struct State {
    has_collection: bool,
    has_validator: bool,
    indexes: Vec<String>,
}

impl State {
    async fn of(database: &Database) -> Result<Self, Trouble> {
        let mut cursor = answer(database.list_collections().filter(doc! { "name": ROOMS })).await?;
        let mut state = Self { has_collection: false, has_validator: false, indexes: Vec::new() };
        while answer(cursor.advance()).await? {
            let collection = cursor.deserialize_current()?;
            state.has_collection = true;
            state.has_validator =
                collection.options.validator.is_some_and(|rules| !rules.is_empty());
        }
        if state.has_collection {
            let rooms = database.collection::<Document>(ROOMS);
            state.indexes = answer(rooms.list_index_names()).await?;
        }
        Ok(state)
    }

    fn has_index(&self, name: &str) -> bool {
        self.indexes.iter().any(|index| index == name)
    }

    /// All migrations, oldest first, and whether the database has each.
    fn migrations(&self) -> [(&'static str, bool); 3] {
        let is_indexed = names(&other_indexes()).iter().all(|name| self.has_index(name));
        [
            (CREATE, self.has_collection),
            (CONSTRAIN, self.has_validator && self.has_index(CODE)),
            (INDEX, is_indexed),
        ]
    }
}

/// The names of the migrations that the database lacks.
pub async fn pending(database: &Database) -> Result<Vec<String>, Trouble> {
    let migrations = State::of(database).await?.migrations();
    let lacks = migrations.into_iter().filter(|(_, is_applied)| !is_applied);
    Ok(lacks.map(|(name, _)| name.to_owned()).collect())
}

/// What this program knows and what the database has.
pub fn status(url: &MongoUrl) -> Result<Vec<Migration>, StorageError> {
    let state = with(url, async |database| State::of(database).await);
    let state = state.map_err(|trouble| failure(url, "ask", &trouble))?;
    let migration = |(name, applied): (&str, bool)| Migration { name: name.to_owned(), applied };
    Ok(state.migrations().map(migration).into())
}

/// Applies what is missing. Of many who do this at once, several may tell of the same step.
pub fn migrate(url: &MongoUrl) -> Result<Vec<String>, StorageError> {
    let refused = with(url, async |database| {
        let pending = pending(database).await?;
        if pending.iter().any(|name| name == CONSTRAIN) {
            what_is_no_room(database).await
        } else {
            Ok(None)
        }
    });
    let cannot = |trouble: &Trouble| failure(url, "migrate", trouble);
    if let Some(refused) = refused.map_err(|trouble| cannot(&trouble))? {
        return Err(StorageError::new(format!(
            "cannot migrate {url}: {refused}. Nothing was changed"
        )));
    }
    with(url, apply).map_err(|trouble| cannot(&trouble))
}

async fn apply(database: &Database) -> Result<Vec<String>, Trouble> {
    let state = State::of(database).await?;
    let mut done = Vec::new();
    for (name, is_applied) in state.migrations() {
        let is_made = match name {
            _ if is_applied => false,
            CREATE => create(database).await?,
            CONSTRAIN => {
                let rules = doc! { "collMod": ROOMS, "validator": validator() };
                answer(database.run_command(rules)).await?;
                make_indexes(database, &[code_index()]).await?
            }
            _ => make_indexes(database, &other_indexes()).await?,
        };
        if is_made {
            done.push(name.to_owned());
        }
    }
    Ok(done)
}

/// Makes the collection; says whether it did, or another was faster.
async fn create(database: &Database) -> Result<bool, Trouble> {
    const NAMESPACE_EXISTS: i32 = 48;
    match answer(database.create_collection(ROOMS)).await {
        Ok(()) => Ok(true),
        Err(trouble) if trouble.code() == Some(NAMESPACE_EXISTS) => Ok(false),
        Err(trouble) => Err(trouble),
    }
}

/// Makes those that are not there yet; says whether there was one.
async fn make_indexes(database: &Database, indexes: &[Document]) -> Result<bool, Trouble> {
    let command = doc! { "createIndexes": ROOMS, "indexes": indexes };
    let reply = answer(database.run_command(command)).await?;
    let number = |key: &str| match reply.get(key) {
        Some(Bson::Int32(number)) => i64::from(*number),
        Some(Bson::Int64(number)) => *number,
        _ => 0,
    };
    Ok(number("numIndexesAfter") > number("numIndexesBefore"))
}

/// Names the documents that the rules would refuse, if there are any.
async fn what_is_no_room(database: &Database) -> Result<Option<String>, Trouble> {
    let rooms = database.collection::<Document>(ROOMS);
    let refused = doc! { "$nor": [validator()] };
    let mut number = answer(rooms.count_documents(refused.clone())).await?;
    let mut named = Vec::new();
    let ask =
        rooms.find(refused).sort(doc! { "_id": 1 }).limit(NAMED.try_into().unwrap_or(i64::MAX));
    let mut cursor = answer(ask).await?;
    while answer(cursor.advance()).await? {
        let document = cursor.deserialize_current()?;
        named.push(match room(&document) {
            Err(error) => error.to_string(),
            Ok(_) => format!(
                "_id {}: that is not an ObjectId",
                document.get("_id").unwrap_or(&Bson::Null)
            ),
        });
    }
    let twice = [
        doc! { "$match": { "code": { "$type": "string" } } },
        doc! { "$group": { "_id": { "$toLower": "$code" }, "rooms": { "$sum": 1 } } },
        doc! { "$match": { "rooms": { "$gt": 1 } } },
        doc! { "$sort": { "_id": 1 } },
    ];
    let mut cursor = answer(rooms.aggregate(twice)).await?;
    while answer(cursor.advance()).await? {
        let code = cursor.deserialize_current()?;
        number += 1;
        if named.len() < NAMED {
            let code = code.get_str("_id").unwrap_or_default();
            named.push(format!("code {code:?} is there more than once"));
        }
    }
    let more = usize::try_from(number).unwrap_or(usize::MAX) - named.len();
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    Ok((number > 0).then(|| {
        format!(
            "{number} of the documents in the collection {ROOMS} are not rooms; correct or delete \
             them: {}{more}",
            named.join("; ")
        )
    }))
}

/// Takes back the newest. Rooms stay as they are.
pub fn revert(url: &MongoUrl) -> Result<Option<String>, StorageError> {
    let reverted = with(url, async |database| {
        let state = State::of(database).await?;
        let newest = state.migrations().into_iter().rfind(|(_, is_applied)| *is_applied);
        let Some((name, _)) = newest else { return Ok(Ok(None)) };
        match name {
            CREATE => {
                if let Some(number) = drop_empty(database).await? {
                    return Ok(Err(number));
                }
            }
            CONSTRAIN => {
                set_validator(database, doc! {}).await?;
                drop_indexes(database, &state, &[CODE]).await?;
            }
            _ => drop_indexes(database, &state, &names(&other_indexes())).await?,
        }
        Ok(Ok(Some(name.to_owned())))
    });
    reverted.map_err(|trouble| failure(url, "revert", &trouble))?.map_err(|number| {
        StorageError::new(format!(
            "cannot revert {url}: the collection {ROOMS} holds {number} rooms: delete them first. \
             Nothing was changed"
        ))
    })
}

async fn set_validator(database: &Database, rules: Document) -> Result<(), Trouble> {
    let command = doc! { "collMod": ROOMS, "validator": rules };
    answer(database.run_command(command)).await.map(drop)
}

async fn drop_indexes(database: &Database, state: &State, indexes: &[&str]) -> Result<(), Trouble> {
    let rooms = database.collection::<Document>(ROOMS);
    for name in indexes.iter().filter(|name| state.has_index(name)) {
        answer(rooms.drop_index(*name)).await?;
    }
    Ok(())
}

/// Drops the collection if it is empty, else says how many documents there are. So that none gets in
/// between the two, meanwhile it takes none.
async fn drop_empty(database: &Database) -> Result<Option<u64>, Trouble> {
    let rooms = database.collection::<Document>(ROOMS);
    set_validator(database, doc! { "_id": { "$exists": false } }).await?;
    let number = answer(rooms.count_documents(doc! {})).await;
    match number {
        Ok(0) => answer(rooms.drop()).await.map(|()| None),
        outcome => {
            set_validator(database, doc! {}).await?;
            outcome.map(Some)
        }
    }
}

/// Asks a database, over connections of its own.
pub fn with<T>(
    url: &MongoUrl,
    work: impl AsyncFnOnce(&Database) -> Result<T, Trouble>,
) -> Result<T, Trouble> {
    let server = Server::new(url, 1, PATIENCE);
    run(async { work(&server.database()?).await })
}

/// Why a command did not succeed, in one line without a password.
pub fn failure(url: &MongoUrl, what: &str, trouble: &Trouble) -> StorageError {
    let is_passing = trouble.is_away();
    let reason = crate::logging::one_line(trouble);
    let message = if is_passing {
        format!("cannot connect to {url}: {reason}. Is the server up?")
    } else {
        format!("cannot {what} {url}: {reason}")
    };
    StorageError { is_passing, ..StorageError::new(message) }
}
