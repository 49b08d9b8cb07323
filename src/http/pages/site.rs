//! What every page says about the site, as the settings have it.

use std::sync::Arc;

use actix_web::HttpRequest;

use crate::entities::{Description, FIELDS, Field, Kind, Name, Price, Room};
use crate::http::problem::Problem;
use crate::http::state::AppState;
use crate::settings::SiteSettings;

/// The currency of the prices in the table of fields.
const EURO: &str = "€";

/// The site's title, and its own words for rooms.
#[derive(Clone)]
pub struct Site(Arc<SiteSettings>);

impl Site {
    /// The site of the server that received this request.
    pub fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let state = AppState::of(request).ok_or_else(|| {
            Problem::internal(&std::io::Error::other("the server was started without a state"))
        })?;
        Ok(Self::new(state))
    }

    pub fn new(state: &AppState) -> Self {
        Self(Arc::clone(&state.site))
    }

    pub fn title(&self) -> &str {
        &self.0.title
    }

    /// The text above the list; empty if there is none.
    pub fn intro(&self) -> &str {
        &self.0.intro
    }

    /// Where a visitor asks about the room.
    pub fn contact(&self, room: &Room) -> Option<String> {
        let contact = self.0.contact.as_ref()?;
        Some(contact.link(&room.code.to_string(), room.name.as_ref().map(Name::get)))
    }

    /// An amount of money, for example `€39` or `CHF 39`.
    pub fn amount(&self, amount: i32) -> String {
        let currency = &self.0.currency;
        let blank = if currency.ends_with(char::is_alphabetic) { "\u{a0}" } else { "" };
        format!("{currency}{blank}{amount}")
    }

    /// The room's value of a field; empty if it has none.
    pub fn text(&self, field: &Field, room: &Room) -> String {
        if field.name == Price::FIELD { self.amount(room.price.get()) } else { field.text(room) }
    }

    /// The room's values with their labels, except its code, location, name and description, which stand
    /// elsewhere on a page.
    pub fn facts(&self, room: &Room) -> Vec<(&'static str, String)> {
        let elsewhere = [Name::FIELD, Description::FIELD];
        let fields = FIELDS.iter().filter(|field| {
            !matches!(field.kind, Kind::Code | Kind::Degrees { .. })
                && !elsewhere.contains(&field.name)
        });
        let facts = fields.map(|field| (field.label, self.text(field, room)));
        facts.filter(|(_, text)| !text.is_empty()).collect()
    }

    /// A note about prices, which is written for euros.
    pub fn in_currency(&self, note: &str) -> String {
        match self.0.currency.as_str() {
            EURO => note.to_owned(),
            currency => note.replace("euros", currency).replace(EURO, currency),
        }
    }
}
