//! An HTTP client, and a raw one for requests that no client would send.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;
use ureq::AsSendBody;
use ureq::http::request::Builder;
use ureq::http::{HeaderMap, Method, Request};

use super::owner;
use super::server::PATIENCE;

pub struct Client {
    agent: ureq::Agent,
    address: String,
    /// The value of `Authorization` that every request carries, unless it brings its own.
    authorization: Option<String>,
}

impl Client {
    pub fn new(address: &str) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .allow_non_standard_methods(true)
            .timeout_global(Some(Duration::from_mins(2)))
            .build()
            .into();
        Self { agent, address: address.to_owned(), authorization: None }
    }

    /// A client that sends the owner's token with every request.
    pub fn of_owner(address: &str) -> Self {
        Self::with_token(address, owner::TOKEN)
    }

    /// A client that sends this token with every request.
    pub fn with_token(address: &str, token: &str) -> Self {
        Self { authorization: Some(format!("Bearer {token}")), ..Self::new(address) }
    }

    pub fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[])
    }

    pub fn get_as(&self, path: &str, accept: &str) -> Answer {
        self.ask("GET", path, &[("accept", accept)])
    }

    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.try_ask(method, path, headers)
            .unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    pub fn try_ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Result<Answer, ureq::Error> {
        self.run(self.request(method, path, headers).body(()).unwrap())
    }

    /// A request with a body.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.try_send(method, path, headers, body)
            .unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    pub fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answer, ureq::Error> {
        self.run(self.request(method, path, headers).body(body).unwrap())
    }

    fn request(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Builder {
        let request = Request::builder()
            .method(Method::from_bytes(method.as_bytes()).unwrap())
            .uri(format!("http://{}{path}", self.address));
        let brings_its_own = headers.iter().any(|(name, _)| *name == "authorization");
        let authorization = self.authorization.iter().filter(|_| !brings_its_own);
        let request =
            authorization.fold(request, |request, value| request.header("authorization", value));
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
    }

    fn run(&self, request: Request<impl AsSendBody>) -> Result<Answer, ureq::Error> {
        let (parts, mut body) = self.agent.run(request)?.into_parts();
        let body = body.with_config().limit(200 * 1024 * 1024).read_to_string()?;
        Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body })
    }
}

pub struct Answer {
    pub status: u16,
    headers: HeaderMap,
    pub body: String,
}

impl Answer {
    /// A header's value; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The first eight characters of each room's code, in the order of the list.
    pub fn codes(&self) -> Vec<String> {
        assert_eq!(self.status, 200, "{}", self.body);
        let rooms = self.json();
        let code = |room: &Value| room["code"].as_str().unwrap()[..8].to_owned();
        rooms.as_array().unwrap().iter().map(code).collect()
    }
}

/// Sends these bytes and gives all that comes back until the connection is closed.
pub fn raw(address: &str, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(request).unwrap();
    let mut answer = Vec::new();
    // A server that closes with unread input resets the connection, after its answer.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// Sends these bytes and returns the head and the body of the first answer, whose length its head must
/// announce. It does not wait until the server closes the connection, which may take until the end of the
/// body's time-out if the request is not sent to its end.
pub fn raw_answer(address: &str, request: &[u8]) -> (String, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(request).unwrap();
    let mut answer = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(answer.read_line(&mut head).unwrap() > 0, "the answer breaks off: {head}");
    }
    let length = head.to_lowercase();
    let length =
        length.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let has_body = !request.starts_with(b"HEAD ");
    let mut body = vec![0; length.filter(|_| has_body).unwrap_or(0)];
    answer.read_exact(&mut body).unwrap();
    (head, String::from_utf8_lossy(&body).into_owned())
}
