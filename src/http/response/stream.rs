//! The body of a list: complete if it is short, otherwise streamed in parts, each read when the client has
//! taken the previous one.
//!
//! Between two parts only the position in the list is held: no connection, no thread, no rooms. When a
//! client disconnects, the stream ends.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use actix_web::rt::time::sleep;
use actix_web::web::Bytes;
use futures_util::stream::{self, Stream, StreamExt};

use crate::formats::{Format, ListPart};
use crate::http::access::{Access, Cost, Deadline};
use crate::http::problem::Problem;
use crate::http::request::RequestId;
use crate::use_cases::{Position, RoomListRequest, RoomRepository, room_list};

/// How long a list that has begun retries to read its next part.
const RETRY_FOR: Duration = Duration::from_secs(30);

/// The pause between two attempts.
const RETRY_EVERY: Duration = Duration::from_millis(100);

/// About the number of bytes of a room.
const BYTES_PER_ROOM: usize = 128;

/// The text of some rooms of a list. The rooms themselves are freed by the thread that read them.
pub struct Part {
    pub bytes: Vec<u8>,
    pub next: Option<Position>,
}

/// A list that is written in parts.
#[derive(Clone)]
pub struct StreamedList {
    pub request: RoomListRequest,
    pub format: &'static dyn Format,
    /// The network of the client.
    pub client: Option<IpAddr>,
}

impl StreamedList {
    /// Reads and writes the first or the next part. The first is the complete list if there is a limit or
    /// no more rooms follow.
    pub fn part(&self, repository: &dyn RoomRepository, is_first: bool) -> Result<Part, Problem> {
        let page = room_list(repository, &self.request)?;
        let is_last = page.next.is_none() || self.request.limit.is_some();
        let mut bytes = Vec::with_capacity(page.rooms.len() * BYTES_PER_ROOM);
        self.format.rooms(&mut bytes, ListPart { rooms: &page.rooms, is_first, is_last })?;
        Ok(Part { bytes, next: page.next })
    }

    /// The parts from the first to the last. A failure on the way breaks the connection off, so that no
    /// client takes the body for a complete list; the log has the reason under the request's id.
    pub fn stream(
        self,
        first: Part,
        access: Access,
        id: RequestId,
    ) -> impl Stream<Item = Result<Bytes, Problem>> {
        let start = (self, access, first.next);
        let rest = stream::try_unfold(start, async |(list, access, next)| {
            let Some(after) = next else { return Ok(None) };
            let part = list.part_with_retries(&access, after).await?;
            Ok(Some((Bytes::from(part.bytes), (list, access, part.next))))
        });
        stream::iter([Ok(Bytes::from(first.bytes))]).chain(rest.inspect(move |part| {
            if let Err(problem) = part {
                id.log(problem);
            }
        }))
    }

    /// The part after a position. A list that has begun retries while the server is busy.
    async fn part_with_retries(&self, access: &Access, after: Position) -> Result<Part, Problem> {
        let request = RoomListRequest { after: Some(after), ..self.request.clone() };
        let rest = Self { request, ..*self };
        let deadline = Instant::now() + RETRY_FOR;
        loop {
            let rest = rest.clone();
            let part = move |repository: &dyn RoomRepository| rest.part(repository, false);
            match access
                .run_until(Cost::Expensive(self.client), Deadline::after(RETRY_FOR), part)
                .await
            {
                Err(problem) if problem.is_temporary() && Instant::now() < deadline => {
                    sleep(RETRY_EVERY).await;
                }
                outcome => return outcome,
            }
        }
    }
}
