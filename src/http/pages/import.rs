//! The page on which the owner imports rooms from a file.

use std::fs::File;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes, Payload};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use futures_util::TryStreamExt;

use super::form::{is_owner, log_in_first};
use super::html::respond_uncached;
use super::site::Site;
use super::words::counted;
use crate::formats::reading::query::given_again;
use crate::formats::reading::{
    FileReport, ImportChoices, ROW_FORMATS, RowFormat, UnknownColumns, format_of_name,
};
use crate::http::auth::{Owner, Viewer};
use crate::http::limits::{Limits, MAX_PARTS, MIB};
use crate::http::problem::Problem;
use crate::http::request::{
    COLUMNS, ON_CONFLICT, bounded, check_encoding, check_length, has_media_type, interrupted, join,
    on_conflict, receive, unknown_columns, value_of,
};
use crate::http::response::see_other;
use crate::http::state::AppState;
use crate::use_cases::{Failure, ImportReport, InvalidRow, InvalidRows, OnConflict};

const FILE: &str = "file";

/// The parameter with the ignored columns, in the query of a report.
const IGNORED: &str = "ignored";

/// The most ignored columns that are shown, and the most characters of each.
const SHOWN_COLUMNS: usize = 12;
const SHOWN_CHARACTERS: usize = 30;

/// The media type of a form with a file (RFC 7578).
const FORM: &str = "multipart/form-data";

/// The longest value of another part, in bytes.
const LONGEST_VALUE: usize = 64;

/// The bytes of a body in addition to the file: the boundaries, and the other parts.
const FORM_OVERHEAD: usize = 4 * 1024;

/// The form, and the result of an import.
#[derive(Template)]
#[template(path = "import.html")]
struct ImportPage<'a> {
    viewer: Viewer,
    site: Site,
    /// The largest file, in mebibytes.
    max_mib: usize,
    report: Option<FileReport>,
    /// A message above the form, if there is one.
    notice: String,
    choices: ImportChoices,
    rows: &'a [InvalidRow],
    /// The number of other invalid rows.
    more: u64,
}

impl ImportPage<'_> {
    fn new(request: &HttpRequest, limits: Limits) -> Result<Self, Problem> {
        Ok(Self {
            viewer: Viewer::of(request),
            site: Site::of(request)?,
            max_mib: limits.import / MIB,
            report: None,
            notice: String::new(),
            choices: ImportChoices::default(),
            rows: &[],
            more: 0,
        })
    }

    /// For example `.csv,.ndjson,text/csv,application/x-ndjson`.
    fn file_types() -> String {
        let media_types = ROW_FORMATS.iter().map(|format| format.media_type().to_owned());
        extensions().chain(media_types).collect::<Vec<_>>().join(",")
    }

    fn report(&self) -> Option<String> {
        let FileReport { rooms: ImportReport { added, replaced, skipped }, ignored } =
            self.report.as_ref()?;
        let parts = [(*added, "added"), (*replaced, "replaced"), (*skipped, "skipped")];
        let parts = parts.into_iter().filter(|(number, _)| *number > 0);
        let parts: Vec<_> =
            parts.map(|(number, word)| format!("{} {word}", counted(number, "room"))).collect();
        let has_rooms = !parts.is_empty();
        let mut report =
            if has_rooms { parts.join(", ") + "." } else { "The file has no rooms.".to_owned() };
        if !ignored.is_empty() {
            report = format!("{report} Ignored columns: {}.", ignored.join(", "));
        }
        Some(report)
    }

    /// The choices for rooms whose code is taken: a value, a label, and whether it is chosen.
    fn choices(&self) -> [(&'static str, &'static str, bool); 3] {
        OnConflict::NAMES.map(|(name, on_conflict)| {
            let label = match on_conflict {
                OnConflict::Refuse => "Stop and show me",
                OnConflict::Skip => "Skip it",
                OnConflict::Replace => "Update it from the file",
            };
            (name, label, on_conflict == self.choices.on_conflict)
        })
    }

    /// The same for columns that are not fields.
    fn column_choices(&self) -> [(&'static str, &'static str, bool); 2] {
        UnknownColumns::NAMES.map(|(name, columns)| {
            let label = match columns {
                UnknownColumns::Refuse => "Stop and show me",
                UnknownColumns::Ignore => "Ignore them",
            };
            (name, label, columns == self.choices.columns)
        })
    }
}

fn extensions() -> impl Iterator<Item = String> {
    let extensions = ROW_FORMATS.iter().flat_map(|format| format.extensions());
    extensions.map(|extension| format!(".{extension}"))
}

#[derive(Default)]
struct Upload {
    file: Option<(File, &'static dyn RowFormat)>,
    choices: ImportChoices,
}

/// `GET /rooms/import`
pub async fn show(
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    if let Some(redirect) = log_in_first(&request)? {
        return Ok(redirect);
    }
    let page =
        ImportPage { report: report_in(&request), ..ImportPage::new(&request, state.limits)? };
    respond_uncached(StatusCode::OK, &page)
}

/// The report in the query, to which a successful import redirects.
fn report_in(request: &HttpRequest) -> Option<FileReport> {
    let number = |name| value_of(request.query_string(), name).parse().ok();
    let rooms = ImportReport {
        added: number("added")?,
        replaced: number("replaced")?,
        skipped: number("skipped")?,
    };
    let ignored = value_of(request.query_string(), IGNORED);
    let ignored = ignored.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
    Some(FileReport { rooms, ignored })
}

/// Whether the request has the form's media type.
pub fn is_form(request: &HttpRequest) -> bool {
    has_media_type(request, FORM)
}

/// Imports the chosen file. Errors in it are reported on the same page.
pub async fn submit(
    owner: Result<Owner, Problem>,
    request: &HttpRequest,
    state: &AppState,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let limits = state.limits;
    let page = ImportPage::new(request, limits)?;
    if !is_owner(owner)? {
        let notice =
            "You have been logged out. Log in on another tab, then choose the file again here.";
        let page = ImportPage { notice: notice.to_owned(), ..page };
        return respond_uncached(StatusCode::UNAUTHORIZED, &page);
    }
    let mut upload = Upload::default();
    let received = receive_form(request, payload, limits, &mut upload).await;
    let page = ImportPage { choices: upload.choices, ..page };
    match received {
        Ok(()) => {}
        Err(problem) if problem.cause.is_some() || problem.header.is_some() => return Err(problem),
        Err(Problem { status, detail: notice, .. }) => {
            return respond_uncached(status, &ImportPage { notice, ..page });
        }
    }
    let Some((file, format)) = upload.file else {
        let notice = format!(
            "Choose a file whose name ends with {}. Save a spreadsheet as CSV (in Excel, as “CSV UTF-8”).",
            extensions().collect::<Vec<_>>().join(", ")
        );
        return respond_uncached(StatusCode::BAD_REQUEST, &ImportPage { notice, ..page });
    };
    let import = state.access.import(state.import_timeout, file, format, upload.choices);
    match import.await? {
        Ok(report) => Ok(see_other(&format!("/rooms/import?{}", query_of(&report)))),
        Err(Failure::Rows(InvalidRows { first, more })) => {
            let mistakes = counted(first.len() as u64 + more, "mistake");
            let notice = format!(
                "Nothing was imported. Correct {mistakes} in your file and upload it again."
            );
            let page = ImportPage { notice, rows: &first, more, ..page };
            respond_uncached(StatusCode::BAD_REQUEST, &page)
        }
        Err(failure) => Err(failure.into()),
    }
}

/// The query that shows a report.
fn query_of(report: &FileReport) -> String {
    let FileReport { rooms: ImportReport { added, replaced, skipped }, ignored } = report;
    let numbers = [("added", added), ("replaced", replaced), ("skipped", skipped)];
    let numbers = numbers.map(|(name, number)| (name, number.to_string()));
    // Not more than a URL has room for.
    let start = |name: &String| name.chars().take(SHOWN_CHARACTERS).collect::<String>();
    let rest = (ignored.len() > SHOWN_COLUMNS).then(|| "…".to_owned());
    let first: Vec<_> = ignored.iter().take(SHOWN_COLUMNS).map(start).chain(rest).collect();
    let ignored = (!first.is_empty()).then(|| (IGNORED, first.join(",")));
    join(numbers.into_iter().chain(ignored))
}

async fn receive_form(
    request: &HttpRequest,
    payload: Payload,
    limits: Limits,
    upload: &mut Upload,
) -> Result<(), Problem> {
    let limit = limits.import + FORM_OVERHEAD;
    let unreadable = |error| match error {
        MultipartError::Payload(error) => interrupted(&error, limits),
        error => Problem::bad_request(&format!("body: {error}")),
    };
    check_encoding(request)?;
    check_length(request, limit)?;
    let mut form = Multipart::new(request.headers(), bounded(payload, limit, limits.body_timeout));
    let mut seen = Vec::new();
    while let Some(mut part) = form.try_next().await.map_err(unreadable)? {
        let name = part.name().unwrap_or_default().to_owned();
        if seen.len() == MAX_PARTS {
            return Err(Problem::bad_request(&format!("body: it has more than {MAX_PARTS} parts")));
        }
        if seen.contains(&name) {
            return Err(Problem::bad_request(&given_again(&name)));
        }
        match name.as_str() {
            FILE => {
                let format = format_of(&part);
                let file = receive(part.map_err(unreadable)).await?;
                upload.file = format.map(|format| (file, format));
            }
            ON_CONFLICT | COLUMNS => {
                // A longer value is none of the choices.
                let value = part.bytes(LONGEST_VALUE).await.unwrap_or(Ok(Bytes::new()));
                let value = value.map_err(unreadable)?;
                let value = String::from_utf8_lossy(&value);
                let invalid = |error| Failure::Parameters(vec![error]);
                match name.as_str() {
                    COLUMNS => upload.choices.columns = unknown_columns(&value).map_err(invalid)?,
                    _ => upload.choices.on_conflict = on_conflict(&value).map_err(invalid)?,
                }
            }
            _ => while part.try_next().await.map_err(unreadable)?.is_some() {},
        }
        seen.push(name);
    }
    Ok(())
}

/// By the file's name, because browsers send different media types for the same file, or else by its
/// media type.
fn format_of(part: &Field) -> Option<&'static dyn RowFormat> {
    let name = part.content_disposition().and_then(|disposition| disposition.get_filename());
    let media_type = part.content_type().map(mime::Mime::essence_str);
    let has_media_type = |format: &&dyn RowFormat| {
        media_type.is_some_and(|media_type| format.media_types().contains(&media_type))
    };
    format_of_name(name.unwrap_or_default())
        .or_else(|| ROW_FORMATS.into_iter().find(has_media_type))
}
