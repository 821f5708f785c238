//! What is kept of one component and method in a store, as the plan says.

use crate::plan::types::{Job, Keep, Method, Store};
use crate::plan::{Plan, leaves};
use crate::text::Span;

/// What is kept: whatever any of these keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// What is younger.
    pub age: Option<Span>,
    /// So many that were verified.
    pub at_least: u32,
    /// The newest good one of so many days, weeks, months and years.
    pub periods: [u32; 4],
}

impl Rules {
    /// What a `keep` says; nothing where it lets nothing go.
    pub fn of(keep: &Keep) -> Option<Rules> {
        let count = |count: Option<u32>| count.unwrap_or(0);
        let periods = [keep.daily, keep.weekly, keep.monthly, keep.yearly].map(count);
        let limits = keep.age.is_some() || periods.iter().any(|count| *count > 0);
        limits.then(|| Rules { age: keep.age, at_least: count(keep.at_least), periods })
    }

    /// The rules of a series in a store; nothing where everything is kept. Of several jobs that write it, whatever any
    /// of them keeps is kept. `by` is the job that throws away, where one does.
    pub fn of_series(
        plan: &Plan,
        store: &Store,
        (component, method): (&str, Option<Method>),
        by: Option<&Job>,
    ) -> Option<Rules> {
        let writes = |job: &&Job| job.to.contains(&store.name) && leaves(plan, job, component, method);
        let writers: Vec<&Job> = plan.job.iter().filter(writes).collect();
        let keep = |writer: Option<&Job>| {
            let own = writer.and_then(|job| job.keep.as_ref());
            let keep = over(own, &store.keep.clone().unwrap_or_default());
            let keep = over(by.and_then(|by| by.keep.as_ref()), &keep);
            let age = by.and_then(|by| by.older_than).or(keep.age);
            Rules::of(&Keep { age, ..keep })
        };
        match writers.as_slice() {
            [] => keep(None),
            writers => writers.iter().map(|job| keep(Some(job))).reduce(|one, other| Some(one?.and(other?))).flatten(),
        }
    }

    /// Whatever one of both keeps.
    fn and(self, other: Rules) -> Rules {
        let [one, two] = [self.periods, other.periods];
        Rules {
            age: self.age.max(other.age),
            at_least: self.at_least.max(other.at_least),
            periods: std::array::from_fn(|index| one[index].max(two[index])),
        }
    }

    /// How old something gets that is kept the longest.
    pub fn horizon(&self) -> Span {
        let [daily, weekly, monthly, yearly] = self.periods.map(Some);
        let keep = Keep { age: self.age, at_least: None, daily, weekly, monthly, yearly };
        keep.longest().map_or(Span::ZERO, |(longest, _)| longest)
    }
}

/// What a job says, and what is said in general where it says nothing.
fn over(own: Option<&Keep>, general: &Keep) -> Keep {
    let Some(own) = own else { return general.clone() };
    Keep {
        age: own.age.or(general.age),
        at_least: own.at_least.or(general.at_least),
        daily: own.daily.or(general.daily),
        weekly: own.weekly.or(general.weekly),
        monthly: own.monthly.or(general.monthly),
        yearly: own.yearly.or(general.yearly),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(store: &str, jobs: &str, by: Option<&str>) -> Option<Rules> {
        let plan: Plan = toml::from_str(&format!(
            "[platform]\nname='p'\n[[component]]\nname='db'\nkind='postgres'\n[[store]]\nname='s'\nkind='directory'\n{store}\n{jobs}"
        ))
        .unwrap();
        let by = by.and_then(|name| plan.job.iter().find(|job| job.name == name));
        Rules::of_series(&plan, &plan.store[0], ("db", Some(Method::Dump)), by)
    }

    fn job(name: &str, more: &str) -> String {
        format!("[[job]]\nname='{name}'\ndo='backup'\nof='db'\nmethod='dump'\nto=['s']\n{more}\n")
    }

    const DAY: u64 = 86_400;

    #[test]
    fn a_job_says_more_than_its_store() {
        let days = |days: u64| Some(Span::from_secs(days * DAY));
        assert_eq!(rules("", &job("j", ""), None), None);
        assert_eq!(rules("keep={at_least=2}", &job("j", ""), None), None, "a least is no limit");
        let own = rules("keep={age='7d', at_least=2}", &job("j", "keep={age='30d', monthly=3}"), None).unwrap();
        assert_eq!((own.age, own.at_least, own.periods), (days(30), 2, [0, 0, 3, 0]));
        let other = job("sql", "keep={age='1d'}").replace("'dump'", "'sql'");
        assert_eq!(rules("keep={age='7d'}", &(job("j", "") + &other), None).unwrap().age, days(7));
        let longer = job("j", "") + &job("k", "keep={age='90d'}");
        assert_eq!(rules("keep={age='7d'}", &longer, None).unwrap().age, days(90));
        assert_eq!(rules("", &longer, None), None, "one of them keeps all");
    }

    #[test]
    fn what_throws_away_says_how_old() {
        let expire = "[[job]]\nname='x'\ndo='expire'\ntakes=['j']\nolder_than='3d'\n";
        let of = rules("keep={age='7d', at_least=2}", &(job("j", "") + expire), Some("x")).unwrap();
        assert_eq!((of.age, of.at_least), (Some(Span::from_secs(3 * DAY)), 2));
    }

    #[test]
    fn what_was_copied_there_is_kept_as_its_copier_says() {
        let jobs = job("j", "").replace("['s']", "[]")
            + "[[job]]\nname='u'\ndo='upload'\ntakes=['j']\nto=['s']\nkeep={age='1y'}\n\
               [[job]]\nname='c'\ndo='upload'\ntakes=['c']\nto=['s']\n";
        assert_eq!(rules("keep={age='7d'}", &jobs, None).unwrap().age, Some("1y".parse().unwrap()));
    }
}
