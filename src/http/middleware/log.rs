//! Logs and counts every request.

use std::time::Duration;

use actix_web::dev::ServiceResponse;
use actix_web::web::Data;

use crate::http::ops::metrics::Metrics;
use crate::http::request::{RequestId, logged_address};

/// The duration is that until the response began.
pub fn log(response: &ServiceResponse, duration: Duration) {
    let request = response.request();
    let status = response.status().as_u16();
    if let Some(metrics) = request.app_data::<Data<Metrics>>() {
        metrics.count(request, status, duration);
    }
    log::info!(
        method = request.method().as_str(),
        path = request.path(),
        status = status,
        client = logged_address(request).as_deref().unwrap_or("-"),
        // To the microsecond.
        duration_ms = (duration.as_secs_f64() * 1e6).round() / 1e3,
        request_id = RequestId::of(request).as_str();
        "request"
    );
}
