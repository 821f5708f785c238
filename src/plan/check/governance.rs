//! Whether the plan is still looked after.

use chrono::{DateTime, NaiveDate, Utc};

use super::Rule;
use super::examined::Examined;
use super::places::entries;
use super::words::list;
use crate::plan::Finding;
use crate::plan::source::Path;
use crate::text::Span;

pub const RULES: &[Rule] = &[review, announced, reviews, approvals];

/// People round dates of reviews to weeks.
const LEEWAY_DAYS: i64 = 7;

fn platform(key: &str) -> Path {
    Path::root().to("platform").to(key)
}

fn later(date: NaiveDate, span: Span) -> Option<NaiveDate> {
    let midnight: DateTime<Utc> = date.and_hms_opt(0, 0, 0)?.and_utc();
    span.after(midnight).map(|end| end.date_naive())
}

const WHY: &str = "addresses, people and sizes have changed since, and the plan is followed as it stands";

/// A plan past its review.
fn review(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let said = &examined.plan.platform;
    let Some(reviewed) = said.reviewed else {
        if said.review_every.is_some() && !examined.is_written(&platform("reviewed")) {
            findings.push(
                Finding::warning("review", "the plan has never been reviewed")
                    .at(examined.at(&platform("review_every")), "promised")
                    .because("nobody has ever said that it is right")
                    .mend("read it through with those who would follow it, and write the day: reviewed = 2026-01-31"),
            );
        }
        return;
    };
    let Some(due) = said.review_every.and_then(|every| later(reviewed, every)).filter(|due| *due < examined.today())
    else {
        return;
    };
    findings.push(
        Finding::warning("review", format!("the plan was due for review on {due}"))
            .at(examined.at(&platform("reviewed")), "last reviewed")
            .at(examined.at(&platform("review_every")), "how often it should be")
            .because(format!("{} days late: {WHY}", (examined.today() - due).num_days()))
            .mend("read it through with those who would follow it, and write the day into `reviewed`"),
    );
}

/// A next review that is over, or does not follow from the last.
fn announced(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let said = &examined.plan.platform;
    let Some(next) = said.next_review else { return };
    let follows = said.reviewed.zip(said.review_every).and_then(|(reviewed, every)| later(reviewed, every));
    if let Some(follows) = follows.filter(|follows| (next - *follows).num_days().abs() > LEEWAY_DAYS) {
        findings.push(
            Finding::warning("next-review", format!("the next review is announced for {next}, and due on {follows}"))
                .at(examined.at(&platform("next_review")), "announced")
                .at(examined.at(&platform("review_every")), format!("makes it {follows}"))
                .because("of two dates the later one is kept, if either is")
                .mend(format!("write next_review = {follows}, or leave it out")),
        );
    } else if follows.is_none() && next < examined.today() {
        findings.push(
            Finding::warning("review", format!("the plan was due for review on {next}"))
                .at(examined.at(&platform("next_review")), "over")
                .because(format!("{} days late: {WHY}", (examined.today() - next).num_days()))
                .mend("read it through with those who would follow it, and announce the next review"),
        );
    }
}

/// Other things that are to be looked over, and were not.
fn reviews(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for review in entries(&examined.plan.review) {
        let Some(last) = review.last else { continue };
        let of_plan = &examined.plan.platform;
        let is_same = of_plan.reviewed == Some(last) && of_plan.review_every == Some(review.every);
        if is_same && (review.of.split_whitespace().any(|word| word == "plan") || review.of == of_plan.name) {
            // The plan's own review, which is told of already.
            continue;
        }
        let Some(due) = later(last, review.every).filter(|due| *due < examined.today()) else { continue };
        findings.push(
            Finding::warning("review", format!("{} was due for review on {due}", review.of))
                .at(examined.key(review, "last"), "last reviewed")
                .at(examined.key(review, "every"), "how often it should be")
                .because(format!(
                    "{} days late: what was right then is relied on now",
                    (examined.today() - due).num_days()
                ))
                .mend("look it over, and write the day into `last`"),
        );
    }
}

/// Approvals that nobody signed: one finding for all of them.
fn approvals(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let unsigned: Vec<_> =
        entries(&examined.plan.approval).filter(|approval| approval.by.is_none() || approval.on.is_none()).collect();
    if unsigned.is_empty() {
        return;
    }
    let who = list(unsigned.iter().map(|approval| approval.item.role.as_str()));
    let finding = Finding::warning("unsigned", format!("the plan waits for the agreement of {who}"));
    let finding = unsigned
        .iter()
        .fold(finding, |finding, approval| finding.at(examined.key(*approval, "role"), "has not signed"));
    findings.push(
        finding
            .because("on the night somebody asks who allowed this, and the recovery waits for the answer")
            .mend("write who agreed and when: by = \"...\", on = 2026-01-31"),
    );
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepts, finds};

    fn plan(rest: &str) -> String {
        format!("[platform]\nname='p'\n{rest}")
    }

    #[test]
    fn a_plan_past_its_review_is_found() {
        finds(
            "review",
            &plan("reviewed=2024-08-18\nreview_every='3 months'"),
            &["reviewed=2024-08-18", "review_every='3 months'"],
        );
        accepts("review", &plan("reviewed=2024-11-18\nreview_every='3 months'"));
        finds("review", &plan("review_every='3 months'"), &["review_every='3 months'"]);
        finds("review", &plan("next_review=2024-11-30"), &["next_review=2024-11-30"]);
    }

    #[test]
    fn a_next_review_that_does_not_follow_is_found() {
        let plan = |next: &str| plan(&format!("reviewed=2024-11-18\nreview_every='3 months'\nnext_review={next}"));
        finds("next-review", &plan("2025-05-18"), &["next_review=2025-05-18", "review_every='3 months'"]);
        accepts("next-review", &plan("2025-02-18"));
    }

    #[test]
    fn other_reviews_are_looked_at_too() {
        let plan = |last: &str| format!("[[review]]\nof='drills'\nevery='1 month'\nlast={last}");
        finds("review", &plan("2024-10-01"), &["last=2024-10-01", "every='1 month'"]);
        accepts("review", &plan("2024-11-15"));
    }

    #[test]
    fn the_plans_own_review_is_told_of_once() {
        let both = |of: &str| {
            plan(&format!(
                "reviewed=2024-01-01\nreview_every='3 months'\n[[review]]\nof='{of}'\nevery = '3 months'\nlast=2024-01-01"
            ))
        };
        finds("review", &both("this plan"), &["reviewed=2024-01-01", "review_every='3 months'"]);
        let (found, _) = super::super::testing::findings(&both("drills"));
        assert_eq!(found.iter().filter(|finding| finding.rule == "review").count(), 2);
    }

    #[test]
    fn what_nobody_signed_is_found_once() {
        let signed = "[[approval]]\nrole='cio'\nby='ada'\non=2024-11-18\n";
        finds(
            "unsigned",
            &format!("{signed}[[approval]]\nrole='vp'\n[[approval]]\nrole='iso'"),
            &["role='vp'", "role='iso'"],
        );
        accepts("unsigned", signed);
    }
}
