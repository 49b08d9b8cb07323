//! The contract of sessions, held over every storage, and how long a session lasts.

use std::time::Duration;

use rentomatic::use_cases::{Session, SessionHash, UnixTime};

use crate::repository_contract::{Repository, over_every_repository};

over_every_repository! {
    a_session_is_found_until_it_ends,
    all_sessions_end_at_once,
    a_touch_is_noted_unless_the_session_has_ended,
    sessions_that_have_expired_are_removed_when_another_begins,
}

const NOW: UnixTime = UnixTime(1_800_000_000);

fn hash(name: &str) -> SessionHash {
    SessionHash(format!("{name:_<43}"))
}

fn later(duration: Duration) -> UnixTime {
    UnixTime(NOW.0 + i64::try_from(duration.as_secs()).unwrap())
}

fn a_session_is_found_until_it_ends(repository: &Repository) {
    let (one, other) = (hash("one"), hash("other"));
    assert_eq!(repository.find_session(&one).unwrap(), None);
    repository.begin_session(&one, NOW).unwrap();
    repository.begin_session(&other, NOW).unwrap();
    assert_eq!(repository.find_session(&one).unwrap(), Some(Session::begun(NOW)));
    // Of another case, it is another hash.
    assert_eq!(repository.find_session(&hash("ONE")).unwrap(), None);
    repository.end_session(&one).unwrap();
    repository.end_session(&one).unwrap();
    assert_eq!(repository.find_session(&one).unwrap(), None);
    assert_eq!(repository.find_session(&other).unwrap(), Some(Session::begun(NOW)));
}

fn all_sessions_end_at_once(repository: &Repository) {
    repository.end_all_sessions().unwrap();
    let all = ["one", "two", "three"].map(hash);
    for each in &all {
        repository.begin_session(each, NOW).unwrap();
    }
    repository.end_all_sessions().unwrap();
    for each in &all {
        assert_eq!(repository.find_session(each).unwrap(), None);
    }
}

fn a_touch_is_noted_unless_the_session_has_ended(repository: &Repository) {
    let (one, other) = (hash("one"), hash("other"));
    repository.begin_session(&one, NOW).unwrap();
    repository.begin_session(&other, NOW).unwrap();
    let seen = later(Duration::from_secs(90));
    repository.touch_session(&one, seen).unwrap();
    repository.touch_session(&one, NOW).unwrap();
    let expected = Session { last_seen_at: seen, ..Session::begun(NOW) };
    assert_eq!(repository.find_session(&one).unwrap(), Some(expected));
    assert_eq!(repository.find_session(&other).unwrap(), Some(Session::begun(NOW)));
    repository.end_session(&one).unwrap();
    repository.touch_session(&one, seen).unwrap();
    assert_eq!(repository.find_session(&one).unwrap(), None);
}

fn sessions_that_have_expired_are_removed_when_another_begins(repository: &Repository) {
    let [idle, old, in_use, new] = ["idle", "old", "in use", "new"].map(hash);
    repository.begin_session(&old, NOW).unwrap();
    let mut seen = NOW;
    // Kept alive until just before the absolute time-out.
    for _ in 0..24 {
        seen = UnixTime(seen.0 + 1_799);
        repository.touch_session(&old, seen).unwrap();
    }
    repository.begin_session(&idle, UnixTime(seen.0)).unwrap();
    repository.begin_session(&in_use, UnixTime(seen.0)).unwrap();
    assert!(repository.find_session(&old).unwrap().is_some());
    let end = later(Session::MAX_AGE).max(UnixTime(seen.0 + 1_800));
    repository.touch_session(&old, end).unwrap();
    repository.touch_session(&in_use, end).unwrap();
    repository.begin_session(&new, end).unwrap();
    let found = [&idle, &old, &in_use, &new].map(|hash| repository.find_session(hash).unwrap());
    assert_eq!(found.map(|session| session.is_some()), [false, false, true, true]);
}

#[test]
fn a_session_lasts_for_12_hours_and_30_minutes_without_use() {
    let begun = Session::begun(NOW);
    let is_valid = |session: Session, seconds| session.is_valid(UnixTime(NOW.0 + seconds));
    assert!(is_valid(begun, 0) && is_valid(begun, 30 * 60 - 1));
    assert!(!is_valid(begun, 30 * 60));
    let used = |seconds| Session { last_seen_at: UnixTime(NOW.0 + seconds), ..begun };
    let hours = 12 * 60 * 60;
    assert!(is_valid(used(hours - 60), hours - 1));
    assert!(!is_valid(used(hours - 60), hours));
    // By the clock of another server, which is slow.
    assert!(is_valid(begun, -5));
}

#[test]
fn the_use_of_a_session_is_written_once_a_minute() {
    let begun = Session::begun(NOW);
    assert!(!begun.needs_touch(later(Duration::from_secs(59))));
    assert!(begun.needs_touch(later(Duration::from_mins(1))));
}
