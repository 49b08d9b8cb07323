//! `GET /rooms`: a list of rooms, from the cache, as a 304, from a read that concurrent requests share, or as a
//! stream.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::http::Version as HttpVersion;
use actix_web::http::header::{ETAG, HeaderName, HeaderValue};
use actix_web::http::uri::PathAndQuery;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use crate::http::access::{Access, CacheKey, CachedResponse, Cost, Deadline};
use crate::http::auth::Viewer;
use crate::http::openapi::{Description, Failing, header, parameters};
use crate::http::pages::list::{ListPage, bad_query};
use crate::http::problem::Problem;
use crate::http::request::query::{ListQuery, known_part};
use crate::http::request::{Representation, RequestId, client_network};
use crate::http::response::{
    Part, StreamedList, is_current, list_headers, may_have_version, next_page, not_modified, ok,
    shareable, version_tag,
};
use crate::http::state::AppState;
use crate::use_cases::{
    Failure, RepositoryError, RoomListRequest, RoomRepository, Version, room_count, rooms_version,
};

/// `GET /rooms` and `GET /rooms.SUFFIX`
pub async fn list(
    representation: Representation,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let is_page = matches!(representation, Representation::Page);
    let key = CacheKey {
        version: state.access.versions.fresh(),
        representation: representation.name(),
        is_for_owner: is_page && Viewer::of(&request).is_owner(),
        url: known_part(request.uri()),
    };
    List { request: &request, state: &state, representation, key }.respond().await
}

struct List<'a> {
    request: &'a HttpRequest,
    state: &'a AppState,
    representation: Representation,
    key: CacheKey,
}

/// A read of a list, which needs nothing of its request any more.
#[derive(Clone)]
enum Read {
    Page(ListPage),
    Data { list: StreamedList, is_counted: bool, url: PathAndQuery },
}

/// What a read results in.
enum Outcome {
    Short(CachedResponse),
    Long(Box<LongList>),
}

/// A list that is too long to share.
struct LongList {
    /// That of its version, if the storage has versions.
    tag: Option<HeaderValue>,
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
        self.key.version?;
        let cached = self.state.access.cache.get(&self.key)?;
        Some(self.respond_with(&cached))
    }

    async fn read_or_stream(mut self) -> Result<HttpResponse, Problem> {
        let query = match ListQuery::parse(self.request.query_string()) {
            Ok(query) => query,
            Err(failure) => return bad_query(self.request, self.representation, failure),
        };
        let access = &self.state.access;
        let deadline = access.deadline();
        let response = async {
            self.key.version = self.version().await?;
            match self.if_not_modified()? {
                Some(response) => Ok(response),
                None => self.shared_read(query, deadline).await,
            }
        };
        access.gate.with_timeout(deadline, response).await
    }

    /// The version, if the response may be cached, or compared by its version.
    async fn version(&self) -> Result<Option<Version>, Problem> {
        if self.state.access.cache.is_on() || may_have_version(self.request) {
            self.state.access.version().await
        } else {
            Ok(None)
        }
    }

    /// Step 2: a 304, if the client has a long list of this version.
    fn if_not_modified(&self) -> Result<Option<HttpResponse>, Problem> {
        let version = self.key.version.filter(|_| may_have_version(self.request));
        let Some(version) = version else { return Ok(None) };
        let tag = version_tag(version, self.key.representation)?;
        let is_current = is_current(self.request, &tag);
        Ok(is_current.then(|| not_modified(ok(self.representation), tag)))
    }

    /// Step 3: one read for all concurrent requests for this list (single flight).
    async fn shared_read(
        &self,
        query: ListQuery,
        deadline: Deadline,
    ) -> Result<HttpResponse, Problem> {
        let (access, key) = (self.state.access.clone(), self.key.clone());
        let read = self.read(query);
        let long = Rc::new(Cell::new(None));
        let (work, for_work) = ((access.clone(), key.clone(), read.clone()), Rc::clone(&long));
        let flight = async move |_| {
            let (access, key, read) = work;
            if let Some(cached) = access.cache.get(&key) {
                return Ok(Some(cached));
            }
            access.cache.misses.inc();
            Ok(match read.run(&access, key.version, deadline).await? {
                Outcome::Short(response) => {
                    let response = Arc::new(response);
                    access.cache.insert(key, &response);
                    Some(response)
                }
                Outcome::Long(list) => {
                    for_work.set(Some(list));
                    None
                }
            })
        };
        match access.reads.share(&key, (), flight).await {
            Some(Ok(Some(response))) => Ok(self.respond_with(&response)),
            Some(Err(problem)) => Err(problem),
            // Every request reads a long list for itself.
            Some(Ok(None)) | None => {
                let outcome = match long.take() {
                    Some(list) => Outcome::Long(list),
                    None => read.run(&access, key.version, deadline).await?,
                };
                match outcome {
                    Outcome::Short(response) => Ok(self.respond_with(&response)),
                    Outcome::Long(list) => self.stream(*list),
                }
            }
        }
    }

    /// Step 4: a stream, for a list that is too long to share.
    fn stream(&self, long: LongList) -> Result<HttpResponse, Problem> {
        let LongList { tag, headers, first, list } = long;
        // Without chunks, a client could not tell a truncated list from a complete one.
        if self.request.version() < HttpVersion::HTTP_11 {
            return Err(Problem::needs_chunks());
        }
        let mut response = ok(self.representation);
        if let Some(tag) = tag {
            if is_current(self.request, &tag) {
                return Ok(not_modified(response, tag));
            }
            response.insert_header((ETAG, tag));
        }
        for header in headers {
            response.insert_header(header);
        }
        let access = self.state.access.clone();
        Ok(response.streaming(list.stream(first, access, RequestId::of(self.request))))
    }

    fn read(&self, query: ListQuery) -> Read {
        match self.representation {
            Representation::Page => {
                Read::Page(ListPage::of(self.request, self.state, self.key.url.clone(), query))
            }
            Representation::Data(format) => {
                let ListQuery { request, is_counted } = query;
                let list = StreamedList { request, format, client: client_network(self.request) };
                Read::Data { list, is_counted, url: self.key.url.clone() }
            }
        }
    }

    fn respond_with(&self, cached: &CachedResponse) -> HttpResponse {
        let mut response = ok(self.representation);
        if is_current(self.request, &cached.tag) {
            return not_modified(response, cached.tag.clone());
        }
        for (name, value) in &cached.headers {
            response.insert_header((name.clone(), value.clone()));
        }
        response.body(cached.body.clone())
    }
}

impl Read {
    /// Reads the list, or the first part of a long one.
    async fn run(
        &self,
        access: &Access,
        version: Option<Version>,
        deadline: Deadline,
    ) -> Result<Outcome, Problem> {
        let cost = match self {
            Self::Page(page) => page.cost(),
            Self::Data { list, is_counted: true, .. } => Cost::Expensive(list.client),
            Self::Data { list, .. } => Cost::of(&list.request, list.client),
        };
        let read = self.clone();
        access
            .run_until(cost, deadline, move |repository: &dyn RoomRepository| match read {
                Self::Page(page) => page.read(repository).map(Outcome::Short),
                Self::Data { list, is_counted, url } => {
                    read_data(repository, list, is_counted, &url, version)
                }
            })
            .await
    }
}

fn read_data(
    repository: &dyn RoomRepository,
    list: StreamedList,
    is_counted: bool,
    url: &PathAndQuery,
    mut version: Option<Version>,
) -> Result<Outcome, Problem> {
    let mut first = list.part(repository, true)?;
    let is_long = |first: &Part| list.request.limit.is_none() && first.next.is_some();
    if is_long(&first) && version.is_none() {
        version = rooms_version(repository)?;
        if version.is_some() {
            // The rooms must not be older than their version.
            first = list.part(repository, true)?;
        }
    }
    let total = is_counted.then(|| count(repository, &list.request)).transpose()?;
    let next = next_page(url, &list.request, first.next.as_ref());
    let headers = list_headers(total, next.as_deref())?;
    Ok(if is_long(&first) {
        let tag = version.map(|version| version_tag(version, list.format.name())).transpose()?;
        Outcome::Long(Box::new(LongList { tag, headers, first, list }))
    } else {
        Outcome::Short(shareable(list.format.name(), headers, first.bytes)?)
    })
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
