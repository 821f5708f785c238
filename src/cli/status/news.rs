//! What is told beside changes of verdict: triggers that fire, sites that are lost, a journal that takes nothing,
//! and when that is over.

use serde_json::{Value, json};

use crate::cli::{Context, Failure};
use crate::desk::Shelf;
use crate::protect::standing::Within;
use crate::text::instant::stamp;
use crate::text::{Clock, Shape, SystemClock, untrusted};
use crate::watch::Picture;

/// What was told last.
#[derive(Debug, Default)]
pub struct News {
    fired: Vec<String>,
    lost: Vec<String>,
    trouble: bool,
    /// The categories of data that are known, with what they come to.
    data: Vec<(String, Within)>,
}

impl News {
    /// Prints a line for each that is new, and for each that is over.
    pub fn tell(&mut self, context: &Context, picture: &Picture) -> Result<(), Failure> {
        let fired = picture.triggers().iter().filter(|trigger| trigger.fired);
        let fired = fired.map(|trigger| safe(&format!("{}: {}", trigger.scenario, trigger.condition))).collect();
        let lost = picture.sites().iter().filter(|site| site.is_lost).map(|site| safe(&site.name)).collect();
        for (trigger, begins) in changed(&mut self.fired, fired) {
            let word = if begins { "fired" } else { "over" };
            let line = format!("trigger {word}: {trigger}");
            print(context, &line, json!({ "trigger": trigger, "state": word }))?;
        }
        for (site, begins) in changed(&mut self.lost, lost) {
            let word = if begins { "is lost: nothing there answers" } else { "answers again" };
            print(context, &format!("site {site} {word}"), json!({ "site": site, "lost": begins }))?;
        }
        Ok(())
    }

    /// Prints a line for each category of data that comes to something else than before: at first for those that are
    /// not within their RPO.
    pub fn data(&mut self, context: &Context, shelf: &Shelf) -> Result<(), Failure> {
        let now = SystemClock.now();
        for one in shelf.protection.iter().filter(|one| one.is_looked_at) {
            let is = one.verdict(now);
            let known = self.data.iter_mut().find(|(name, _)| *name == one.data);
            let was = known.map(|known| std::mem::replace(&mut known.1, is));
            if was.is_none() {
                self.data.push((one.data.clone(), is));
            }
            if was.unwrap_or(Within::Within) != is {
                let told = safe(&format!("data {} {}: {}", one.data, is.word(), one.age_told(now)));
                print(context, &told, json!({ "data": one.data, "verdict": is.word(), "told": one.age_told(now) }))?;
            }
        }
        Ok(())
    }

    /// Prints a line when the journal cannot be written or read any more, and one when it can be again.
    pub fn record(&mut self, context: &Context, trouble: Option<&str>) -> Result<(), Failure> {
        if self.trouble == trouble.is_some() {
            return Ok(());
        }
        self.trouble = trouble.is_some();
        match trouble.map(safe) {
            Some(why) => print(
                context,
                &format!("journal in trouble, changes may go unrecorded: {why}"),
                json!({ "journal": "trouble", "why": why }),
            ),
            None => print(context, "journal well again", json!({ "journal": "well" })),
        }
    }
}

fn safe(text: &str) -> String {
    untrusted(text, Shape::line(600))
}

fn print(context: &Context, line: &str, mut value: Value) -> Result<(), Failure> {
    let at = stamp(SystemClock.now());
    if context.out().is_json() {
        value["at"] = at.into();
        return context.out().line(value.to_string());
    }
    context.out().line(format!("{at} {line}"))
}

/// What is there now and was not before, and what was and is no more.
fn changed(before: &mut Vec<String>, now: Vec<String>) -> Vec<(String, bool)> {
    let begun = now.iter().filter(|one| !before.contains(one)).map(|one| (one.clone(), true));
    let over = before.iter().filter(|one| !now.contains(one)).map(|one| (one.clone(), false));
    let changed = begun.chain(over).collect();
    *before = now;
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_told() {
        let mut before = vec!["a".to_owned()];
        let told = changed(&mut before, vec!["a".to_owned(), "b".to_owned()]);
        assert_eq!(told, [("b".to_owned(), true)]);
        assert_eq!(changed(&mut before, vec!["b".to_owned()]), [("a".to_owned(), false)]);
        assert!(changed(&mut before, vec!["b".to_owned()]).is_empty());
    }
}
