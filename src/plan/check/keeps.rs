//! A `keep` that does not say what was meant, or that nothing can come of.

use super::Rule;
use super::examined::Examined;
use super::places::entries;
use super::retention::kept_of;
use crate::plan::Finding;
use crate::plan::types::{Job, Keep, Task};

pub const RULES: &[Rule] = &[nothing, unread];

/// Counts of nothing, and a `keep` that does not say for how long: what was meant is not what happens.
fn nothing(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let stores = entries(&examined.plan.store).filter_map(|it| Some((examined.path(it), it.item.keep.as_ref()?)));
    let jobs = entries(&examined.plan.job).filter_map(|it| Some((examined.path(it), it.item.keep.as_ref()?)));
    for (path, keep) in stores.chain(jobs) {
        let path = path.to("keep");
        if *keep == Keep::default() {
            findings.push(
                Finding::warning("retention-nothing", "this `keep` says nothing".to_owned())
                    .at(examined.at(&path), "nothing is said")
                    .because("everything is kept for ever, until the disk is full in the night of a backup")
                    .mend("write an age, or how many days, weeks and months are kept, or leave it out"),
            );
        }
        let periods = [
            ("daily", keep.daily),
            ("weekly", keep.weekly),
            ("monthly", keep.monthly),
            ("yearly", keep.yearly),
            ("at_least", keep.at_least),
        ];
        for (key, _) in periods.into_iter().filter(|(_, count)| *count == Some(0)) {
            findings.push(
                Finding::warning("retention-nothing", format!("`{key} = 0` keeps none"))
                    .at(examined.at(&path.to(key)), "none")
                    .because("whoever reads it may take it for all")
                    .mend("leave it out, or say how many"),
            );
        }
    }
}

/// A store that is cleaned up, and nothing ever reads what lies there: the unread may be the only one that restores, and
/// is kept until others were read.
fn unread(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let jobs = || entries(&examined.plan.job);
    let works_on = |job: &Job, store: &str| job.to.is_empty() || job.to.iter().any(|name| name == store);
    let is_read = |store: &str| {
        jobs().any(|job| matches!(job.item.task, Task::Verify | Task::Prove) && works_on(job.item, store))
    };
    for store in entries(&examined.plan.store).filter(|store| !is_read(&store.item.name)) {
        let writes = jobs().filter(|job| job.item.task == Task::Backup && job.item.to.contains(&store.item.name));
        let kept = writes.filter_map(|job| kept_of(examined, Some(job), store)).min_by_key(|(kept, _)| *kept);
        let Some((kept, place)) = kept else { continue };
        let Some(cleans) = jobs().find(|job| job.item.task == Task::Expire && works_on(job.item, &store.item.name))
        else {
            continue;
        };
        findings.push(
            Finding::warning(
                "retention-unread",
                format!("{} keeps {kept} and is cleaned up, and no job reads what lies there", store.item.name),
            )
            .at(place, "the limit")
            .at(examined.key(cleans, "do"), "the clean-up")
            .because(
                "what nobody has read may be the only one that restores, so it is not thrown away: the store fills",
            )
            .mend(format!("add a job with do = \"verify\" and to = [\"{}\"]", store.item.name)),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepts, finds};

    #[test]
    fn a_store_that_is_cleaned_up_and_never_read_is_found() {
        let plan = "[[store]]\nname='s'\nkind='directory'\nkeep={age='7d'}\n".to_owned()
            + "[[job]]\nname='j'\ndo='backup'\nmethod='dump'\nevery='1h'\nto=['s']\n\
               [[job]]\nname='x'\ndo='expire'\ncron='0 3 * * *'\n";
        finds("retention-unread", &plan, &["age='7d'", "do='expire'"]);
        accepts("retention-unread", &plan.replace("do='expire'", "do='command'"));
        let verified = |to: &str| format!("{plan}[[job]]\nname='v'\ndo='verify'\ncron='0 4 * * *'\n{to}");
        accepts("retention-unread", &verified(""));
        accepts("retention-unread", &verified("to=['s']"));
        finds("retention-unread", &verified("to=['another']"), &["age='7d'", "do='expire'"]);
    }

    #[test]
    fn a_keep_that_keeps_nothing_is_found() {
        let plan = |keep: &str| format!("[[store]]\nname='s'\nkind='directory'\nkeep={{{keep}}}\n");
        finds("retention-nothing", &plan("age='7d', daily=0"), &["daily=0"]);
        finds("retention-nothing", &plan("age='7d', at_least=0"), &["at_least=0"]);
        finds("retention-nothing", &plan(""), &["keep"]);
        accepts("retention-nothing", &plan("monthly=12"));
        accepts("retention-nothing", &plan("at_least=2"));
    }
}
