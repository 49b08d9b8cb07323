//! Cached responses, keyed by repository version and URL.
//!
//! The version is part of the key, and a reader learns the current version before it looks
//! ([`Versions`](super::versions::Versions)). So a change needs no invalidation: it makes a new version,
//! under which nothing is cached yet. Concurrent requests for the same response share one read (single
//! flight).

use std::sync::Arc;

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::http::uri::PathAndQuery;
use actix_web::web::Bytes;
use prometheus_client::metrics::counter::Counter;
use quick_cache::Weighter;
use quick_cache::sync::Cache as QuickCache;

use crate::http::limits::MIB;
use crate::http::problem::Problem;

/// About the number of bytes that an entry needs in addition to its body.
const ENTRY_OVERHEAD: usize = 512;

/// About the number of entries. With so few, the cache has at most four shards; an entry must fit into
/// one.
const EXPECTED_ENTRIES: usize = 128;

pub struct Cache {
    entries: QuickCache<CacheKey, Entry, Weight>,
    /// Requests that found their response, or waited for one that was being produced.
    pub hits: Counter,
    /// Requests whose response had to be produced.
    pub misses: Counter,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CacheKey {
    /// The response's entity tag: the repository's version, the format, and the kind of viewer.
    pub tag: String,
    pub url: PathAndQuery,
}

/// The part of a response that depends on the rooms.
#[derive(Debug, Clone)]
pub struct CachedResponse {
    pub headers: Vec<(HeaderName, HeaderValue)>,
    pub body: Bytes,
}

/// A response that was produced on a cache miss.
pub enum Produced<T> {
    /// One that other requests can share.
    Cacheable {
        response: CachedResponse,
        /// Whether it belongs to the version in the key; otherwise it is newer.
        is_current: bool,
    },
    /// Too long to share: every request streams its own.
    TooLong(T),
}

/// `None` for a response that is too long to share.
type Entry = Option<Arc<CachedResponse>>;

#[derive(Clone)]
struct Weight;

impl Weighter<CacheKey, Entry> for Weight {
    fn weight(&self, key: &CacheKey, entry: &Entry) -> u64 {
        let body = entry.as_ref().map_or(0, |response| response.body.len());
        (ENTRY_OVERHEAD + key.tag.len() + key.url.as_str().len() + body) as u64
    }
}

impl Cache {
    /// A cache of at most `max_mib` mebibytes. With 0, a response is shared by the requests that wait
    /// for it, and not stored.
    pub fn new(max_mib: u16) -> Self {
        let capacity = u64::from(max_mib) * MIB as u64;
        let entries = QuickCache::with_weighter(EXPECTED_ENTRIES, capacity, Weight);
        Self { entries, hits: Counter::default(), misses: Counter::default() }
    }

    /// About the number of bytes in the cache.
    pub fn bytes(&self) -> u64 {
        self.entries.weight()
    }

    /// The response with this key, if it is cached. The caller counts the hit.
    pub fn get(&self, key: &CacheKey) -> Option<Arc<CachedResponse>> {
        self.entries.get(key).flatten()
    }

    /// The response with this key: the cached one, or what `produce` returns. The inner error is a
    /// response that is too long to share.
    pub async fn get_or_produce<T>(
        &self,
        key: &CacheKey,
        produce: impl AsyncFnOnce() -> Result<Produced<T>, Problem>,
    ) -> Result<Result<Arc<CachedResponse>, T>, Problem> {
        let guard = match self.entries.get_value_or_guard_async(key).await {
            Ok(Some(response)) => {
                self.hits.inc();
                return Ok(Ok(response));
            }
            Ok(None) => None,
            Err(guard) => Some(guard),
        };
        self.misses.inc();
        Ok(match produce().await? {
            Produced::Cacheable { response, is_current } => {
                let response = Arc::new(response);
                // A newer response is right for the requests that wait for it now, but not for later
                // requests with this key.
                if let Some(guard) = guard
                    && guard.insert(Some(Arc::clone(&response))).is_ok()
                    && !is_current
                {
                    self.entries.remove(key);
                }
                Ok(response)
            }
            Produced::TooLong(list) => {
                if let Some(guard) = guard {
                    // If the entry was evicted meanwhile, the next request finds out by itself.
                    let _ = guard.insert(None);
                }
                Err(list)
            }
        })
    }
}
