//! Which events one wants to see.

use chrono::{DateTime, Utc};

use super::Event;

/// A choice of events; an empty list means any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Not before this.
    pub since: Option<DateTime<Utc>>,
    /// Before this.
    pub until: Option<DateTime<Utc>>,
    /// One of these kinds, or of the kinds below them: `operation` means `operation.started` too.
    pub kinds: Vec<String>,
    /// About one of these.
    pub subjects: Vec<String>,
    /// By one of these users: a name or a number, also that of the login behind it.
    pub actors: Vec<String>,
}

impl Filter {
    /// Whether the event is among them.
    pub fn matches(&self, event: &Event<'_>) -> bool {
        let any = |wanted: &[String], is: &dyn Fn(&str) -> bool| wanted.is_empty() || wanted.iter().any(|it| is(it));
        any(&self.kinds, &|kind| below(event.kind, kind))
            && any(&self.subjects, &|subject| event.subject == subject)
            && any(&self.actors, &|actor| by(event, actor))
            && (self.since.is_none() && self.until.is_none() || self.in_time(event.at()))
    }

    fn in_time(&self, at: DateTime<Utc>) -> bool {
        self.since.is_none_or(|since| at >= since) && self.until.is_none_or(|until| at < until)
    }
}

fn below(kind: &str, wanted: &str) -> bool {
    kind.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn by(event: &Event<'_>, wanted: &str) -> bool {
    let actor = &event.actor;
    let is = |uid: u32, name: &str| name == wanted || wanted.parse() == Ok(uid);
    is(actor.uid, &actor.name) || actor.login.as_ref().is_some_and(|login| is(login.uid, &login.name))
}
