//! Standard output, where results go.

use std::io::{self, ErrorKind, Write};

/// Prints a result, or a part of one. Returns whether the reader wants more: one that exits early, for
/// example `head`, does not, and that is not an error.
pub fn print(bytes: &[u8]) -> io::Result<bool> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error),
    }
}

/// Prints a result as text.
pub fn say(text: &str) -> io::Result<()> {
    print(text.as_bytes()).map(drop)
}
