//! What a job leaves behind: recovery points that it took, or copies of what others took, over however many hops.

use super::types::{Job, Method, Plan, Task};

/// A job, those that an upload takes from, and those that they take from, each once.
pub fn taken_on<'p>(plan: &'p Plan, job: &'p Job) -> Vec<&'p Job> {
    let mut known = vec![job];
    let mut next = 0;
    while let Some(job) = known.get(next).copied() {
        next += 1;
        if job.task != Task::Upload {
            continue;
        }
        for taken in plan.job.iter().filter(|other| job.takes.contains(&other.name)) {
            if !known.iter().any(|other| other.name == taken.name) {
                known.push(taken);
            }
        }
    }
    known
}

/// Whether a job leaves such recovery points behind.
pub fn leaves(plan: &Plan, job: &Job, component: &str, method: Option<Method>) -> bool {
    let is_one = |taken: &&Job| {
        let is_alike = taken.method.zip(method).is_none_or(|(one, other)| one.is_like(other));
        taken.task == Task::Backup && taken.of.as_deref() == Some(component) && is_alike
    };
    taken_on(plan, job).iter().any(is_one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upload_leaves_what_was_taken_however_often_it_is_taken_on() {
        let hop = |name: &str, takes: &str| format!("[[job]]\nname = '{name}'\ndo = 'upload'\ntakes = [{takes}]\n");
        let hops: String = (1..12).map(|at| hop(&format!("u{at}"), &format!("'u{}'", at - 1))).collect();
        let plan: Plan = toml::from_str(&format!(
            "[platform]\nname = 'p'\n[[component]]\nname = 'db'\nkind = 'postgres'\n\
             [[job]]\nname = 'dump'\ndo = 'backup'\nof = 'db'\nmethod = 'dump'\n{}{hops}{}",
            hop("u0", "'dump', 'circle'"),
            hop("circle", "'circle', 'u0'"),
        ))
        .unwrap();
        let job = |name: &str| plan.job.iter().find(|job| job.name == name).unwrap();
        for name in ["dump", "u0", "u11", "circle"] {
            assert!(leaves(&plan, job(name), "db", Some(Method::Dump)), "{name}");
            assert!(leaves(&plan, job(name), "db", None), "{name}");
            assert!(!leaves(&plan, job(name), "db", Some(Method::Base)), "{name}");
            assert!(!leaves(&plan, job(name), "cache", Some(Method::Dump)), "{name}");
        }
        assert_eq!(taken_on(&plan, job("circle")).len(), 3, "each once");
    }
}
