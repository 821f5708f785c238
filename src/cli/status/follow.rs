//! A status that goes on: a line for each change, or a picture that repaints itself.

use std::sync::Arc;
use std::time::Duration;

use super::choice::Choice;
use super::news::News;
use super::screen::Screen;
use super::{Status, line};
use crate::cli::{Context, Failure};
use crate::desk::{operations, shelf};
use crate::plan::Plan;
use crate::text::instant::stamp;
use crate::text::{Clock, Exit, SystemClock};
use crate::watch::{Change, Jumps, Means, Pace, Picture, Recorded, start};

/// Goes on until interrupted.
pub(super) fn follow(context: &Context, plan: &Arc<Plan>, choice: &Choice, appends: bool) -> Result<Exit, Failure> {
    let wanted = |index: usize| choice.asks(&plan.component[index]);
    let mut screen = (context.out().repaints() && !appends).then(Screen::default);
    let mut picture = Picture::new(Arc::clone(plan));
    if let Ok(state) = context.state() {
        picture.recall(&Recorded::of(&state.path, SystemClock.now()));
    }
    context.block_on(async |stop| {
        let means = Arc::new(Means::new(context.redactor(), stop.clone()).only_looking(context.globals().read_only));
        let mut updates = start(plan, &means, Pace::Steady, wanted);
        let mut beat = tokio::time::interval(Duration::from_secs(1));
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let state = context.state().map(|state| state.path).ok();
        let ended = operations::follow(state.clone());
        let shelf = shelf::follow(Arc::clone(plan), Arc::clone(&means), state, ended);
        let mut jumps = Jumps::new(&SystemClock);
        let mut news = News::default();
        let mut summed = String::new();
        loop {
            let changes: Vec<Change> = tokio::select! {
                () = stop.cancelled() => return Ok(Exit::Interrupted),
                update = updates.recv() => match update {
                    Some(update) => picture.apply(update).into_iter().collect(),
                    None => return Ok(Exit::Done),
                },
                _ = beat.tick() => {
                    if let Some(by) = jumps.look(&SystemClock) {
                        picture.clock_jumped(by);
                    }
                    let changes = picture.settle(SystemClock.now());
                    if let Some(screen) = &mut screen {
                        screen.paint(&Status { context, plan, picture: &picture, shelf: &Arc::clone(&shelf.borrow()), choice })?;
                    } else {
                        news.tell(context, &picture)?;
                        news.data(context, &shelf.borrow())?;
                        summary(context, plan, &picture, choice, &mut summed)?;
                    }
                    changes
                }
            };
            if screen.is_none() {
                changes.iter().try_for_each(|change| told(context, choice, change))?;
            }
        }
    })
}

/// One line for a change, or one JSON value.
fn told(context: &Context, choice: &Choice, change: &Change) -> Result<(), Failure> {
    if !choice.has(change.to) && !choice.has(change.from) {
        return Ok(());
    }
    if context.out().is_json() {
        return context.out().line(serde_json::to_string(change).map_err(std::io::Error::from)?);
    }
    context.out().line(line::change(change, SystemClock.now()))
}

/// What all together comes to, once everything has answered and whenever it changes.
fn summary(
    context: &Context,
    plan: &Plan,
    picture: &Picture,
    choice: &Choice,
    before: &mut String,
) -> Result<(), Failure> {
    let asked = |index: usize| choice.asks(&plan.component[index]);
    let answered =
        (0..plan.component.len()).filter(|index| asked(*index)).all(|index| picture.seen(index).latest.is_some());
    let now = line::summary(picture, asked);
    if context.out().is_json() || !answered || now == *before {
        return Ok(());
    }
    context.out().line(format!("{} {now}", stamp(SystemClock.now())))?;
    *before = now;
    Ok(())
}
