//! The page on which the owner imports rooms from a file.

use std::fs::File;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::{self, Bytes, Payload};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::TryStreamExt;

use super::forms::{log_in_first, see};
use super::import::{ON_CONFLICT, bounded, interrupted, on_conflict, receive, run};
use super::limits::{Limits, MIB};
use super::owner::{Owner, Viewer};
use super::pages::{self, ImportView};
use super::problem::Problem;
use super::{Catalogue, body, query};
use crate::representation::rows::RowFormat;
use crate::use_cases::{Failure, ImportReport, InvalidRows, OnConflict, given_again};

/// The field with the file.
const FILE: &str = "file";

/// What a form with a file is sent as (RFC 7578).
const FORM: &str = "multipart/form-data";

/// The longest value of another field, in bytes.
const LONGEST_VALUE: usize = 64;

/// What a body has beside the file, in bytes: the boundaries, and the other fields.
const BESIDE: usize = 4 * 1024;

/// The parameters that tell what was done, after it was.
const DONE: [&str; 3] = ["added", "replaced", "skipped"];

/// What the form sends.
#[derive(Default)]
struct Sent {
    file: Option<(File, RowFormat)>,
    on_conflict: OnConflict,
}

/// `GET /rooms/import`
pub async fn page(
    request: HttpRequest,
    catalogue: web::Data<Catalogue>,
) -> Result<HttpResponse, Problem> {
    if let Some(elsewhere) = log_in_first(&request)? {
        return Ok(elsewhere);
    }
    let number = |wanted: &str| {
        let mut parameters = query::parameters(request.query_string());
        parameters.find(|(name, _)| name == wanted)?.1.parse().ok()
    };
    let done = match DONE.map(number) {
        [Some(added), Some(replaced), Some(skipped)] => {
            Some(ImportReport { added, replaced, skipped })
        }
        _ => None,
    };
    let view = ImportView { done, ..ImportView::default() };
    show(&request, catalogue.limits, StatusCode::OK, &view)
}

/// Whether this is what the form sends.
pub fn is_sent(request: &HttpRequest) -> bool {
    request.headers().contains_key(CONTENT_TYPE) && body::media_type(request, &[FORM]).is_ok()
}

/// Imports the file that was chosen. What is wrong with it is told on the same page.
pub async fn import(
    owner: Result<Owner, Problem>,
    request: &HttpRequest,
    catalogue: &Catalogue,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let limits = catalogue.limits;
    match owner {
        Ok(Owner) => {}
        Err(problem) if problem.is_unauthorized() && Viewer::of(request).can_log_in => {
            let notice = "You are not logged in, or no longer: log in on another tab, then choose \
                          the file again here.";
            let status = StatusCode::UNAUTHORIZED;
            return refuse(request, limits, status, OnConflict::default(), notice);
        }
        Err(problem) => return Err(problem),
    }
    let mut sent = Sent::default();
    match read(request, payload, limits, &mut sent).await {
        Ok(()) => {}
        Err(problem) if problem.cause().is_some() => return Err(problem),
        Err(problem) => {
            let (status, detail) = (problem.status(), problem.detail());
            return refuse(request, limits, status, sent.on_conflict, detail);
        }
    }
    let Some((file, format)) = sent.file else {
        let notice = "file: choose a file that ends in .csv or .ndjson";
        return refuse(request, limits, StatusCode::BAD_REQUEST, sent.on_conflict, notice);
    };
    match run(catalogue, file, format, sent.on_conflict).await? {
        Ok(ImportReport { added, replaced, skipped }) => {
            let done = DONE.into_iter().zip([added, replaced, skipped].map(|n| n.to_string()));
            Ok(see(&format!("/rooms/import?{}", query::written(done))))
        }
        Err(Failure::Rows(InvalidRows { first, more })) => {
            let view = ImportView {
                notice: "Nothing was imported, since the rows below are wrong. Mend them in the file, \
                         and send it again.",
                on_conflict: sent.on_conflict,
                rows: &first,
                more,
                done: None,
            };
            show(request, limits, StatusCode::BAD_REQUEST, &view)
        }
        Err(failure) => Err(failure.into()),
    }
}

async fn read(
    request: &HttpRequest,
    payload: Payload,
    limits: Limits,
    sent: &mut Sent,
) -> Result<(), Problem> {
    let most = limits.import + BESIDE;
    let unreadable = |error| unreadable(error, limits);
    body::check_length(request, most)?;
    let mut form = Multipart::new(request.headers(), bounded(payload, most, limits.patience));
    let mut seen = Vec::new();
    while let Some(mut field) = form.try_next().await.map_err(unreadable)? {
        let name = field.name().unwrap_or_default().to_owned();
        if seen.contains(&name) {
            return Err(Problem::bad_request(&given_again(&name)));
        }
        match name.as_str() {
            FILE => {
                let format = format_of(&field);
                let file = receive(field.map_err(unreadable)).await?;
                sent.file = format.map(|format| (file, format));
            }
            ON_CONFLICT => {
                // Of a longer one, the start is none of the choices.
                let value = field.bytes(LONGEST_VALUE).await.unwrap_or(Ok(Bytes::new()));
                let value = value.map_err(unreadable)?;
                sent.on_conflict = on_conflict(&String::from_utf8_lossy(&value))?;
            }
            _ => while field.try_next().await.map_err(unreadable)?.is_some() {},
        }
        seen.push(name);
    }
    Ok(())
}

fn unreadable(error: MultipartError, limits: Limits) -> Problem {
    match error {
        MultipartError::Payload(error) => interrupted(&error, limits),
        error => Problem::bad_request(&format!("body: {error}")),
    }
}

/// By the file's name, since browsers differ in what they say of the same file, or else by its media
/// type.
fn format_of(field: &Field) -> Option<RowFormat> {
    let name = field.content_disposition().and_then(|named| named.get_filename());
    let name = name.unwrap_or_default().to_lowercase();
    let media_type = field.content_type().map(mime::Mime::essence_str);
    let find =
        |fits: &dyn Fn(RowFormat) -> bool| RowFormat::ALL.into_iter().find(|format| fits(*format));
    find(&|format| name.ends_with(&format!(".{}", format.name())))
        .or_else(|| find(&|format| media_type == Some(format.media_type())))
}

fn refuse(
    request: &HttpRequest,
    limits: Limits,
    status: StatusCode,
    on_conflict: OnConflict,
    notice: &str,
) -> Result<HttpResponse, Problem> {
    let view = ImportView { notice, on_conflict, ..ImportView::default() };
    show(request, limits, status, &view)
}

fn show(
    request: &HttpRequest,
    limits: Limits,
    status: StatusCode,
    view: &ImportView,
) -> Result<HttpResponse, Problem> {
    let mut answer = HttpResponse::build(status);
    answer.insert_header((CACHE_CONTROL, "no-store"));
    Ok(pages::write(&mut answer, pages::import(Viewer::of(request), view, limits.import / MIB)?))
}
