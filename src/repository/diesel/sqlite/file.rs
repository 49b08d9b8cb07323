//! Which file is at the path of a database. It can be replaced or deleted while a server has it open: the
//! connections then still lead to the earlier file, and what is written to it is lost.

use std::fs;
use std::io::Error;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Identifies a file. An inode's number is used again after the file is gone, so the time of its creation
/// counts as well, where the file system has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileId {
    device: u64,
    inode: u64,
    created: Option<SystemTime>,
}

impl FileId {
    /// The file at this path.
    pub fn at(path: &Path) -> Result<Self, Error> {
        let file = fs::metadata(path)?;
        Ok(Self { device: file.dev(), inode: file.ino(), created: file.created().ok() })
    }
}

/// A database's file that connections have open. It is dropped with the last of them.
#[derive(Debug)]
pub struct OpenFile {
    path: PathBuf,
    id: FileId,
}

impl OpenFile {
    /// The file at this path.
    pub fn at(path: &Path) -> Result<Self, Error> {
        Ok(Self { path: path.to_owned(), id: FileId::at(path)? })
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Which file it is.
    pub fn id(&self) -> FileId {
        self.id
    }

    /// Whether this is still the file at its path.
    pub fn is_in_place(&self) -> bool {
        FileId::at(&self.path).is_ok_and(|id| id == self.id)
    }
}
