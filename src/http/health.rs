//! Whether the process runs, and whether it could answer.

use actix_web::{HttpResponse, web};

use super::Catalogue;
use super::problem::Problem;
use crate::use_cases::readiness;

/// `GET /live`: the process runs. Never asks the storage.
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().json(Status { status: "live" })
}

/// `GET /ready`: the storage answers and is migrated, else 503.
pub async fn ready(catalogue: web::Data<Catalogue>) -> Result<HttpResponse, Problem> {
    catalogue.ask(readiness).await.map_err(Problem::into_unavailable)?;
    Ok(HttpResponse::Ok().json(Status { status: "ready" }))
}

/// How the process or its database is.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub struct Status {
    /// `live` or `ready`.
    #[schema(example = "ready")]
    status: &'static str,
}
