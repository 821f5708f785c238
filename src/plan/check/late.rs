//! What a job says about runs that come too late, and about whom it tells, where that cannot be meant.

use super::Rule;
use super::examined::Examined;
use super::places::{Entry, entries};
use crate::plan::types::{ChannelKind, Job, Late};
use crate::plan::{Finding, Schedule};

pub const RULES: &[Rule] = &[no_slots, no_room, silent_failures, unposted];

/// Words about slots for work that has none.
fn no_slots(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for job in entries(&examined.plan.job) {
        let schedule = examined.exposures().schedule(job.index);
        if !matches!(schedule, Some(Schedule::Continuous { .. } | Schedule::OnChange)) {
            continue;
        }
        let said = [("late", job.late.is_some()), ("late_within", job.late_within.is_some())];
        for (key, _) in said.iter().filter(|(_, said)| *said) {
            findings.push(
                Finding::warning("late", format!("{} runs at no certain time, so it is never late", job.name))
                    .at(examined.key(job, key), "means nothing here")
                    .because("whoever reads it believes that a run is caught up, and there is none to catch up")
                    .mend("leave it out; `lag` says for how long a change may lie"),
            );
        }
    }
}

/// A limit that nothing can keep, or that changes nothing.
fn no_room(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for job in entries(&examined.plan.job) {
        let job: Entry<'_, Job> = job;
        let Some(within) = job.late_within else { continue };
        let at = || examined.key(job, "late_within");
        if within.is_zero() {
            findings.push(
                Finding::error("late", format!("{} may begin no moment late, so it would never run", job.name))
                    .at(at(), "no time")
                    .because("whoever looks for what is due comes a moment after its time at best")
                    .mend("write how late it may begin, like late_within = \"1h\", or leave it out"),
            );
        } else if job.late == Some(Late::Skip) {
            findings.push(
                Finding::warning("late", format!("{} is left out when it is late, however little", job.name))
                    .at(at(), "means nothing")
                    .at(examined.key(job, "late"), "beside this")
                    .because("two answers to one question: somebody counts on the one that does not hold")
                    .mend("keep `late_within` alone: it leaves out what is later than that"),
            );
        }
    }
}

/// Failures that are to be reported nowhere.
fn silent_failures(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for job in entries(&examined.plan.job).filter(|job| job.ping.is_none() && job.ping_failures == Some(true)) {
        findings.push(
            Finding::warning("ping", format!("{} reports its failures to no address", job.name))
                .at(examined.key(job, "ping_failures"), "and there is no `ping`")
                .because("nobody is told of a failure, and the plan looks as if somebody were")
                .mend("name the address: ping = \"https://...\""),
        );
    }
}

/// Channels that no program can post to.
fn unposted(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for job in entries(&examined.plan.job) {
        for (index, name) in job.tell.iter().enumerate() {
            let Some(channel) = examined.plan.channel.iter().find(|channel| channel.name == *name) else { continue };
            if matches!(channel.kind, ChannelKind::Webhook | ChannelKind::Chat) {
                continue;
            }
            findings.push(
                Finding::warning("tell", format!("{} is to tell {name}, and nothing can be posted there", job.name))
                    .at(examined.at(&examined.path(job).to("tell").to(index)), "no webhook and no chat")
                    .because("nobody hears how it ended")
                    .mend("name a channel of kind webhook or chat"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepts, finds};

    fn job(rest: &str) -> String {
        format!("[[job]]\nname='j'\ndo='command'\nrun=['true']\n{rest}")
    }

    #[test]
    fn what_has_no_slots_is_never_late() {
        finds("late", &job("on_change=true\nlate='run'"), &["late='run'"]);
        finds("late", &job("continuous=true\nlag='1min'\nlate_within='1h'"), &["late_within='1h'"]);
        accepts("late", &job("every='1h'\nlate='skip'"));
        accepts("late", &job("every='1h'\nlate='run'\nlate_within='30min'"));
    }

    #[test]
    fn a_limit_must_leave_room_and_mean_something() {
        finds("late", &job("every='1h'\nlate_within='0s'"), &["late_within='0s'"]);
        finds("late", &job("every='1h'\nlate='skip'\nlate_within='1h'"), &["late_within='1h'", "late='skip'"]);
    }

    #[test]
    fn whoever_is_to_be_told_can_be() {
        finds("ping", &job("every='1h'\nping_failures=true"), &["ping_failures=true"]);
        accepts("ping", &job("every='1h'\nping='https://hooks.example.com/x'\nping_failures=true"));
        let channel = |kind: &str| format!("[[channel]]\nname='c'\nkind='{kind}'\n{}", job("every='1h'\ntell=['c']"));
        finds("tell", &channel("phone"), &["'c'"]);
        accepts("tell", &channel("webhook"));
    }
}
