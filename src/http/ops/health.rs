//! Whether the process runs, and whether it can serve requests.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::formats::schema;
use crate::http::openapi::{Description, Failing, plain_response};
use crate::http::problem::Problem;
use crate::http::state::AppState;
use crate::use_cases::readiness;

/// The state of the process or its database.
#[derive(Serialize, ToSchema)]
pub struct Status {
    /// `live` or `ready`.
    #[schema(example = "ready")]
    status: &'static str,
}

/// `GET /live`: the process runs. Never queries the storage.
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().json(Status { status: "live" })
}

/// `GET /ready`: the storage responds and is migrated, otherwise 503.
pub async fn ready(state: web::Data<AppState>) -> Result<HttpResponse, Problem> {
    state.access.run(readiness).await.map_err(Problem::into_unavailable)?;
    Ok(HttpResponse::Ok().json(Status { status: "ready" }))
}

pub fn describe_live() -> Description {
    let ok = describe_status("The process runs", "live");
    Description::for_operators("live", "Whether the process runs").of_any_host().responds("200", ok)
}

pub fn describe_ready() -> Description {
    let ok = describe_status("The database responds and has every migration", "ready");
    Description::for_operators("ready", "Whether it can serve requests")
        .of_any_host()
        .responds("200", ok)
        .fails(&[Failing::Unavailable])
}

fn describe_status(text: &str, status: &str) -> Value {
    let content = json!({ "schema": schema::reference("Status"), "example": { "status": status } });
    plain_response(text, "application/json", &content)
}
