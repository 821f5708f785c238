//! A list of rows of one or more lines each, of which one is chosen.

use crate::console::Action;

/// A row: what it stands for, and how many lines it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tall<K> {
    /// What it stands for.
    pub key: K,
    /// How many lines it takes.
    pub height: usize,
}

/// Which row is chosen, and what of the list is in view. The choice sticks to what the row stands for, wherever
/// that moves to.
#[derive(Clone, Debug)]
pub struct List<K> {
    chosen: Option<K>,
    place: usize,
    /// The first row in view: all of it, for lines without their head say nothing.
    top: usize,
    page: usize,
    /// Whether somebody chose it.
    is_moved: bool,
}

impl<K> Default for List<K> {
    fn default() -> List<K> {
        List { chosen: None, place: 0, top: 0, page: 1, is_moved: false }
    }
}

/// A line that is in view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Where it is drawn, from the top of the list.
    pub y: usize,
    /// The row it belongs to.
    pub row: usize,
    /// Which of the row's lines it is.
    pub line: usize,
}

impl<K: Clone + PartialEq> List<K> {
    /// What is chosen.
    pub fn chosen(&self) -> Option<&K> {
        self.chosen.as_ref()
    }

    /// Chooses this.
    pub fn choose(&mut self, key: K) {
        self.chosen = Some(key);
        self.is_moved = true;
    }

    /// Chooses the first row, unless somebody chose another: what is new stands there.
    pub fn follow_first(&mut self) {
        if !self.is_moved {
            self.to_start();
        }
    }

    /// Chooses the first row, whatever it will be.
    pub fn to_start(&mut self) {
        (self.chosen, self.place, self.top, self.is_moved) = (None, 0, 0, false);
    }

    /// Moves the choice; says whether the action is one that moves.
    pub fn act(&mut self, action: Action, keys: &[K]) -> bool {
        let last = keys.len().saturating_sub(1);
        let now = self.settle(keys);
        let place = match action {
            Action::Up => now.saturating_sub(1),
            Action::Down => (now + 1).min(last),
            Action::PageUp => now.saturating_sub(self.page),
            Action::PageDown => (now + self.page).min(last),
            Action::First => 0,
            Action::Last => last,
            _ => return false,
        };
        self.place = place;
        self.chosen = keys.get(place).cloned();
        // Whoever is at the first row sees what comes above it.
        self.is_moved = place > 0;
        true
    }

    /// Sees that something is chosen which is there; says at which place.
    pub fn settle(&mut self, keys: &[K]) -> usize {
        let found = self.chosen.as_ref().and_then(|chosen| keys.iter().position(|key| key == chosen));
        self.place = found.unwrap_or(self.place).min(keys.len().saturating_sub(1));
        if found.is_none() {
            self.chosen = keys.get(self.place).cloned();
        }
        self.place
    }

    /// The lines that are in view where there are so many, with the chosen row among them.
    pub fn window(&mut self, rows: &[Tall<K>], height: usize) -> Vec<Shown> {
        let keys: Vec<K> = rows.iter().map(|row| row.key.clone()).collect();
        self.window_of(&keys, height, |row| rows[row].height)
    }

    /// The same where it costs something to tell how tall a row is: only those near what is in view are asked.
    pub fn window_of(&mut self, keys: &[K], height: usize, mut tall: impl FnMut(usize) -> usize) -> Vec<Shown> {
        let place = self.settle(keys);
        let Some(last) = keys.len().checked_sub(1).filter(|_| height > 0) else { return Vec::new() };
        let whole = |(row, line): (usize, usize)| row + usize::from(line > 0);
        let lowest = whole(above((place, tall(place).min(height)), height, &mut tall));
        let end = whole(above((last, tall(last)), height, &mut tall));
        self.top = self.top.max(lowest).min(place).min(end);
        let mut shown = Vec::with_capacity(height);
        let mut row = self.top;
        while shown.len() < height && row <= last {
            let lines = tall(row);
            let room = height - shown.len();
            shown.extend((0..lines).take(room).zip(shown.len()..).map(|(line, y)| Shown { y, row, line }));
            row += 1;
        }
        self.page = shown.iter().filter(|shown| shown.line == 0).count().saturating_sub(1).max(1);
        shown
    }
}

/// The place so many lines above another one; the first where there are fewer. A place is a row and a line of it.
fn above((mut row, line): (usize, usize), lines: usize, tall: &mut impl FnMut(usize) -> usize) -> (usize, usize) {
    let (mut there, mut missing) = (line, lines);
    while there < missing {
        let Some(before) = row.checked_sub(1) else { return (0, 0) };
        missing -= there;
        (row, there) = (before, tall(before));
    }
    (row, there - missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(heights: &[usize]) -> Vec<Tall<usize>> {
        heights.iter().enumerate().map(|(key, height)| Tall { key, height: *height }).collect()
    }

    fn seen(list: &mut List<usize>, rows: &[Tall<usize>], height: usize) -> Vec<(usize, usize)> {
        list.window(rows, height).iter().map(|shown| (shown.row, shown.line)).collect()
    }

    #[test]
    fn the_chosen_row_is_always_in_view_as_a_whole() {
        let rows = rows(&[1, 2, 1, 3, 1]);
        let keys: Vec<usize> = (0..5).collect();
        let mut list = List::default();
        assert_eq!(seen(&mut list, &rows, 3), [(0, 0), (1, 0), (1, 1)]);
        list.act(Action::Last, &keys);
        assert_eq!(seen(&mut list, &rows, 3), [(4, 0)], "no row begins in its middle");
        assert_eq!(seen(&mut list, &rows, 4), [(3, 0), (3, 1), (3, 2), (4, 0)]);
        list.act(Action::Up, &keys);
        assert_eq!(seen(&mut list, &rows, 3), [(3, 0), (3, 1), (3, 2)]);
        list.act(Action::First, &keys);
        assert_eq!(seen(&mut list, &rows, 3)[0], (0, 0));
        assert_eq!(seen(&mut list, &rows, 0), []);
        assert_eq!(seen(&mut list, &[], 3), []);
    }

    #[test]
    fn of_many_rows_few_are_asked_how_tall_they_are() {
        let keys: Vec<usize> = (0..10_000).collect();
        let mut list = List::default();
        let mut asked = std::collections::HashSet::new();
        for place in [0, 5_000, 9_999, 4_000] {
            list.choose(place);
            let shown = list.window_of(&keys, 30, |row| {
                asked.insert(row);
                1 + row % 3
            });
            assert!((28..=30).contains(&shown.len()) && shown[0].line == 0);
            assert!(shown.iter().any(|shown| shown.row == place && shown.line == 0));
        }
        assert!(asked.len() < 400, "{}", asked.len());
    }

    #[test]
    fn a_list_that_shrinks_is_shown_to_its_end() {
        let (mut list, long, short) = (List::default(), rows(&[1; 20]), rows(&[1; 5]));
        list.choose(19);
        assert_eq!(seen(&mut list, &long, 4)[0], (16, 0));
        assert_eq!(seen(&mut list, &short, 4), [(1, 0), (2, 0), (3, 0), (4, 0)]);
        let tall = rows(&[9]);
        let mut list = List::default();
        assert_eq!(seen(&mut list, &tall, 3), [(0, 0), (0, 1), (0, 2)]);
    }

    #[test]
    fn the_choice_sticks_to_what_it_is() {
        let mut list = List::default();
        list.settle(&[1, 2, 3]);
        list.act(Action::Down, &[1, 2, 3]);
        assert_eq!(list.settle(&[2, 3, 1]), 0);
        assert_eq!(list.chosen(), Some(&2));
        assert_eq!((list.settle(&[3, 1]), list.chosen()), (0, Some(&3)));
        assert_eq!((list.settle(&[]), list.chosen()), (0, None));
    }
}
