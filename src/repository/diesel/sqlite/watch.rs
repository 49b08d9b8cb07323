//! Notices that the file was replaced while no request comes.

use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use super::opener::SqliteOpener;
use crate::logging::one_line;
use crate::use_cases::Repository;

/// How often the file is compared. Until then, another program that opens the new file would find the
/// write-ahead log of the earlier one.
const INTERVAL: Duration = Duration::from_millis(200);

/// Starts a thread that leaves a file that is no longer at its path. It ends with the repository.
pub fn watch(opener: Arc<SqliteOpener>, repository: &Arc<dyn Repository>) {
    let repository = Arc::downgrade(repository);
    thread::spawn(move || leave_replaced(&opener, &repository));
}

fn leave_replaced(opener: &SqliteOpener, repository: &Weak<dyn Repository>) {
    let mut last = String::new();
    loop {
        thread::sleep(INTERVAL);
        let Some(repository) = repository.upgrade() else { return };
        if !opener.has_left_its_path() {
            last.clear();
            continue;
        }
        // Like any request, it leaves the earlier file, and opens the one at the path.
        if let Err(error) = repository.check() {
            let reason = one_line(&error);
            if reason != last {
                log::error!("{reason}");
            }
            last = reason;
        }
    }
}
