//! The body of a list: all at once if it is short, else part by part, each when the client has
//! taken the one before.
//!
//! Between two parts, nothing is held but the place at which the list goes on: no connection, no
//! thread, no rooms. A client that goes away takes the stream with it.

use std::time::{Duration, Instant};

use actix_web::rt::time::sleep;
use actix_web::web::{self, Bytes};
use futures_util::stream::{self, Stream, StreamExt};

use super::Catalogue;
use super::observe::RequestId;
use super::problem::Problem;
use crate::representation::Format;
use crate::use_cases::{ListedRoom, RoomListRequest, RoomPage, RoomRepository, room_list};

/// How long a list that has begun waits for a connection, beside the pool's own patience.
const PATIENCE: Duration = Duration::from_secs(30);

/// About how many bytes a room takes.
const BYTES_A_ROOM: usize = 128;

/// Between two tries.
const PAUSE: Duration = Duration::from_millis(100);

/// Some rooms of a list, written.
pub struct Part {
    /// The rooms that were written.
    pub page: RoomPage,
    /// What was written.
    pub bytes: Vec<u8>,
}

/// Which list, and how it is written.
#[derive(Clone)]
pub struct Listing {
    /// The rooms that are asked for.
    pub request: RoomListRequest,
    /// How they are written.
    pub format: &'static dyn Format,
}

impl Listing {
    /// Reads and writes the first part. It is the whole list if there is a limit, or if no more
    /// rooms follow.
    pub fn first(&self, repository: &dyn RoomRepository) -> Result<Part, Problem> {
        let mut bytes = Vec::new();
        self.format.begin(&mut bytes)?;
        let page = self.append(&mut bytes, repository, &self.request, true)?;
        Ok(Part { page, bytes })
    }

    /// Writes on from a part to the list's end. A failure on the way breaks the body off, so that
    /// no client takes it for the whole list; the log says why, under the request's id.
    pub fn from(
        self,
        first: Part,
        catalogue: web::Data<Catalogue>,
        id: RequestId,
    ) -> impl Stream<Item = Result<Bytes, Problem>> {
        let next = first.page.next().cloned();
        let rest = stream::try_unfold(next, move |next| {
            let (listing, catalogue) = (self.clone(), catalogue.clone());
            async move {
                let Some(after) = next else { return Ok(None) };
                let part = listing.patiently(&catalogue, after).await?;
                Ok(Some((Bytes::from(part.bytes), part.page.next().cloned())))
            }
        });
        stream::iter([Ok(Bytes::from(first.bytes))]).chain(rest.inspect(move |part| {
            if let Err(problem) = part {
                id.log(problem);
            }
        }))
    }

    /// The part after a room. What is promised already is waited for while all connections are taken.
    async fn patiently(&self, catalogue: &Catalogue, after: ListedRoom) -> Result<Part, Problem> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let (listing, after) = (self.clone(), after.clone());
            let part = move |repository: &dyn RoomRepository| listing.after(repository, after);
            match catalogue.ask_within(PATIENCE, part).await {
                Err(problem) if problem.is_passing() && Instant::now() < deadline => {
                    sleep(PAUSE).await;
                }
                outcome => return outcome,
            }
        }
    }

    fn after(&self, repository: &dyn RoomRepository, after: ListedRoom) -> Result<Part, Problem> {
        let request = RoomListRequest { after: Some(after), ..self.request.clone() };
        let mut bytes = Vec::new();
        let page = self.append(&mut bytes, repository, &request, false)?;
        Ok(Part { page, bytes })
    }

    fn append(
        &self,
        bytes: &mut Vec<u8>,
        repository: &dyn RoomRepository,
        request: &RoomListRequest,
        mut is_first: bool,
    ) -> Result<RoomPage, Problem> {
        let page = room_list(repository, request)?;
        bytes.reserve(page.rooms.len() * BYTES_A_ROOM);
        for listed in &page.rooms {
            self.format.room(bytes, &listed.room, listed.distance, is_first)?;
            is_first = false;
        }
        if page.next().is_none() || request.limit.is_some() {
            self.format.end(bytes)?;
        }
        Ok(page)
    }
}
