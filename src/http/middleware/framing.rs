//! Ends a connection after a request with a chunked body (request smuggling).
//!
//! actix-http takes a chunked body that ends with `0 CRLF LF` for one with trailers, and takes the head of the
//! next request for these trailers. Then the body of that request would run as a request of its own. A proxy
//! that ends the body at the right place would take its response for another client's.
//!
//! To announce the end of the connection is not enough, because requests that have already arrived would still
//! run. So they are refused here.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use actix_web::HttpMessage;
use actix_web::dev::{Extensions, Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::TRANSFER_ENCODING;
use actix_web::http::{ConnectionType, Method};
use futures_util::stream::{self, StreamExt};

use crate::http::problem::Problem;

/// The state of a connection.
#[derive(Default)]
struct Connection {
    /// Whether it had a chunked body, after which nothing on it is certain.
    is_spent: Cell<bool>,
    /// That body. The framework reads a chunked body that was dropped to its end, whenever that is. One that
    /// is still held when the response was sent ends the connection instead.
    body: RefCell<Option<Rc<RefCell<Payload>>>>,
}

impl Connection {
    /// Holds the body of a request, which the handler reads as before.
    fn hold(&self, request: &mut ServiceRequest) {
        let body = Rc::new(RefCell::new(request.take_payload()));
        self.body.replace(Some(Rc::clone(&body)));
        let read = stream::poll_fn(move |context| body.borrow_mut().poll_next_unpin(context));
        request.set_payload(Payload::Stream { payload: Box::pin(read) });
    }
}

/// Attaches its state to a new connection.
pub fn attach(connection: &mut Extensions) {
    connection.insert(Connection::default());
}

/// Refuses a request after a chunked body, and a chunked body where none is expected.
pub fn check(request: &mut ServiceRequest) -> Result<(), Problem> {
    let is_chunked = request.headers().contains_key(TRANSFER_ENCODING);
    let was_spent = request.conn_data::<Connection>().is_some_and(|connection| {
        connection.is_spent.replace(is_chunked || connection.is_spent.get())
    });
    if is_chunked && !was_spent {
        let whole = request.request().clone();
        if let Some(connection) = whole.conn_data::<Connection>() {
            connection.hold(request);
        }
    }
    let has_no_body =
        [Method::GET, Method::HEAD, Method::DELETE, Method::OPTIONS].contains(request.method());
    let problem = if was_spent {
        "After a chunked body the connection ends: send this request on a new connection"
    } else if is_chunked && has_no_body {
        "Transfer-Encoding: a request with this method has no body; leave it out"
    } else {
        return Ok(());
    };
    Err(Problem::bad_request(problem))
}

/// Announces the end of the connection.
pub fn announce_end(response: &mut ServiceResponse) {
    let connection = response.request().conn_data::<Connection>();
    if connection.is_some_and(|connection| connection.is_spent.get()) {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
}
