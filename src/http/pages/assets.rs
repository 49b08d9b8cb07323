//! The files of the pages, built into the binary.

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;

/// `GET /assets/rentomatic.css`
pub async fn style_sheet() -> HttpResponse {
    asset("text/css; charset=utf-8", include_str!("../../../assets/rentomatic.css"))
}

/// `GET /assets/rentomatic.svg`
pub async fn icon() -> HttpResponse {
    asset("image/svg+xml", include_str!("../../../assets/rentomatic.svg"))
}

fn asset(media_type: &'static str, content: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(media_type)
        .insert_header((CACHE_CONTROL, "max-age=3600"))
        .body(content)
}
