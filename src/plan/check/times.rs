//! How long the ways out take, held against the time there is.

use super::Rule;
use super::examined::Examined;
use super::places::{Entry, entries};
use super::words::list;
use crate::plan::source::Origin;
use crate::plan::types::Procedure;
use crate::plan::{Finding, Timing, time_of, timing};
use crate::text::Span;
use crate::text::counted;

pub const RULES: &[Rule] = &[rto, total, window, milestones];

/// A stated total may be this much less than its steps: nobody measures closer.
const OVER_PERCENT: u64 = 10;
/// And this much more, as people leave themselves some air.
const UNDER_PERCENT: u64 = 25;

/// The tightest time that a procedure has, where that is said, and whose it is: that of its
/// scenarios, else the smallest RTO of what it restores.
pub fn limit_of<'a>(examined: &Examined<'a>, procedure: Entry<'a, Procedure>) -> Option<(Span, Origin, String)> {
    let scenarios =
        entries(&examined.plan.scenario).filter(|scenario| scenario.procedure.as_ref() == Some(&procedure.item.name));
    let scenario = scenarios.filter_map(|scenario| Some((scenario.rto?, scenario))).min_by_key(|(rto, _)| *rto);
    if let Some((rto, scenario)) = scenario {
        return Some((rto, examined.key(scenario, "rto"), scenario.item.name.clone()));
    }
    let restored = procedure.item.restores.iter().filter_map(|name| examined.components.get(name));
    let promised = restored.filter_map(|component| Some((examined.rto_of(component)?, component)));
    let ((rto, place), component) = promised.min_by_key(|((rto, _), _)| *rto)?;
    Some((rto, place, component.item.name.clone()))
}

/// `, without 2 steps that no time is given for`, if there are any.
fn unknown(timing: &Timing) -> String {
    match timing.untimed {
        0 => String::new(),
        untimed => format!(", without {} that no time is given for", counted(untimed, "step")),
    }
}

/// The longest way through the steps against the time there is.
fn rto(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for procedure in entries(&examined.plan.procedure) {
        let Some((limit, place, whose)) = limit_of(examined, procedure) else { continue };
        let Some(timing) = timing(procedure.item) else { continue };
        let (steps, length) = (&timing.path.steps, timing.path.length);
        let stated = procedure.total.filter(|total| *total > length);
        let (takes, by_total) = stated.map_or((length, false), |total| (total, true));
        if takes <= limit {
            continue;
        }
        let way = list(steps.iter().map(|index| procedure.item.step[*index].name.as_str()));
        let finding = Finding::warning("rto", format!("{} takes {takes}, and {whose} leaves {limit}", procedure.name));
        let here = if by_total { examined.key(procedure, "total") } else { examined.origin(procedure) };
        let why = if by_total {
            format!(
                "it says itself that it takes {takes}, so {whose} is still down {} after the promise",
                takes.less(limit)
            )
        } else {
            format!(
                "its longest way is {way}{}: {takes}, so {whose} is still down {} after the promise",
                unknown(&timing),
                takes.less(limit)
            )
        };
        findings.push(finding.at(here, format!("takes {takes}")).at(place, "the time there is").because(why).mend(
            "let steps run side by side with `needs`, make the longest ones quicker, or promise what can be kept",
        ));
    }
}

/// Minutes of steps against the total that the plan states.
fn total(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for procedure in entries(&examined.plan.procedure) {
        let Some(total) = procedure.total else { continue };
        let Some(timing) = timing(procedure.item) else { continue };
        let longest = timing.path.length;
        if longest.is_zero() {
            continue;
        }
        let is_complete = timing.untimed == 0;
        let sum: Span = procedure.item.step.iter().filter_map(time_of).sum();
        let air = procedure.buffer.unwrap_or_default();
        let percent = |span: Span, percent: u64| Span::from_millis(span.approx_millis() / 100 * percent);
        let too_long = longest > percent(total, 100 + OVER_PERCENT);
        let too_short = is_complete && sum + air < percent(total, 100 - UNDER_PERCENT);
        if !too_long && !too_short {
            continue;
        }
        let adds = if too_long { longest } else { sum + air };
        let why = if too_long {
            format!("the clock is set to {total}, and at its end there are still {} of work left", longest.less(total))
        } else {
            format!(
                "{} of the {total} belong to no step, so the countdown cannot tell whether one is late",
                total.less(adds)
            )
        };
        findings.push(
            Finding::warning("total", format!("the steps of {} add up to {adds}, not to {total}", procedure.name))
                .at(examined.key(procedure, "total"), format!("its steps take {adds}"))
                .because(why)
                .mend(format!("write total = \"{adds}\", or correct the steps' budgets")),
        );
    }
}

/// The time set aside for a procedure against what it takes.
fn window(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for procedure in entries(&examined.plan.procedure) {
        let (Some(window), Some(timing)) = (procedure.window, timing(procedure.item)) else { continue };
        let length = timing.path.length;
        if length <= window {
            continue;
        }
        findings.push(
            Finding::warning("window", format!("{} takes {length}, and {window} are set aside for it", procedure.name))
                .at(examined.key(procedure, "window"), format!("its steps take {length}"))
                .because(format!("the announced window ends while {} of the work are still to do", length.less(window)))
                .mend(format!("set aside {length}, or let steps run side by side with `needs`")),
        );
    }
}

/// A time line that goes back, or ends after the time there is.
fn milestones(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for procedure in entries(&examined.plan.procedure) {
        let at = |index: usize| examined.at(&examined.path(procedure).to("milestone").to(index).to("at"));
        for (index, pair) in procedure.item.milestone.windows(2).enumerate() {
            if pair[1].at < pair[0].at {
                findings.push(
                    Finding::warning(
                        "milestones",
                        format!("\"{}\" stands after \"{}\", and is to happen before it", pair[1].title, pair[0].title),
                    )
                    .at(at(index + 1), "earlier")
                    .at(at(index), "than this")
                    .because("read from top to bottom on the night, the time line tells the wrong next thing to expect")
                    .mend("bring the milestones into the order of their times"),
                );
            }
        }
        let (Some((limit, place, whose)), Some(last)) =
            (limit_of(examined, procedure), procedure.item.milestone.last())
        else {
            continue;
        };
        if last.at > limit {
            findings.push(
                Finding::warning(
                    "milestones",
                    format!("\"{}\" is reached after {}, and {whose} leaves {limit}", last.title, last.at),
                )
                .at(at(procedure.item.milestone.len() - 1), "reached then")
                .at(place, "the time there is")
                .because(format!("a recovery that keeps exactly to its time line ends {} late", last.at.less(limit)))
                .mend("shorten the time line, or promise what can be kept"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepts, finds, only};

    fn procedure(rest: &str, budgets: &[&str]) -> String {
        let steps: Vec<String> = budgets
            .iter()
            .enumerate()
            .map(|(index, budget)| format!("[[procedure.step]]\nname='s{index}'\nbudget='{budget}'\n"))
            .collect();
        format!("[[procedure]]\nname='p'\n{rest}\n{}", steps.concat())
    }

    #[test]
    fn a_way_out_that_is_too_long_for_its_scenario_is_found() {
        let plan = |rto: &str| {
            procedure("", &["40min", "30min"]) + &format!("[[scenario]]\nname='x'\nprocedure='p'\nrto='{rto}'")
        };
        finds("rto", &plan("1h"), &["name='p'", "rto='1h'"]);
        assert!(only("rto", &plan("1h")).why.contains("s0 and s1: 1h 10min, so x is still down 10min"));
        accepts("rto", &plan("70min"));
    }

    #[test]
    fn without_a_scenario_the_tightest_of_what_it_restores_counts() {
        let plan = |rto: &str| {
            procedure("restores=['a', 'b']", &["40min"])
                + &format!(
                    "[[component]]\nname='a'\nkind='host'\nrto='2h'\n[[component]]\nname='b'\nkind='host'\nrto = '{rto}'"
                )
        };
        finds("rto", &plan("30min"), &["name='p'", "rto = '30min'"]);
        accepts("rto", &plan("40min"));
        let class =
            plan("40min").replace("rto = '40min'", "priority=1\n[[priority]]\nlevel=1\nname='c'\nwithin='30min'");
        finds("rto", &class, &["name='p'", "within='30min'"]);
    }

    #[test]
    fn steps_side_by_side_count_once() {
        let plan = "[[scenario]]\nname='x'\nprocedure='p'\nrto='1h'\n[[procedure]]\nname='p'\n\
                    [[procedure.step]]\nname='a'\nbudget='40min'\n[[procedure.step]]\nname='b'\nbudget='40min'\nneeds=[]";
        accepts("rto", plan);
        finds("rto", &plan.replace("needs=[]", ""), &["name='p'", "rto='1h'"]);
    }

    #[test]
    fn a_stated_total_beyond_the_time_is_found() {
        let plan = procedure("total='2h'", &["40min"]) + "[[scenario]]\nname='x'\nprocedure='p'\nrto='1h'";
        finds("rto", &plan, &["total='2h'", "rto='1h'"]);
    }

    #[test]
    fn minutes_that_do_not_add_up_are_found_and_rounding_is_not() {
        finds("total", &procedure("total='30min'", &["10min", "15min", "10min"]), &["total='30min'"]);
        assert_eq!(
            only("total", &procedure("total='30min'", &["35min"])).message,
            "the steps of p add up to 35min, not to 30min"
        );
        accepts("total", &procedure("total='40min'", &["2min", "20min", "10min", "5min"]));
        accepts("total", &procedure("total='35min'", &["5min", "15min", "10min", "5min"]));
        finds("total", &procedure("total='1h'", &["10min", "20min"]), &["total='1h'"]);
        accepts("total", &procedure("total='1h'\nbuffer='20min'", &["10min", "20min"]));
    }

    #[test]
    fn times_of_the_documents_count_where_no_budget_is_given() {
        let plan = |total: &str| {
            format!(
                "[[procedure]]\nname='p'\ntotal='{total}'\n[[procedure.step]]\nname='a'\nat='0s to 5min'\n[[procedure.step]]\nname='b'\nat='5min to 60min'"
            )
        };
        accepts("total", &plan("60min"));
        finds("total", &plan("40min"), &["total='40min'"]);
    }

    #[test]
    fn a_window_that_is_too_short_is_found() {
        finds("window", &procedure("window='2h'", &["3h"]), &["window='2h'"]);
        accepts("window", &procedure("window='2h'", &["2h"]));
    }

    #[test]
    fn a_time_line_that_goes_back_or_ends_late_is_found() {
        let plan = |second: &str| {
            format!(
                "[[procedure]]\nname='p'\nmilestone=[{{at='1h', title='A'}}, {{at = '{second}', title='B'}}]\n[[scenario]]\nname='x'\nprocedure='p'\nrto='2h'"
            )
        };
        finds("milestones", &plan("30min"), &["at = '30min'", "at='1h'"]);
        finds("milestones", &plan("3h"), &["at = '3h'", "rto='2h'"]);
        accepts("milestones", &plan("2h"));
    }
}
