//! A temporary file for rooms that can be read only once as they arrive: over the network, or from a pipe.

use std::env;
use std::fs::File;
use std::io::{Error, Result};

/// Creates one. It has no name, and is gone when it is closed.
///
/// # Errors
///
/// The system's own, with the folder, and what to do.
pub fn temporary_file() -> Result<File> {
    tempfile::tempfile().map_err(|error| in_temporary_folder(&error))
}

/// Names the folder in an error about a temporary file.
#[must_use]
pub fn in_temporary_folder(error: &Error) -> Error {
    let folder = env::temp_dir();
    let text = format!(
        "cannot write a temporary file in {}: {error}. Check that this folder exists, that you may write to \
         it, and that its disk has space, or set TMPDIR to another",
        folder.display()
    );
    Error::new(error.kind(), text)
}
