//! Forms: their entries, and what the owner sends with them.

use actix_web::{FromRequest, HttpRequest, HttpResponse, web};

use super::site::Site;
use crate::entities::{Field, Kind};
use crate::formats::reading::room::FieldValue;
use crate::http::auth::{Owner, Viewer};
use crate::http::problem::Problem;
use crate::http::request::FormBody;
use crate::http::response::see_other;
use crate::use_cases::InvalidParameter;

/// Shown above a form that was sent without a session.
pub const LOGGED_OUT: &str = "You have been logged out. Log in on another tab, then save again here; \
                              what you typed is kept.";

pub struct Entry {
    /// For example `price`.
    pub name: &'static str,
    pub label: &'static str,
    pub hint: String,
    /// The keys that a phone shows (HTML's `inputmode`).
    pub mode: &'static str,
    pub is_multiline: bool,
    pub value: String,
    pub errors: Vec<String>,
}

impl Entry {
    pub fn of_field(
        field: &'static Field,
        site: &Site,
        input: &[(String, String)],
        errors: &[InvalidParameter],
    ) -> Self {
        let value = input.iter().find(|(name, _)| name == field.name);
        let is_multiline = matches!(field.kind, Kind::Text { is_multiline: true, .. });
        Self {
            name: field.name,
            label: field.label,
            hint: site.in_currency(&hint(field)),
            mode: if let Kind::Whole { .. } = field.kind { "numeric" } else { "text" },
            is_multiline,
            value: value.map(|(_, value)| value.clone()).unwrap_or_default(),
            errors: messages_for(field.name, errors),
        }
    }
}

fn hint(field: &Field) -> String {
    let Field { unit, example, .. } = field;
    match field.kind {
        Kind::Code => "Leave it empty and one will be created".to_owned(),
        Kind::Whole { least, .. } => format!("In {unit}, {least} or more"),
        Kind::Degrees { most, .. } => format!("From -{most} to {most}, for example {example}"),
        Kind::Text { longest, .. } => {
            format!("Can be left out; at most {longest} characters. For example: {example}")
        }
    }
}

pub fn messages_for(name: &str, errors: &[InvalidParameter]) -> Vec<String> {
    let of_name = errors.iter().filter(|error| error.name == name);
    of_name.map(|error| error.message.clone()).collect()
}

/// The errors in parameters for which the form has no entry.
pub fn other_errors(errors: &[InvalidParameter], has_entry: impl Fn(&str) -> bool) -> Vec<String> {
    errors.iter().filter(|error| !has_entry(&error.name)).map(ToString::to_string).collect()
}

/// The values of the fields. A browser sends every line break as CR LF; so that a form changes nothing that was not
/// edited, they become the LF that programs write.
pub fn field_values(input: &[(String, String)]) -> Vec<(String, FieldValue)> {
    let field = |(name, value): &(String, String)| {
        (name.clone(), FieldValue::Text(value.trim().replace("\r\n", "\n")))
    };
    input.iter().map(field).collect()
}

/// Reads a form that only the owner may send, and reports whether the owner sent it. Without a session it
/// is read all the same, so that nothing that was typed is lost.
pub async fn owners_form(
    request: &HttpRequest,
    payload: web::Payload,
) -> Result<(bool, FormBody), Problem> {
    let payload = &mut payload.into_inner();
    let is_owner = is_owner(Owner::from_request(request, payload).await)?;
    Ok((is_owner, FormBody::from_request(request, payload).await?))
}

/// Whether the owner sent a form; an error if it could not be sent with a new session either.
pub fn is_owner(owner: Result<Owner, Problem>) -> Result<bool, Problem> {
    match owner {
        Ok(Owner) => Ok(true),
        Err(problem) if problem.is_unauthorized() => Ok(false),
        Err(problem) => Err(problem),
    }
}

/// Where to go before a form is shown, unless its reader is logged in. To show a form changes nothing, so a
/// link on any page may lead to it.
pub fn log_in_first(request: &HttpRequest) -> Result<Option<HttpResponse>, Problem> {
    match Viewer::of_known_session(request)? {
        Viewer::ReadOnly => Err(Problem::writes_are_off()),
        Viewer::Owner => Ok(None),
        Viewer::Anonymous => Ok(Some(see_other(&format!("/log-in?next={}", request.path())))),
    }
}
