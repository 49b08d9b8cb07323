//! Runs use cases on the repository, through the gate.

use std::sync::Arc;
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;

use super::cache::{Cache, CacheKey, CachedResponse, Produced};
use super::gate::{Gate, GateStats, Refusal};
use super::versions::Versions;
use crate::http::problem::Problem;
use crate::settings::Settings;
use crate::use_cases::{Failure, RoomRepository, Version, rooms_version};

/// The repository, behind its gate, its versions and its cache.
#[derive(Clone)]
pub struct Access {
    repository: Arc<dyn RoomRepository>,
    gate: Arc<Gate>,
    versions: Arc<Versions>,
    cache: Arc<Cache>,
}

/// Figures for the operator.
pub struct AccessStats<'a> {
    /// The gate's state.
    pub gate: GateStats,
    /// Requests that were turned away, by reason.
    pub refused: &'a Family<Refusal, Counter>,
    /// About the number of bytes in the cache.
    pub cache_bytes: u64,
    /// Cache hits.
    pub cache_hits: &'a Counter,
    /// Cache misses.
    pub cache_misses: &'a Counter,
}

impl Access {
    /// Access to this repository within the limits of the settings.
    pub fn new(repository: Arc<dyn RoomRepository>, settings: &Settings) -> Self {
        let max_mib = settings.cache.max_mib;
        Self {
            repository,
            gate: Arc::new(Gate::new(&settings.server, &settings.database)),
            versions: Arc::new(Versions::new(max_mib > 0)),
            cache: Arc::new(Cache::new(max_mib)),
        }
    }

    /// Runs a use case when the gate admits it, within the time that a request may usually take.
    pub async fn run<T: Send + 'static, E: Into<Problem> + Send + 'static>(
        &self,
        use_case: impl FnOnce(&dyn RoomRepository) -> Result<T, E> + Send + 'static,
    ) -> Result<T, Problem> {
        self.run_within(self.gate.request_timeout(), use_case).await
    }

    /// The same, within another time.
    pub async fn run_within<T: Send + 'static, E: Into<Problem> + Send + 'static>(
        &self,
        limit: Duration,
        use_case: impl FnOnce(&dyn RoomRepository) -> Result<T, E> + Send + 'static,
    ) -> Result<T, Problem> {
        let repository = Arc::clone(&self.repository);
        self.gate.run(limit, move || use_case(repository.as_ref()).map_err(Into::into)).await
    }

    /// Runs a use case and leaves its failures to the caller, except those of the system.
    pub async fn run_catching<T: Send + 'static>(
        &self,
        use_case: impl FnOnce(&dyn RoomRepository) -> Result<T, Failure> + Send + 'static,
    ) -> Result<Result<T, Failure>, Problem> {
        self.run(move |repository| split_system_failure(use_case(repository))).await
    }

    /// Bounds work that may run several times by the time that one request may take.
    pub async fn with_timeout<T>(
        &self,
        work: impl Future<Output = Result<T, Problem>>,
    ) -> Result<T, Problem> {
        self.gate.with_timeout(work).await
    }

    /// The repository's version, if it is known and fresh.
    pub fn fresh_version(&self) -> Option<Version> {
        self.versions.fresh()
    }

    /// The repository's version, queried unless it is fresh.
    pub async fn version(&self) -> Result<Version, Problem> {
        if let Some(version) = self.versions.fresh() {
            return Ok(version);
        }
        let access = self.clone();
        let shared = self.versions.query(move || async move { access.run(rooms_version).await });
        match shared.await {
            Some(version) => version,
            None => self.run(rooms_version).await,
        }
    }

    /// Waits until no server can respond from before the writes that are done now.
    pub async fn wait_until_stale_everywhere(&self) {
        self.versions.wait_until_stale_everywhere().await;
    }

    /// The cached response with this key. The caller counts the hit when it uses it.
    pub fn cached(&self, key: &CacheKey) -> Option<Arc<CachedResponse>> {
        self.cache.get(key)
    }

    /// Counts a use of a cached response.
    pub fn count_hit(&self) {
        self.cache.hits.inc();
    }

    /// The response with this key: the cached one, or what `produce` returns.
    pub async fn cached_or_produced<T>(
        &self,
        key: &CacheKey,
        produce: impl AsyncFnOnce() -> Result<Produced<T>, Problem>,
    ) -> Result<Result<Arc<CachedResponse>, T>, Problem> {
        self.cache.get_or_produce(key, produce).await
    }

    /// Figures for the operator.
    pub fn stats(&self) -> AccessStats<'_> {
        AccessStats {
            gate: self.gate.stats(),
            refused: self.gate.refused(),
            cache_bytes: self.cache.bytes(),
            cache_hits: &self.cache.hits,
            cache_misses: &self.cache.misses,
        }
    }
}

/// Leaves a failure to the caller, except one of the system, which the gate has to see.
pub fn split_system_failure<T>(outcome: Result<T, Failure>) -> Result<Result<T, Failure>, Problem> {
    match outcome {
        Err(failure @ Failure::System(_)) => Err(failure.into()),
        outcome => Ok(outcome),
    }
}
