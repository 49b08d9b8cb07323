//! Cached responses, keyed by repository version and URL.
//!
//! The version is part of the key, and a reader learns the current version before it looks
//! ([`Versions`](super::versions::Versions)). So a change needs no invalidation: it makes a new version,
//! under which nothing is cached yet. The rooms of a response are those of its version, or newer.

use std::sync::Arc;

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::http::uri::PathAndQuery;
use actix_web::web::Bytes;
use prometheus_client::metrics::counter::Counter;
use quick_cache::Weighter;
use quick_cache::sync::Cache as QuickCache;

use crate::http::limits::MIB;
use crate::use_cases::Version;

/// About the number of bytes that an entry needs in addition to its body.
const ENTRY_OVERHEAD: usize = 512;

/// About the number of entries. With so few, the cache has at most four shards; an entry must fit into
/// one.
const EXPECTED_ENTRIES: usize = 128;

pub struct Cache {
    entries: QuickCache<CacheKey, Arc<CachedResponse>, Weight>,
    is_on: bool,
    /// Requests that found their response.
    pub hits: Counter,
    /// Responses that had to be produced.
    pub misses: Counter,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CacheKey {
    /// Without one, a response is only shared by the requests that wait for it.
    pub version: Option<Version>,
    /// The name of the representation.
    pub representation: &'static str,
    /// Whether the response is for the owner; for a page, it differs.
    pub is_for_owner: bool,
    pub url: PathAndQuery,
}

/// The part of a response that depends on the rooms.
#[derive(Debug)]
pub struct CachedResponse {
    pub tag: HeaderValue,
    pub headers: Vec<(HeaderName, HeaderValue)>,
    pub body: Bytes,
}

#[derive(Clone)]
struct Weight;

impl Weighter<CacheKey, Arc<CachedResponse>> for Weight {
    fn weight(&self, key: &CacheKey, response: &Arc<CachedResponse>) -> u64 {
        (ENTRY_OVERHEAD + key.url.as_str().len() + response.body.len()) as u64
    }
}

impl Cache {
    /// A cache of at most `max_mib` mebibytes; with 0, nothing is cached.
    pub fn new(max_mib: u16) -> Self {
        let capacity = u64::from(max_mib) * MIB as u64;
        let entries = QuickCache::with_weighter(EXPECTED_ENTRIES, capacity, Weight);
        Self { entries, is_on: max_mib > 0, hits: Counter::default(), misses: Counter::default() }
    }

    /// Whether anything is cached at all.
    pub fn is_on(&self) -> bool {
        self.is_on
    }

    /// About the number of bytes in the cache.
    pub fn bytes(&self) -> u64 {
        self.entries.weight()
    }

    /// The response with this key, if it is cached.
    pub fn get(&self, key: &CacheKey) -> Option<Arc<CachedResponse>> {
        let response = self.entries.get(key)?;
        self.hits.inc();
        Some(response)
    }

    /// Caches a response that was produced, if its key has a version.
    pub fn insert(&self, key: CacheKey, response: &Arc<CachedResponse>) {
        if self.is_on && key.version.is_some() {
            self.entries.insert(key, Arc::clone(response));
        }
    }
}
