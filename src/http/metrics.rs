//! What the server did and does, for Prometheus, in the OpenMetrics text format.

use std::time::Duration;

use actix_web::http::Method;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use super::Catalogue;
use super::cache::Cache;
use super::gate::{Gate, Traffic};
use super::problem::Problem;

/// What an answer is counted by. None of these has more values than the program knows, whatever is
/// asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    method: String,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

/// Seconds; a list of four rooms takes less than the first, and a request's usual limit is the last
/// but one.
const BUCKETS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 0.5, 2.0, 30.0];

/// All metrics.
pub struct Metrics {
    registry: Registry,
    answers: Family<Answer, Counter>,
    durations: Family<Route, Histogram>,
    places: Gauge,
    inside: Gauge,
    waiting: Gauge,
    kept: Gauge,
    is_up: Gauge,
}

impl Metrics {
    /// Metrics that are all zero; those of the gate are its own.
    pub fn new(gate: &Gate, cache: &Cache) -> Self {
        let mut registry = Registry::with_prefix("rentomatic");
        let answers = Family::default();
        registry.register("http_requests", "Requests that were answered", answers.clone());
        let durations: Family<Route, Histogram> =
            Family::new_with_constructor(|| Histogram::new(BUCKETS));
        registry.register_with_unit(
            "http_request_duration",
            "Time until an answer began",
            Unit::Seconds,
            durations.clone(),
        );
        let mut gauge = |name: &str, help: &str| {
            let gauge = Gauge::default();
            registry.register(name, help, gauge.clone());
            gauge
        };
        let places =
            gauge("database_connections_max", "Requests that may ask the database at once");
        let inside = gauge("database_connections_in_use", "Requests that ask the database now");
        let waiting = gauge("requests_waiting", "Requests that wait for a connection");
        let kept = gauge("cache_bytes", "Bytes of lists that are kept");
        let is_up = gauge("database_up", "1 if the database could be reached when last asked");
        registry.register(
            "requests_refused",
            "Requests that were answered with 503: since too many waited (busy), since the database \
             could not be reached a moment before (outage), or since they took too long (late)",
            gate.refused().clone(),
        );
        registry.register(
            "cache_hits",
            "Lists that were kept, or being made, when they were asked for",
            cache.hits.clone(),
        );
        registry.register("cache_misses", "Lists that had to be made", cache.misses.clone());
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "This program", build);
        Self { registry, answers, durations, places, inside, waiting, kept, is_up }
    }

    /// Counts an answer.
    pub fn count(&self, request: &HttpRequest, status: u16, duration: Duration) {
        let route = request.match_pattern().unwrap_or_else(|| "none".to_owned());
        let method = match *request.method() {
            Method::GET
            | Method::HEAD
            | Method::POST
            | Method::PUT
            | Method::PATCH
            | Method::DELETE
            | Method::OPTIONS => request.method().as_str(),
            _ => "other",
        };
        let answer = Answer { method: method.to_owned(), route: route.clone(), status };
        self.answers.get_or_create(&answer).inc();
        self.durations.get_or_create(&Route { route }).observe(duration.as_secs_f64());
    }
}

/// `GET /metrics`. Never asks the storage.
pub async fn show(
    catalogue: web::Data<Catalogue>,
    metrics: web::Data<Metrics>,
) -> Result<HttpResponse, Problem> {
    let Traffic { places, inside, waiting, is_up } = catalogue.gate.traffic();
    metrics.kept.set(i64::try_from(catalogue.cache.bytes()).unwrap_or(i64::MAX));
    let set = |gauge: &Gauge, number: usize| gauge.set(i64::try_from(number).unwrap_or(i64::MAX));
    set(&metrics.places, places);
    set(&metrics.inside, inside);
    set(&metrics.waiting, waiting);
    set(&metrics.is_up, is_up.into());
    let mut text = String::new();
    encode(&mut text, &metrics.registry).map_err(|error| Problem::internal(&error))?;
    Ok(HttpResponse::Ok()
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(text))
}
