//! What a request costs the storage, so that expensive requests cannot take the place of cheap ones.

use std::net::IpAddr;

use crate::entities::{Field, Kind};
use crate::use_cases::{Circle, Comparison, Filter, RoomListRequest, SortBy};

/// The most rooms on a cheap page. The first part of a list without a limit is cheap as well: most
/// catalogues fit into it, and clients of the Python original request nothing else.
const CHEAP_LIMIT: usize = 1_000;

/// What a request costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// A bounded number of rows, each found by an index, or a write.
    Cheap,
    /// Perhaps every row of the table, on behalf of the client with this address.
    Expensive(Option<IpAddr>),
}

impl Cost {
    /// The cost of a list for a client. It is cheap if an index has its rooms in its order.
    pub fn of(list: &RoomListRequest, client: Option<IpAddr>) -> Self {
        let is_short = match list.limit {
            Some(limit) => limit.get() <= CHEAP_LIMIT,
            None => list.after.is_none(),
        };
        let is_everywhere = list.near.is_none_or(Circle::is_whole_earth);
        let is_of_index = is_everywhere && list.filters.is_empty() && has_index(list);
        if is_short && is_of_index || list.filters.iter().any(is_of_codes) {
            Self::Cheap
        } else {
            Self::Expensive(client)
        }
    }
}

/// Whether the filter leaves only rooms that are named.
fn is_of_codes(filter: &Filter) -> bool {
    let is_code = |field: &Field| matches!(field.kind, Kind::Code);
    match filter {
        Filter::CodeIn(_) => true,
        Filter::Compared(field, comparison, _) => is_code(field) && *comparison == Comparison::Eq,
        Filter::Text(..) | Filter::Within(_) => false,
    }
}

/// Whether an index has the order of the list.
fn has_index(list: &RoomListRequest) -> bool {
    list.sort.first().is_none_or(|key| match key.by {
        SortBy::Field(field) => matches!(field.kind, Kind::Code | Kind::Whole { .. }),
        SortBy::Distance => false,
    })
}
