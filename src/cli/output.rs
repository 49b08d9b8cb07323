//! Standard output, where results go.

use std::io::{self, ErrorKind, Write};

/// Prints a result. A reader that has gone away, as `head` does, wants no more: that is no failure.
pub fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}
