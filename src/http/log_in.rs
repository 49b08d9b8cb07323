//! The owner logs in with the admin token, and out again.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use actix_web::web::{self, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::owner::{Viewer, admin_token, is_same, same_origin};
use super::problem::Problem;
use super::{Catalogue, body, pages, query, session};

/// Where the owner wanted to go.
const NEXT: &str = "next";

/// The admin token in the form.
const TOKEN: &str = "token";

/// `GET /log-in`
pub async fn page(request: HttpRequest) -> Result<HttpResponse, Problem> {
    if !Viewer::of(&request).can_log_in {
        return Err(Problem::writes_are_off());
    }
    let next = value(query::parameters(request.query_string()), NEXT);
    show(&request, StatusCode::OK, &own_path(&next), None)
}

/// `POST /log-in`
pub async fn begin(
    request: HttpRequest,
    catalogue: web::Data<Catalogue>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    same_origin(&request)?;
    let token = admin_token(&request).ok_or_else(Problem::writes_are_off)?;
    let form = body::form(&request, payload, &catalogue.limits).await?;
    let next = own_path(&value(form.iter().cloned(), NEXT));
    let shown = value(form.into_iter(), TOKEN);
    if !is_same(shown.trim().as_bytes(), token) {
        let error = "This is not the admin token";
        return show(&request, StatusCode::UNAUTHORIZED, &next, Some(error));
    }
    Ok(HttpResponse::SeeOther()
        .insert_header((LOCATION, next))
        .insert_header((CACHE_CONTROL, "no-store"))
        .cookie(session::begin(&request, token))
        .finish())
}

/// `POST /log-out`
pub async fn end(request: HttpRequest) -> Result<HttpResponse, Problem> {
    same_origin(&request)?;
    Ok(HttpResponse::SeeOther()
        .insert_header((LOCATION, "/rooms"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .cookie(session::end(&request))
        .finish())
}

fn show(
    request: &HttpRequest,
    status: StatusCode,
    next: &str,
    error: Option<&str>,
) -> Result<HttpResponse, Problem> {
    let page = pages::log_in(Viewer::of(request), next, error)?;
    Ok(pages::write(HttpResponse::build(status).insert_header((CACHE_CONTROL, "no-store")), page))
}

fn value(mut pairs: impl Iterator<Item = (String, String)>, name: &str) -> String {
    pairs.find(|(known, _)| known == name).map(|(_, value)| value).unwrap_or_default()
}

/// The path if it leads to the rooms of this server, else that of all rooms: nobody can be led
/// elsewhere by a link to the log-in page.
fn own_path(path: &str) -> String {
    let is_harmless = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
    let is_ours = path.starts_with("/rooms") && path.bytes().all(is_harmless);
    (if is_ours { path } else { "/rooms" }).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_in_leads_to_our_own_pages_only() {
        let ours = "/rooms/f853578c-fc0f-4e65-81b8-566c5dffa35a/change";
        assert_eq!(own_path(ours), ours);
        for path in [
            "",
            "https://evil.example/rooms",
            "//evil.example/rooms",
            "/\\evil.example",
            "/rooms\\evil",
            "/rooms\r\nSet-Cookie: a=b",
            "javascript:alert(1)",
            "/log-out",
        ] {
            assert_eq!(own_path(path), "/rooms", "{path:?}");
        }
    }
}
