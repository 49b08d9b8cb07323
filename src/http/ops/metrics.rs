//! Metrics for Prometheus, in the OpenMetrics text format.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use serde_json::json;

use crate::http::access::{Access, Cost, Deadline};
use crate::http::openapi::{Description, plain_response};
use crate::http::problem::Problem;
use crate::http::state::AppState;
use crate::use_cases::{Wear, storage_wear};

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// How long a scrape waits for the storage.
const STORAGE_TIMEOUT: Duration = Duration::from_millis(500);

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// The labels of a request. None has more values than the program knows, whatever clients send.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabel {
    route: String,
}

/// Seconds. A list of four rooms takes less than the first; the default request time-out is the last but
/// one.
const BUCKETS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 0.5, 2.0, 30.0];

pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    durations: Family<RouteLabel, Histogram>,
    /// What the storage reported at the last scrape.
    wear: Arc<Mutex<Wear>>,
}

impl Metrics {
    /// Metrics that start at zero, those of the access to the repository, and that of wrong admin tokens.
    pub fn new(access: &Access, wrong_proofs: Counter) -> Self {
        let mut registry = Registry::with_prefix("rentomatic");
        let requests = Family::default();
        registry.register("http_requests", "Requests that got a response", requests.clone());
        let durations: Family<RouteLabel, Histogram> =
            Family::new_with_constructor(|| Histogram::new(BUCKETS));
        registry.register_with_unit(
            "http_request_duration",
            "Time until the response began",
            Unit::Seconds,
            durations.clone(),
        );
        registry.register(
            "requests_refused",
            "Requests that got a 503: because the queue was full or too slow (busy), because the \
             database could not be reached a moment before (outage), or because they took too long \
             (late)",
            access.gate.refused.clone(),
        );
        registry.register(
            "wrong_proofs",
            "Wrong admin tokens, as a bearer token or in the log-in form",
            wrong_proofs,
        );
        registry.register(
            "cache_hits",
            "Lists that were cached, or already being read, when they were requested",
            access.cache.hits.clone(),
        );
        registry.register("cache_misses", "Lists that had to be read", access.cache.misses.clone());
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "This program", build);
        let wear = Arc::default();
        registry.register_collector(Box::new(Gauges(access.clone(), Arc::clone(&wear))));
        Self { registry, requests, durations, wear }
    }

    pub fn count(&self, request: &HttpRequest, status: u16, duration: Duration) {
        let route = request.match_name().unwrap_or("none").to_owned();
        let method = METHODS.into_iter().find(|known| request.method() == known);
        let method = method.unwrap_or("other");
        let labels = RequestLabels { method, route: route.clone(), status };
        self.requests.get_or_create(&labels).inc();
        self.durations.get_or_create(&RouteLabel { route }).observe(duration.as_secs_f64());
    }
}

/// Reads the gauges when Prometheus scrapes them.
#[derive(Clone)]
struct Gauges(Access, Arc<Mutex<Wear>>);

impl fmt::Debug for Gauges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gauges")
    }
}

impl Collector for Gauges {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let Access { gate, cache, .. } = &self.0;
        let stats = gate.stats();
        for (name, help, value) in [
            ("database_connections_max", "The most requests at once", stats.capacity as u64),
            ("database_connections_in_use", "Requests that query now", stats.in_use as u64),
            ("requests_waiting", "Requests in the queue for a connection", stats.queued as u64),
            ("cache_bytes", "Bytes of cached lists", cache.bytes()),
            ("database_up", "1 if the last attempt reached the database", stats.is_up.into()),
        ] {
            let gauge = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
            gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)?;
        }
        let wear = *self.1.lock().unwrap_or_else(PoisonError::into_inner);
        let age = wear.oldest_snapshot_s.and_then(|age| u32::try_from(age).ok());
        for (name, help, value) in [
            (
                "database_oldest_snapshot_seconds",
                "The age of the oldest transaction that keeps PostgreSQL from removing old rows",
                age.map(f64::from),
            ),
            ("room_ids_used_ratio", "The share of the ids for rooms that are used", wear.used_ids),
        ] {
            if let Some(value) = value {
                let gauge = ConstGauge::new(value);
                gauge.encode(encoder.encode_descriptor(
                    name,
                    help,
                    None,
                    gauge.metric_type(),
                )?)?;
            }
        }
        Ok(())
    }
}

/// `GET /metrics`. If the storage does not respond at once, its own metrics are left out.
pub async fn show(
    metrics: web::Data<Metrics>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let deadline = Deadline::after(STORAGE_TIMEOUT);
    let wear = state.access.run_until(Cost::Cheap, deadline, storage_wear).await;
    *metrics.wear.lock().unwrap_or_else(PoisonError::into_inner) = wear.unwrap_or_default();
    let mut text = String::new();
    encode(&mut text, &metrics.registry).map_err(|error| Problem::internal(&error))?;
    Ok(HttpResponse::Ok()
        .content_type(OPEN_METRICS)
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(text))
}

pub fn describe() -> Description {
    let content = json!({ "schema": { "type": "string" } });
    let text = "Metrics for Prometheus, as OpenMetrics text";
    Description::for_operators("metrics", "Metrics of the server")
        .of_any_host()
        .responds("200", plain_response(text, OPEN_METRICS, &content))
}
