//! `GET /rooms`: a list of rooms, in four steps: from the cache, as a 304, from a read that concurrent
//! requests share, or as a stream.

use actix_web::http::Version as HttpVersion;
use actix_web::http::header::{EntityTag, HeaderName, HeaderValue};
use actix_web::http::uri::PathAndQuery;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use crate::formats::Format;
use crate::http::access::{CacheKey, CachedResponse, Cost, Deadline, Produced};
use crate::http::openapi::{Description, Failing, header, parameters};
use crate::http::pages;
use crate::http::problem::Problem;
use crate::http::request::query::{ListQuery, known_part};
use crate::http::request::{Representation, RequestId, client_network};
use crate::http::response::{
    Part, StreamedList, is_current, list_headers, list_tag, next_page, not_modified, ok,
};
use crate::http::state::AppState;
use crate::use_cases::{
    Failure, RepositoryError, RoomListRequest, RoomRepository, Version, room_count,
};

/// `GET /rooms` and `GET /rooms.SUFFIX`
pub async fn list(
    representation: Representation,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let url = known_part(request.uri());
    List { request: &request, state: &state, representation, url }.respond().await
}

struct List<'a> {
    request: &'a HttpRequest,
    state: &'a AppState,
    representation: Representation,
    /// The path, and the parameters that matter.
    url: PathAndQuery,
}

/// A list that is too long to share.
struct LongList {
    headers: Vec<(HeaderName, HeaderValue)>,
    first: Part,
    list: StreamedList,
}

impl List<'_> {
    async fn respond(self) -> Result<HttpResponse, Problem> {
        match self.cache_hit() {
            Some(response) => Ok(response),
            // Boxed: this future is large, and a cache hit should not pay for its size.
            None => Box::pin(self.read_or_stream()).await,
        }
    }

    /// Step 1: the cached response, if the repository's version is fresh. Its query was validated when
    /// it was produced.
    fn cache_hit(&self) -> Option<HttpResponse> {
        let tag = self.tag(self.state.access.versions.fresh()?);
        let cached = self.state.access.cache.get(&self.key(&tag))?;
        if is_current(self.request, &tag) {
            return Some(not_modified(ok(self.representation), tag));
        }
        self.state.access.cache.hits.inc();
        Some(self.respond_with(&cached))
    }

    async fn read_or_stream(self) -> Result<HttpResponse, Problem> {
        let query = match ListQuery::parse(self.request.query_string()) {
            Ok(query) => query,
            Err(failure) => {
                return pages::list::bad_query(self.request, self.representation, failure);
            }
        };
        let deadline = self.state.access.deadline();
        let response = async {
            let version = self.state.access.version().await?;
            let tag = self.tag(version);
            match self.if_not_modified(&tag) {
                Some(response) => Ok(response),
                None => self.shared_read(query, version, &tag, deadline).await,
            }
        };
        self.state.access.gate.with_timeout(deadline, response).await
    }

    /// Step 2: a 304, if the client has the current list.
    fn if_not_modified(&self, tag: &EntityTag) -> Option<HttpResponse> {
        let is_current = is_current(self.request, tag);
        is_current.then(|| not_modified(ok(self.representation), tag.clone()))
    }

    /// Step 3: one read for all concurrent requests for this list (single flight).
    async fn shared_read(
        &self,
        query: ListQuery,
        version: Version,
        tag: &EntityTag,
        deadline: Deadline,
    ) -> Result<HttpResponse, Problem> {
        let produce = async || match self.representation {
            Representation::Page => {
                let url = self.url.clone();
                pages::list::produce(self.request, self.state, url, query, version, deadline).await
            }
            Representation::Data(format) => self.read(format, query, version, deadline).await,
        };
        match self.state.access.cache.get_or_produce(&self.key(tag), produce).await? {
            Ok(cached) => Ok(self.respond_with(&cached)),
            Err(long) => self.stream(long),
        }
    }

    /// Step 4: a stream, for a list that is too long to share.
    fn stream(&self, LongList { headers, first, list }: LongList) -> Result<HttpResponse, Problem> {
        // Without chunks, a client could not tell a truncated list from a complete one.
        if self.request.version() < HttpVersion::HTTP_11 {
            return Err(Problem::needs_chunks());
        }
        let mut response = ok(self.representation);
        for header in headers {
            response.insert_header(header);
        }
        let access = self.state.access.clone();
        Ok(response.streaming(list.stream(first, access, RequestId::of(self.request))))
    }

    /// Reads the list, or the first part of a long one.
    async fn read(
        &self,
        format: &'static dyn Format,
        query: ListQuery,
        version: Version,
        deadline: Deadline,
    ) -> Result<Produced<LongList>, Problem> {
        let ListQuery { request, is_counted } = query;
        let client = client_network(self.request);
        let cost = if is_counted { Cost::Expensive(client) } else { Cost::of(&request, client) };
        let list = StreamedList { request, format, client };
        // The tag is that of the rooms, which are read before they are counted. So a change between the
        // two makes a new tag.
        let read = move |repository: &dyn RoomRepository| -> Result<_, Problem> {
            let first = list.part(repository, true)?;
            let total = is_counted.then(|| count(repository, &list.request)).transpose()?;
            Ok((first, total, list))
        };
        let (first, total, list) = self.state.access.run_until(cost, deadline, read).await?;
        let next = next_page(&self.url, &list.request, first.next.as_ref());
        let headers = list_headers(&self.tag(first.version), total, next.as_deref())?;
        Ok(if list.request.limit.is_some() || first.next.is_none() {
            let is_current = first.version == version;
            let response = CachedResponse { headers, body: first.bytes.into() };
            Produced::Cacheable { response, is_current }
        } else {
            Produced::TooLong(LongList { headers, first, list })
        })
    }

    fn respond_with(&self, cached: &CachedResponse) -> HttpResponse {
        let mut response = ok(self.representation);
        for (name, value) in &cached.headers {
            response.insert_header((name.clone(), value.clone()));
        }
        response.body(cached.body.clone())
    }

    fn tag(&self, version: Version) -> EntityTag {
        list_tag(self.request, version, self.representation)
    }

    fn key(&self, tag: &EntityTag) -> CacheKey {
        CacheKey { tag: tag.tag().to_owned(), url: self.url.clone() }
    }
}

/// The number of rooms on all pages, if the storage can count them in time.
fn count(repository: &dyn RoomRepository, list: &RoomListRequest) -> Result<u64, Problem> {
    room_count(repository, list, u64::MAX).map_err(|failure| match failure {
        Failure::System(RepositoryError::TimedOut(_)) => Problem::count_too_slow(),
        failure => failure.into(),
    })
}

pub fn describe_list() -> Description {
    describe("list_rooms", "List rooms, in the format that Accept selects")
}

pub fn describe_list_as() -> Description {
    describe("list_rooms_as", "List rooms, in one format").parameters([parameters::suffix()])
}

fn describe(id: &str, summary: &str) -> Description {
    let link = "</rooms?limit=1&cursor=wTX9YA>; rel=\"next\"";
    let headers = json!({
        "Link": header("The next page, with rel=\"next\" (RFC 8288)", link),
        "X-Total-Count": header("The number of rooms on all pages", 4),
    });
    Description::new(id, summary)
        .text(
            "All conditions must hold. Without `limit` you get every matching room, streamed as it is \
             read from the database. Without `sort`, rooms are in the order of insertion, or the nearest \
             first if `near` is given.",
        )
        .parameters(parameters::of_list())
        .responds_with("200", "The rooms", |format| format.list_schema(), headers)
        .not_modified()
        .fails(&Failing::READING)
        .fails(&[Failing::Uncounted])
}
