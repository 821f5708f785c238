//! How long a procedure takes when everything takes its budget: the longest way through its steps.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use super::types::{Procedure, Step};
use crate::text::Span;

/// The longest way through a procedure's steps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CriticalPath {
    /// Its steps, first to last, as indices into the procedure's steps.
    pub steps: Vec<usize>,
    /// How long they take together.
    pub length: Span,
}

/// How long a procedure takes, as far as its steps say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Its longest way.
    pub path: CriticalPath,
    /// How many steps no time is given for.
    pub untimed: usize,
    /// How many steps there are.
    pub steps: usize,
}

impl Timing {
    /// Whether no step says how long it takes.
    pub fn is_unknown(&self) -> bool {
        self.untimed == self.steps
    }

    /// `35min by its steps`, or that it is not known.
    pub fn told(&self) -> String {
        match self.untimed {
            _ if self.is_unknown() => "nobody has measured how long".to_owned(),
            0 => format!("{} by its steps", self.path.length),
            1 => format!("{} by its steps, and one that no time is given for", self.path.length),
            many => format!("{} by its steps, and {many} that no time is given for", self.path.length),
        }
    }
}

/// How long a step takes: its budget, else the time that the documents give it.
pub fn time_of(step: &Step) -> Option<Span> {
    step.budget.or_else(|| step.at.map(|at| at.most.less(at.least)))
}

/// How long a procedure takes; nothing if its steps wait for each other in a circle.
pub fn timing(procedure: &Procedure) -> Option<Timing> {
    let untimed = procedure.step.iter().filter(|step| time_of(step).is_none()).count();
    Some(Timing { path: critical_path(procedure)?, untimed, steps: procedure.step.len() })
}

/// For each step those that must be done before: those it names, else the one above it.
pub fn all_needs(procedure: &Procedure) -> Vec<Vec<usize>> {
    let mut positions = HashMap::with_capacity(procedure.step.len());
    for (index, step) in procedure.step.iter().enumerate() {
        positions.entry(step.name.as_str()).or_insert(index);
    }
    let needs = |(index, step): (usize, &Step)| match &step.needs {
        None => index.checked_sub(1).into_iter().collect(),
        Some(names) => names.iter().filter_map(|name| positions.get(name.as_str()).copied()).collect(),
    };
    procedure.step.iter().enumerate().map(needs).collect()
}

/// The longest way, or nothing if the steps wait for each other in a circle.
pub fn critical_path(procedure: &Procedure) -> Option<CriticalPath> {
    let needs = all_needs(procedure);
    let mut done_after = vec![Span::ZERO; needs.len()];
    let mut longest_need: Vec<Option<usize>> = vec![None; needs.len()];
    for index in sorted(&needs)? {
        let before = needs[index].iter().copied().max_by_key(|need| done_after[*need]);
        let begun = before.map(|need| done_after[need]).unwrap_or_default();
        done_after[index] = begun + time_of(&procedure.step[index]).unwrap_or_default();
        longest_need[index] = before;
    }
    let Some(last) = (0..needs.len()).max_by_key(|index| done_after[*index]) else {
        return Some(CriticalPath::default());
    };
    let mut steps: Vec<usize> = std::iter::successors(Some(last), |index| longest_need[*index]).collect();
    steps.reverse();
    Some(CriticalPath { steps, length: done_after[last] })
}

/// The steps in an order in which each comes after what it needs, as near to the written order as
/// possible; nothing if they wait for each other in a circle.
fn sorted(needs: &[Vec<usize>]) -> Option<Vec<usize>> {
    let mut waiting: Vec<usize> = needs.iter().map(Vec::len).collect();
    let mut needed_by: Vec<Vec<usize>> = vec![Vec::new(); needs.len()];
    for (index, needs) in needs.iter().enumerate() {
        for need in needs {
            needed_by[*need].push(index);
        }
    }
    let mut ready: BinaryHeap<Reverse<usize>> =
        (0..needs.len()).filter(|index| waiting[*index] == 0).map(Reverse).collect();
    let mut order = Vec::with_capacity(needs.len());
    while let Some(Reverse(index)) = ready.pop() {
        order.push(index);
        for next in &needed_by[index] {
            waiting[*next] -= 1;
            if waiting[*next] == 0 {
                ready.push(Reverse(*next));
            }
        }
    }
    (order.len() == needs.len()).then_some(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn procedure(toml: &str) -> Procedure {
        toml::from_str(toml).unwrap()
    }

    #[test]
    fn steps_without_needs_follow_each_other() {
        let path = critical_path(&procedure(
            "name = 'p'\n[[step]]\nname = 'a'\nbudget = '5min'\n[[step]]\nname = 'b'\nbudget = '10min'",
        ));
        assert_eq!(path.unwrap(), CriticalPath { steps: vec![0, 1], length: Span::from_mins(15) });
    }

    #[test]
    fn the_longer_of_two_branches_counts() {
        let path = critical_path(&procedure(
            "name = 'p'\n[[step]]\nname = 'a'\nbudget = '5min'\n[[step]]\nname = 'b'\nbudget = '10min'\nneeds = []\n\
             [[step]]\nname = 'c'\nbudget = '1min'\nneeds = ['a', 'b']",
        ));
        assert_eq!(path.unwrap(), CriticalPath { steps: vec![1, 2], length: Span::from_mins(11) });
    }

    #[test]
    fn a_circle_has_no_length() {
        let circle = "name = 'p'\n[[step]]\nname = 'a'\nneeds = ['b']\n[[step]]\nname = 'b'";
        assert_eq!(critical_path(&procedure(circle)), None);
    }

    #[test]
    fn very_many_steps_take_no_time() {
        let steps: String = (0..20_000)
            .fold(String::new(), |text, number| text + &format!("[[step]]\nname = 's{number}'\nbudget = '1s'\n"));
        let path = critical_path(&procedure(&format!("name = 'p'\n{steps}"))).unwrap();
        assert_eq!((path.steps.len(), path.length), (20_000, Span::from_secs(20_000)));
    }
}
