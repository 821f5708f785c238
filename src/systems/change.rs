//! What somebody says of themselves, and what it was before: told for an hour after it changed.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::text::Zone;
use crate::text::instant::both;

/// How long a change is talked about.
const NEWS_FOR: Duration = Duration::from_hours(1);

/// What it is now, and what it was before.
#[derive(Debug)]
pub struct Known<T>(Option<State<T>>);

#[derive(Debug)]
struct State<T> {
    now: T,
    before: Option<(T, DateTime<Utc>, Duration)>,
}

/// What it was, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News<T> {
    /// What it was.
    pub was: T,
    /// When that was noticed, for people.
    pub noticed: String,
}

impl<T> Default for Known<T> {
    fn default() -> Known<T> {
        Known(None)
    }
}

impl<T: PartialEq + Clone> Known<T> {
    /// Notes what it is, and tells what it was if it has changed within the hour.
    pub fn note(&mut self, now: T, at: DateTime<Utc>, since_boot: Duration) -> Option<News<T>> {
        let state = self.0.get_or_insert_with(|| State { now: now.clone(), before: None });
        if state.now != now {
            let was = std::mem::replace(&mut state.now, now);
            state.before = Some((was, at, since_boot));
        }
        let (was, at, seen) = state.before.as_ref()?;
        let is_news = since_boot.saturating_sub(*seen) < NEWS_FOR;
        is_news.then(|| News { was: was.clone(), noticed: both(*at, Zone::UTC) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_news_for_an_hour() {
        let mut known = Known::default();
        let mut note = |what: &'static str, seconds: u64| {
            let at = DateTime::UNIX_EPOCH + Duration::from_secs(seconds);
            known.note(what, at, Duration::from_secs(seconds))
        };
        assert_eq!(note("primary", 0), None);
        assert_eq!(note("primary", 5), None);
        let news = Some(News { was: "primary", noticed: "1970-01-01 00:00:10 UTC".to_owned() });
        assert_eq!(note("standby", 10), news);
        assert_eq!(note("standby", 3_000), news);
        assert_eq!(note("standby", 3_700), None);
    }
}
