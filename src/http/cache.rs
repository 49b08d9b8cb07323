//! Answers that are kept, each for one state of the repository and one address.
//!
//! What is kept is found by the version that it belongs to, and whoever looks for it knows the
//! repository's version ([`Versions`](super::versions::Versions)), so it is no older than that. Nothing has
//! to be removed when rooms change. Those who want the same answer while it is being made
//! wait for it and share it.

use std::sync::Arc;

use actix_web::HttpResponseBuilder;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::http::uri::PathAndQuery;
use actix_web::web::Bytes;
use prometheus_client::metrics::counter::Counter;
use quick_cache::Weighter;
use quick_cache::sync::Cache as Kept;

use super::limits::MIB;
use super::problem::Problem;

/// What an answer takes beside its bytes, about.
const OVERHEAD: usize = 512;

/// About how many answers there are. So few are kept in four parts or less, and an answer has to fit
/// into one.
const ABOUT: usize = 128;

/// Answers that are kept.
pub struct Cache {
    kept: Kept<Key, Entry, Weight>,
    /// Answers that were there, and were given.
    pub hits: Counter,
    /// Answers that had to be made.
    pub misses: Counter,
}

/// What an answer is found by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// The tag of the answer: the repository's version, the form, and who looks at it.
    pub tag: String,
    /// What is asked for, if it has a path at all.
    pub place: Option<PathAndQuery>,
}

/// The part of an answer that depends on the rooms.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What the head says of the rooms.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    /// Puts the headers into an answer's head.
    pub fn describe(&self, answer: &mut HttpResponseBuilder) {
        for (name, value) in &self.headers {
            answer.insert_header((name.clone(), value.clone()));
        }
    }
}

/// An answer that was made.
pub enum Made<T> {
    /// One that others may have too, and whether it belongs to the version that was asked for.
    Whole(Answer, bool),
    /// One that each has to make for himself.
    Own(T),
}

/// `None` of what each has to make for himself.
type Entry = Option<Arc<Answer>>;

#[derive(Clone)]
struct Weight;

impl Weighter<Key, Entry> for Weight {
    fn weight(&self, key: &Key, entry: &Entry) -> u64 {
        let place = key.place.as_ref().map_or(0, |place| place.as_str().len());
        let body = entry.as_ref().map_or(0, |answer| answer.body.len());
        (OVERHEAD + key.tag.len() + place + body) as u64
    }
}

impl Cache {
    /// A cache of at most so many mebibytes. With none, an answer is shared by those who wait for it, and
    /// then forgotten.
    pub fn new(max_mib: u16) -> Self {
        let kept = Kept::with_weighter(ABOUT, u64::from(max_mib) * MIB as u64, Weight);
        Self { kept, hits: Counter::default(), misses: Counter::default() }
    }

    /// How many bytes are kept, about.
    pub fn bytes(&self) -> u64 {
        self.kept.weight()
    }

    /// The answer with this key, if it is there. Whoever gives it counts it.
    pub fn get(&self, key: &Key) -> Option<Arc<Answer>> {
        self.kept.get(key).flatten()
    }

    /// The answer with this key: one that is there, or one that `make` makes.
    pub async fn answer<T>(
        &self,
        key: &Key,
        make: impl AsyncFnOnce() -> Result<Made<T>, Problem>,
    ) -> Result<Result<Arc<Answer>, T>, Problem> {
        let guard = match self.kept.get_value_or_guard_async(key).await {
            Ok(Some(answer)) => {
                self.hits.inc();
                return Ok(Ok(answer));
            }
            Ok(None) => None,
            Err(guard) => Some(guard),
        };
        self.misses.inc();
        Ok(match make().await? {
            Made::Whole(answer, is_of_version) => {
                let answer = Arc::new(answer);
                // Those who wait have asked for a version that was current when this was made, or before.
                if let Some(guard) = guard
                    && guard.insert(Some(Arc::clone(&answer))).is_ok()
                    && !is_of_version
                {
                    self.kept.remove(key);
                }
                Ok(answer)
            }
            Made::Own(answer) => {
                if let Some(guard) = guard {
                    // Removed meanwhile, perhaps; then the next one finds out by himself.
                    let _ = guard.insert(None);
                }
                Err(answer)
            }
        })
    }
}
