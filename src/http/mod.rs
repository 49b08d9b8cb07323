//! How the web asks: requests become use cases, and their results become answers.
//!
//! This ring is the only one that names `actix_web`. It knows the use cases and the port, and is
//! handed a repository without knowing which: it never names one.
//!
//! A request travels straight through: `observe` gives it an id, `routes` finds its handler,
//! `query` reads it into a use case's request, the use case runs on the blocking pool, and
//! `representation` writes the result, or `problem` the failure.

mod assets;
mod body;
mod cache;
mod compression;
mod conditional;
pub mod cursor;
mod forms;
mod gate;
mod health;
mod import;
mod import_form;
mod limits;
mod list_page;
mod listing;
mod log_in;
mod metrics;
mod negotiation;
mod observe;
mod openapi;
mod owner;
mod pages;
mod problem;
pub mod query;
mod representation;
mod room_writes;
mod rooms;
mod routes;
mod session;
mod versions;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::middleware::{Compress, from_fn};
use actix_web::rt::System;
use actix_web::{App, HttpRequest, HttpServer, web};

use self::cache::Cache;
use self::gate::Gate;
use self::limits::Limits;
use self::metrics::Metrics;
use self::problem::Problem;
use self::versions::Versions;
use crate::settings::{AdminToken, MapSettings, Settings};
use crate::use_cases::{Failure, RoomRepository};

/// A server that is bound to its address and has not begun to answer.
pub struct Server {
    system: actix_web::rt::SystemRunner,
    listening: actix_web::dev::Server,
    address: SocketAddr,
}

impl Server {
    /// Takes the address; clients that connect wait until [`run`](Self::run).
    ///
    /// # Errors
    ///
    /// The system's own, if the address cannot be had.
    pub fn bind(
        settings: &Settings,
        repository: Arc<dyn RoomRepository>,
        admin_token: Option<AdminToken>,
    ) -> io::Result<Self> {
        let Settings { server: settings, database, cache, map, .. } = settings;
        let system = System::new();
        let gate = Gate::new(settings, database);
        let kept = Cache::new(cache.max_mib);
        let metrics = web::Data::new(Metrics::new(&gate, &kept));
        let catalogue = web::Data::new(Catalogue {
            repository,
            gate,
            versions: Versions::new(cache.max_mib > 0),
            cache: kept,
            admin_token,
            map: map.clone(),
            limits: settings.into(),
            import_timeout: Duration::from_secs(settings.import_timeout_s.get().into()),
        });
        let (listening, addresses) = system.block_on(async {
            let server = HttpServer::new(move || {
                App::new()
                    .app_data(catalogue.clone())
                    .app_data(metrics.clone())
                    .wrap(from_fn(compression::choose))
                    .wrap(Compress::default())
                    .wrap(from_fn(observe::observe))
                    .configure(routes::configure)
            })
            .client_request_timeout(Duration::from_secs(settings.head_timeout_s.get().into()))
            .keep_alive(Duration::from_secs(settings.keep_alive_s.get().into()))
            .shutdown_timeout(settings.shutdown_timeout_s.into())
            .bind(settings.bind)?;
            let addresses = server.addrs();
            io::Result::Ok((server.run(), addresses))
        })?;
        let address = addresses.first().copied().unwrap_or(settings.bind);
        Ok(Self { system, listening, address })
    }

    /// Where it listens; the port is the real one if 0 was asked for.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until SIGTERM (requests under way end first) or SIGINT.
    ///
    /// # Errors
    ///
    /// The system's own, if it cannot go on.
    pub fn run(self) -> io::Result<()> {
        self.system.block_on(self.listening)
    }
}

/// What the handlers share.
struct Catalogue {
    repository: Arc<dyn RoomRepository>,
    /// Who may ask it, and for how long.
    gate: Gate,
    /// Who asks whether anything has changed.
    versions: Versions,
    /// Answers that are kept while nothing has.
    cache: Cache,
    /// What the owner shows; without one, nobody can write.
    admin_token: Option<AdminToken>,
    /// What lies under the map.
    map: MapSettings,
    /// What a request may bring.
    limits: Limits,
    /// How long an import may take.
    import_timeout: Duration,
}

/// What lies under the map.
fn map_settings(request: &HttpRequest) -> Option<&MapSettings> {
    Some(&request.app_data::<web::Data<Catalogue>>()?.map)
}

impl Catalogue {
    /// Runs a use case, once it is this request's turn.
    async fn ask<T: Send + 'static, E: Into<Problem> + Send + 'static>(
        &self,
        use_case: impl FnOnce(&dyn RoomRepository) -> Result<T, E> + Send + 'static,
    ) -> Result<T, Problem> {
        self.ask_within(self.gate.limit(), use_case).await
    }

    /// The same, for what may take longer.
    async fn ask_within<T: Send + 'static, E: Into<Problem> + Send + 'static>(
        &self,
        limit: Duration,
        use_case: impl FnOnce(&dyn RoomRepository) -> Result<T, E> + Send + 'static,
    ) -> Result<T, Problem> {
        let repository = Arc::clone(&self.repository);
        self.gate.pass(limit, move || use_case(repository.as_ref()).map_err(Into::into)).await
    }

    /// Runs a use case for one who has an answer of his own to some failures.
    async fn attempt<T: Send + 'static>(
        &self,
        use_case: impl FnOnce(&dyn RoomRepository) -> Result<T, Failure> + Send + 'static,
    ) -> Result<Result<T, Failure>, Problem> {
        self.ask(move |repository| unless_system(use_case(repository))).await
    }
}

/// Leaves a failure to the caller, but for that of the system, which the gate has to know.
fn unless_system<T>(outcome: Result<T, Failure>) -> Result<Result<T, Failure>, Problem> {
    match outcome {
        Err(failure @ Failure::System(_)) => Err(failure.into()),
        outcome => Ok(outcome),
    }
}
