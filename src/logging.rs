//! Log lines on standard error, for people or for programs.

use std::error::Error as StdError;
use std::fmt;
use std::io::{self, Write};

use env_logger::fmt::Formatter;
use log::Record;
use log::kv::{Error, Key, Value, VisitSource};
use serde_json::{Map, Value as Json};

use crate::settings::{LogFormat, LogSettings};

/// Starts logging. A second call changes nothing.
pub fn start(settings: &LogSettings) {
    let mut builder = env_logger::Builder::new();
    builder.parse_filters(settings.level.as_str());
    match settings.format {
        LogFormat::Text => builder.format(text),
        LogFormat::Json => builder.format(json),
    };
    // This fails only in a second call, when logging has already started.
    let _ = builder.try_init();
    std::panic::set_hook(Box::new(|panic| log::error!("{panic}")));
}

/// An error and its causes, on one line.
pub fn one_line(error: &dyn StdError) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        line = format!("{line}: {cause}");
        source = cause.source();
    }
    line.trim().replace('\n', "; ")
}

/// The text for a terminal, which would obey control characters in a file's content or a path. They are
/// written as in Rust, for example `\u{1b}`; line breaks stay.
#[must_use]
pub fn printable(text: &str) -> String {
    let is_plain = |c: char| c == '\n' || !c.is_control();
    text.chars().fold(String::with_capacity(text.len()), |mut printable, c| {
        if is_plain(c) {
            printable.push(c);
        } else {
            printable.extend(c.escape_default());
        }
        printable
    })
}

fn text(buffer: &mut Formatter, record: &Record<'_>) -> io::Result<()> {
    let time = buffer.timestamp_millis();
    write!(buffer, "{time} {:5} {}", record.level(), printable(&record.args().to_string()))?;
    record.key_values().visit(&mut Pairs(buffer)).map_err(io::Error::other)?;
    writeln!(buffer)
}

struct Pairs<'a>(&'a mut Formatter);

impl<'kvs> VisitSource<'kvs> for Pairs<'_> {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
        Ok(write!(self.0, " {key}={value}")?)
    }
}

fn json(buffer: &mut Formatter, record: &Record<'_>) -> io::Result<()> {
    let mut line = Map::new();
    let mut put = |key: &str, value: &dyn fmt::Display| {
        line.insert(key.to_owned(), Json::String(value.to_string()));
    };
    put("time", &buffer.timestamp_millis());
    put("level", &record.level());
    put("target", &record.target());
    put("message", record.args());
    record.key_values().visit(&mut Members(&mut line)).map_err(io::Error::other)?;
    serde_json::to_writer(&mut *buffer, &line)?;
    writeln!(buffer)
}

struct Members<'a>(&'a mut Map<String, Json>);

impl<'kvs> VisitSource<'kvs> for Members<'_> {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
        let json = match (value.to_u64(), value.to_f64()) {
            (Some(number), _) => number.into(),
            (None, Some(number)) => number.into(),
            (None, None) => value.to_string().into(),
        };
        self.0.insert(key.to_string(), json);
        Ok(())
    }
}
