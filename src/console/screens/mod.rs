//! The screens: a file or folder each, and one line in the list here.

mod backups;
mod component;
mod events;
mod journal;
mod logs;
mod masked;
mod operations;
mod overview;
mod people;
mod plan;
mod why;

pub use backups::Backups;
pub use component::Component;
pub use journal::Journal;
pub use logs::Logs;
pub use overview::Overview;
pub use people::People;
pub use plan::Plan;

use std::sync::Arc;

use super::fetch::{LogAnswer, LogWish};
use super::fetch_point::PointAnswer;
use super::fetch_retention::RetentionAnswer;
use super::order::Order;
use super::{Action, Canvas, View};

/// Every screen, in the order of the navigation.
pub fn all() -> Vec<(ScreenId, Box<dyn Screen>)> {
    vec![
        (ScreenId::Overview, Box::new(Overview::default())),
        (ScreenId::Component, Box::new(Component::default())),
        (ScreenId::Logs, Box::new(Logs::default())),
        (ScreenId::People, Box::new(People::default())),
        (ScreenId::Journal, Box::new(Journal::default())),
        (ScreenId::Plan, Box::new(Plan::default())),
        (ScreenId::Backups, Box::new(Backups::default())),
    ]
}

/// Which screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScreenId {
    /// How everything is.
    Overview,
    /// All about one component.
    Component,
    /// The logs of a component.
    Logs,
    /// Whom to call.
    People,
    /// What happened.
    Journal,
    /// The plan and its runbook.
    Plan,
    /// What can be restored from, and the jobs that take it.
    Backups,
}

/// What a screen wants after an action.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reply {
    /// Nothing; it has been done.
    #[default]
    Done,
    /// It means nothing here.
    Ignored,
    /// Another screen.
    Go(ScreenId),
    /// All about the component at this place in the plan.
    Component(usize),
    /// The logs of the component at this place in the plan.
    Logs(usize),
    /// One of these is to be done, once it was looked at and confirmed; which of them is looked at first.
    Ask(Vec<Order>, usize),
    /// This on the clipboard.
    Copy(String),
    /// A word to the one who pressed the key.
    Say(String),
}

/// A screen: state of its own, and a picture drawn from the desk. It never waits for anything.
pub trait Screen {
    /// Its name in the navigation.
    fn title(&self) -> &'static str;

    /// What can be done here now, beside what can be done everywhere; the most useful first, for the footer.
    fn actions(&self) -> &'static [Action];

    /// Does it.
    fn act(&mut self, action: Action, view: &View<'_>) -> Reply;

    /// Shows only what contains this text; everything when it is empty. Called at each key while it is typed.
    fn filter(&mut self, text: &str, view: &View<'_>);

    /// Shows the component at this place in the plan. Screens that are not about one component take no notice.
    fn show(&mut self, _component: usize) {}

    /// The component that it is about now, by its place in the plan: the one that another screen then shows.
    fn about(&self) -> Option<usize> {
        None
    }

    /// The log that it wants to read now; whoever runs the console has it fetched, and hands over what came.
    fn wants(&self, _view: &View<'_>) -> Option<LogWish> {
        None
    }

    /// Takes what came of a wish.
    fn take(&mut self, _answer: LogAnswer) {}

    /// The recovery point that it wants to show in full now.
    fn wants_point(&self) -> Option<Arc<str>> {
        None
    }

    /// Takes what came of reading one.
    fn take_point(&mut self, _answer: PointAnswer) {}

    /// Whether it wants to show what would be thrown away.
    fn wants_retention(&self) -> bool {
        false
    }

    /// Takes what came of looking.
    fn take_retention(&mut self, _answer: RetentionAnswer) {}

    /// Draws everything between header and footer.
    fn draw(&mut self, view: &View<'_>, canvas: &mut Canvas<'_>);
}
