//! The version that the repository has, asked once for all who want to know it at the same moment, and
//! believed for a moment.
//!
//! A question that is under way was asked too early for those who come meanwhile: they share the next. What
//! it said is believed for [`TRUST`] from when it was asked, so a change that somebody makes by hand is seen
//! so much later. A write through a server is only acknowledged once nobody can believe an older version any
//! more ([`Versions::settle`]), so whoever was told of it sees it, on any server.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use actix_web::rt::time::sleep;
use actix_web::{rt, web};
use tokio::sync::{Mutex as Turn, watch};

use super::Catalogue;
use super::problem::Problem;
use crate::use_cases::{Version, rooms_version};

/// How long a version is believed, where anything is kept at all.
const TRUST: Duration = Duration::from_millis(5);

type Answer = Result<Version, Problem>;

/// Who asks for the version, and what was said last.
pub struct Versions {
    trust: Duration,
    state: Mutex<State>,
    /// One question at a time.
    turn: Turn<()>,
}

#[derive(Default)]
struct State {
    /// The newest version, and when it was asked for.
    last: Option<(Version, Instant)>,
    /// What will be told to those who ask now, once the question under way is answered.
    next: Option<watch::Receiver<Option<Answer>>>,
}

impl Versions {
    /// Nothing is known yet. If nothing is kept, nothing is believed either.
    pub fn new(keeps: bool) -> Self {
        let trust = if keeps { TRUST } else { Duration::ZERO };
        Self { trust, state: Mutex::default(), turn: Turn::default() }
    }

    /// The version that was told last, if it can be believed.
    pub fn believed(&self) -> Option<Version> {
        let (version, asked) = self.state().last?;
        (asked.elapsed() < self.trust).then_some(version)
    }

    /// The version that the repository has, asked for after this was called.
    pub async fn ask(catalogue: &web::Data<Catalogue>) -> Answer {
        let versions = &catalogue.versions;
        let mut told = {
            let mut state = versions.state();
            let begin = || {
                let (tell, told) = watch::channel(None);
                // A task of its own: whoever came first may go away.
                rt::spawn(tell_all(catalogue.clone(), tell));
                told
            };
            state.next.get_or_insert_with(begin).clone()
        };
        let answer = told.wait_for(Option::is_some).await.ok().and_then(|answer| answer.clone());
        if let Some(answer) = answer {
            return answer;
        }
        // Whoever would have asked ended before, as when the server stops.
        versions.state().next.take();
        catalogue.ask(rooms_version).await
    }

    /// Waits until nobody believes a version from before now.
    pub async fn settle(&self) {
        if !self.trust.is_zero() {
            sleep(self.trust).await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn tell_all(catalogue: web::Data<Catalogue>, tell: watch::Sender<Option<Answer>>) {
    let versions = &catalogue.versions;
    let _turn = versions.turn.lock().await;
    // Whoever comes from here on comes too late for this question.
    versions.state().next.take();
    let asked = Instant::now();
    let answer = catalogue.ask(rooms_version).await;
    versions.state().last = answer.as_ref().ok().map(|version| (*version, asked));
    tell.send_replace(Some(answer));
}
