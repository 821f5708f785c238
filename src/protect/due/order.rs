//! In which order jobs are done that are due together.

use std::collections::HashMap;

use crate::plan::types::Job;

/// The jobs in the order of the plan, but each after those whose recovery points it takes.
pub fn in_order(jobs: &[Job]) -> Vec<&Job> {
    let places: HashMap<&str, usize> = jobs.iter().enumerate().map(|(place, job)| (job.name.as_str(), place)).collect();
    let mut ordered = Vec::with_capacity(jobs.len());
    let mut is_placed = vec![false; jobs.len()];
    for first in 0..jobs.len() {
        // What was begun is not begun again, so that a circle, which the plan's check tells, ends.
        let mut open = vec![first];
        while let Some(place) = open.last().copied() {
            if !std::mem::replace(&mut is_placed[place], true) {
                let before = jobs[place].takes.iter().rev().filter_map(|name| places.get(name.as_str()));
                open.extend(before.filter(|before| !is_placed[**before]));
                continue;
            }
            open.pop();
            if !ordered.contains(&place) {
                ordered.push(place);
            }
        }
    }
    ordered.into_iter().map(|place| &jobs[place]).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn jobs(takes: &[(&str, &[&str])]) -> Vec<Job> {
        let job = |(name, takes): &(&str, &[&str])| {
            toml::from_str(&format!("name = '{name}'\ndo = 'upload'\ntakes = {takes:?}")).unwrap()
        };
        takes.iter().map(job).collect()
    }

    fn names(jobs: &[Job]) -> Vec<&str> {
        in_order(jobs).into_iter().map(|job| job.name.as_str()).collect()
    }

    #[test]
    fn what_takes_from_another_comes_after_it() {
        let jobs = jobs(&[("verify", &["upload", "dump"]), ("upload", &["dump"]), ("other", &[]), ("dump", &[])]);
        assert_eq!(names(&jobs), ["dump", "upload", "verify", "other"]);
    }

    #[test]
    fn a_circle_has_an_end() {
        let jobs = jobs(&[("a", &["b"]), ("b", &["a", "b", "nobody"])]);
        assert_eq!(names(&jobs).len(), 2);
    }

    proptest! {
        #[test]
        fn every_job_once_and_after_what_it_takes(takes in proptest::collection::vec(any::<u16>(), 1..12)) {
            let of = |place: usize, bits: u16| -> Vec<String> {
                (0..takes.len()).filter(|other| *other > place && bits >> other & 1 == 1).map(|other| format!("j{other}")).collect()
            };
            let jobs: Vec<Job> = takes.iter().enumerate().map(|(place, bits)| {
                toml::from_str(&format!("name = 'j{place}'\ndo = 'upload'\ntakes = {:?}", of(place, *bits))).unwrap()
            }).collect();
            let ordered = in_order(&jobs);
            prop_assert_eq!(ordered.len(), jobs.len());
            for (place, job) in ordered.iter().enumerate() {
                for taken in &job.takes {
                    prop_assert!(ordered[..place].iter().any(|before| before.name == *taken));
                }
            }
        }
    }
}
