//! What the handlers share.

use std::sync::Arc;
use std::time::Duration;

use actix_web::{HttpRequest, web};

use super::access::Access;
use super::limits::Limits;
use crate::places::Places;
use crate::settings::{AdminToken, MapSettings, Settings, SiteSettings};
use crate::use_cases::Repository;

pub struct AppState {
    pub access: Access,
    /// The owner's token; without one, nobody can write.
    pub admin_token: Option<AdminToken>,
    pub map: MapSettings,
    pub site: Arc<SiteSettings>,
    pub places: Arc<Places>,
    pub limits: Limits,
    pub import_timeout: Duration,
}

impl AppState {
    pub fn new(
        settings: &Settings,
        repository: Arc<dyn Repository>,
        admin_token: Option<AdminToken>,
        places: Places,
    ) -> Self {
        Self {
            access: Access::new(repository, settings),
            admin_token,
            map: settings.map.clone(),
            site: Arc::new(settings.site.clone()),
            places: Arc::new(places),
            limits: (&settings.server).into(),
            import_timeout: Duration::from_secs(settings.server.import_timeout_s.get().into()),
        }
    }

    /// The state of the server that received this request.
    pub fn of(request: &HttpRequest) -> Option<&Self> {
        request.app_data::<web::Data<Self>>().map(|state| state.as_ref())
    }
}
