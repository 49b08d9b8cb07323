//! Binds the address, and runs the application with its middleware.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::middleware::from_fn;
use actix_web::rt::System;
use actix_web::{App, HttpServer, web};

use super::auth::Attempts;
use super::ops::metrics::Metrics;
use super::state::AppState;
use super::{middleware, routes};
use crate::places::Places;
use crate::settings::{AdminToken, Settings};
use crate::use_cases::Repository;

/// A server that is bound to its address and does not respond yet.
pub struct Server {
    system: actix_web::rt::SystemRunner,
    listening: actix_web::dev::Server,
    address: SocketAddr,
}

impl Server {
    /// Binds the address. Clients that connect wait until [`run`](Self::run).
    ///
    /// # Errors
    ///
    /// The system's own, if the address is not available.
    pub fn bind(
        settings: &Settings,
        repository: Arc<dyn Repository>,
        admin_token: Option<AdminToken>,
        places: Places,
    ) -> io::Result<Self> {
        let state = web::Data::new(AppState::new(settings, repository, admin_token, places));
        let limits = web::Data::new(state.limits);
        let attempts = web::Data::new(Attempts::new());
        let metrics = web::Data::new(Metrics::new(&state.access, attempts.wrong.clone()));
        let document = web::Data::new(routes::document());
        let for_requests = web::Data::new(settings.server.clone());
        let for_the_log = web::Data::new(settings.log.clone());
        let settings = &settings.server;
        let system = System::new();
        let (listening, addresses) = system.block_on(async {
            let server = HttpServer::new(move || {
                App::new()
                    .app_data(state.clone())
                    .app_data(limits.clone())
                    .app_data(metrics.clone())
                    .app_data(document.clone())
                    .app_data(attempts.clone())
                    .app_data(for_requests.clone())
                    .app_data(for_the_log.clone())
                    .wrap(from_fn(middleware::around))
                    .configure(routes::configure)
            })
            .on_connect(|_, connection| middleware::framing::attach(connection))
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

    /// The address that it listens on, with the actual port if port 0 was requested.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until SIGTERM (requests in progress are completed) or SIGINT.
    ///
    /// # Errors
    ///
    /// The system's own, if it cannot continue.
    pub fn run(self) -> io::Result<()> {
        self.system.block_on(self.listening)
    }
}
