//! How long a procedure takes when everything takes its budget: the longest way through its steps.

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

/// The steps that must be done before the step at `index`: those it names, else the one above it.
pub fn needs_of(procedure: &Procedure, index: usize) -> Vec<usize> {
    match &procedure.step[index].needs {
        None => index.checked_sub(1).into_iter().collect(),
        Some(names) => names.iter().filter_map(|name| position(&procedure.step, name)).collect(),
    }
}

fn position(steps: &[Step], name: &str) -> Option<usize> {
    steps.iter().position(|step| step.name == name)
}

/// The longest way, or nothing if the steps wait for each other in a circle.
pub fn critical_path(procedure: &Procedure) -> Option<CriticalPath> {
    let order = in_order(procedure)?;
    let mut best: Vec<CriticalPath> = vec![CriticalPath::default(); procedure.step.len()];
    for index in order {
        let before = needs_of(procedure, index).into_iter().max_by_key(|need| best[*need].length);
        let mut path = before.map(|need| best[need].clone()).unwrap_or_default();
        path.steps.push(index);
        path.length = path.length + procedure.step[index].budget.unwrap_or_default();
        best[index] = path;
    }
    Some(best.into_iter().max_by_key(|path| path.length).unwrap_or_default())
}

/// The steps in an order in which each comes after what it needs, as near to the written order as
/// possible; nothing if they wait for each other in a circle.
pub fn in_order(procedure: &Procedure) -> Option<Vec<usize>> {
    let needs: Vec<Vec<usize>> = (0..procedure.step.len()).map(|index| needs_of(procedure, index)).collect();
    let mut order = Vec::with_capacity(needs.len());
    let mut done = vec![false; needs.len()];
    while order.len() < needs.len() {
        let next = (0..needs.len()).find(|index| !done[*index] && needs[*index].iter().all(|need| done[*need]))?;
        done[next] = true;
        order.push(next);
    }
    Some(order)
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
}
