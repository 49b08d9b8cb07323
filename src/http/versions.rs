//! The version that the repository has now, asked once for all who want to know it at the same moment.
//!
//! Whoever asks is told a version that was read after they asked, so it is never an old one. A question
//! that is under way was asked too early for those who come meanwhile: they share the next.

use std::sync::{Mutex, MutexGuard, PoisonError};

use actix_web::{rt, web};
use tokio::sync::{Mutex as Turn, watch};

use super::Catalogue;
use super::problem::Problem;
use crate::use_cases::{Version, rooms_version};

type Answer = Result<Version, Problem>;

/// Who asks for the version.
#[derive(Default)]
pub struct Versions {
    /// What will be told to those who ask now, once the question under way is answered.
    next: Mutex<Option<watch::Receiver<Option<Answer>>>>,
    /// One question at a time.
    turn: Turn<()>,
}

impl Versions {
    /// The version, read after this was called.
    pub async fn current(catalogue: &web::Data<Catalogue>) -> Answer {
        let mut told = {
            let mut next = catalogue.versions.next();
            match &*next {
                Some(told) => told.clone(),
                None => {
                    let (tell, told) = watch::channel(None);
                    // A task of its own: whoever came first may go away.
                    rt::spawn(ask(catalogue.clone(), tell));
                    next.insert(told).clone()
                }
            }
        };
        match told.wait_for(Option::is_some).await {
            Ok(answer) => answer.clone().unwrap_or_else(|| Err(Problem::too_busy())),
            // Whoever would have asked ended before; it is only told so when the server stops.
            Err(_) => {
                catalogue.versions.next().take();
                catalogue.ask(rooms_version).await
            }
        }
    }

    fn next(&self) -> MutexGuard<'_, Option<watch::Receiver<Option<Answer>>>> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn ask(catalogue: web::Data<Catalogue>, tell: watch::Sender<Option<Answer>>) {
    let _turn = catalogue.versions.turn.lock().await;
    // Whoever comes from here on comes too late for this question.
    catalogue.versions.next().take();
    tell.send_replace(Some(catalogue.ask(rooms_version).await));
}
