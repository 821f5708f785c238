//! Graphs of the last answers. They move in steps, so that a screen is not rewritten with every answer.

use chrono::{DateTime, Utc};

use crate::console::theme::Marks;
use crate::plan::facts::Verdict;
use crate::text::Span;
use crate::watch::{History, Sample};

/// How much time one bar stands for at least, in seconds.
const STEP: i64 = 10;

/// What has happened in the time of one bar.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bar {
    worst: Verdict,
    took: u32,
    key: Option<f32>,
}

/// The last answers, in steps of time that are the same whenever one looks.
#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    bars: Vec<Option<Bar>>,
    step: i64,
}

impl Graph {
    /// The answers before the step that has only begun, as many as fit into so many columns. `every` is how often
    /// there is one.
    pub fn of(history: &History, every: Span, now: DateTime<Utc>, columns: usize) -> Graph {
        let step = i64::try_from(every.approx().as_secs()).unwrap_or(STEP).clamp(STEP, 3600);
        let place = |at: DateTime<Utc>| at.timestamp().div_euclid(step);
        let end = place(now);
        let first = history.samples().next().map_or(end, |sample| place(sample.at));
        let count = usize::try_from((end - first).max(0)).unwrap_or(0).min(columns);
        let mut bars = vec![None; count];
        for sample in history.samples() {
            let back = usize::try_from(end - place(sample.at)).unwrap_or(0);
            if let Some(bar) = count.checked_sub(back).and_then(|index| bars.get_mut(index)) {
                *bar = Some(joined(*bar, sample));
            }
        }
        Graph { bars, step }
    }

    /// Whether there is nothing to be seen yet.
    pub fn is_empty(&self) -> bool {
        self.bars.is_empty()
    }

    /// How much time it covers.
    pub fn covers(&self) -> Span {
        Span::from_secs(u64::try_from(self.step).unwrap_or(0) * self.bars.len() as u64)
    }

    /// How long answers took, the longest one in milliseconds with it.
    pub fn took(&self, marks: &Marks) -> (String, u32) {
        let took = |bar: &Bar| Some(bar.took as f32);
        (self.drawn(marks, took), self.bars.iter().flatten().map(|bar| bar.took).max().unwrap_or(0))
    }

    /// The key fact; nothing where that is no number, or was the same all along.
    pub fn key(&self, marks: &Marks) -> Option<String> {
        let mut keys = self.bars.iter().flatten().filter_map(|bar| bar.key);
        let first = keys.next()?;
        keys.any(|key| key.to_bits() != first.to_bits()).then(|| self.drawn(marks, |bar| bar.key))
    }

    /// The worst verdict of each step; nothing where there was no answer.
    pub fn verdicts(&self) -> impl Iterator<Item = Option<Verdict>> {
        self.bars.iter().map(|bar| bar.map(|bar| bar.worst))
    }

    fn drawn(&self, marks: &Marks, value: impl Fn(&Bar) -> Option<f32>) -> String {
        let highest = self.bars.iter().flatten().filter_map(&value).fold(0.0_f32, f32::max);
        let height = |value: f32| {
            let share = if highest > 0.0 { value / highest } else { 0.0 };
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 7")]
            let place = (share.clamp(0.0, 1.0) * 7.0).round() as usize;
            marks.bars[place.min(7)]
        };
        self.bars.iter().map(|bar| bar.as_ref().and_then(&value).map_or(" ", height)).collect()
    }
}

fn joined(before: Option<Bar>, sample: &Sample) -> Bar {
    let Some(before) = before else { return Bar { worst: sample.verdict, took: sample.took, key: sample.key } };
    let key = match (before.key, sample.key) {
        (Some(before), Some(now)) => Some(before.max(now)),
        (before, now) => now.or(before),
    };
    Bar { worst: before.worst.max(sample.verdict), took: before.took.max(sample.took), key }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::plan::facts::Value;
    use crate::systems::{Facts, Reading};

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000, 0).unwrap() + TimeDelta::seconds(second)
    }

    fn history(seconds: impl Iterator<Item = i64>) -> History {
        let mut history = History::default();
        for second in seconds {
            let reading = Reading {
                verdict: if second == 20 { Verdict::Down } else { Verdict::Healthy },
                reasons: Vec::new(),
                identity: String::new(),
                facts: Facts::default(),
                asked: at(second),
                answered: at(second),
                took: Span::from_millis(u64::try_from(second).unwrap()),
            };
            history.push(&reading, Some(&Value::Count(u64::try_from(second / 30).unwrap())));
        }
        history
    }

    #[test]
    fn it_moves_once_a_step_and_keeps_the_worst() {
        let history = history((0..60).step_by(5));
        let drawn = |now| Graph::of(&history, Span::from_secs(5), at(now), 40);
        assert_eq!(drawn(60), drawn(69));
        assert_eq!(drawn(60).covers(), Span::from_mins(1));
        let verdicts: Vec<Option<Verdict>> = drawn(60).verdicts().collect();
        assert_eq!(verdicts.iter().position(|verdict| *verdict == Some(Verdict::Down)), Some(2));
        assert_eq!(drawn(60).took(&Marks::ASCII), (".-~=*#".to_owned(), 55));
        assert_eq!(drawn(60).key(&Marks::ASCII).unwrap(), "___###");
        // A step without an answer is a gap, and what has only begun is not shown.
        assert_eq!(drawn(80).took(&Marks::ASCII).0, ".-~=*#  ");
        assert_eq!(drawn(5).took(&Marks::ASCII).0, "");
    }

    #[test]
    fn a_narrow_place_shows_the_end() {
        let history = history((0..60).step_by(5));
        let graph = |columns| Graph::of(&history, Span::from_secs(5), at(60), columns).took(&Marks::ASCII).0;
        assert_eq!((graph(3), graph(0)), ("=*#".to_owned(), String::new()));
    }

    #[test]
    fn what_is_the_same_all_along_is_no_graph() {
        let graph = Graph::of(&history((0..30).step_by(5)), Span::from_secs(5), at(60), 40);
        assert_eq!(graph.key(&Marks::ASCII), None);
    }
}
