//! The overview: how everything is, what matters first on top.
//!
//! ```text
//! what matters first                               objectives
//!   site, site
//!   triggers that fired
//!   heads of the columns                        │ the details of
//! ▾ group                                       │ what is chosen,
//!     component                                 │ where there is
//!         why it is not well                    │ width
//! What happened last, where there is height
//! ```

mod bottom;
mod groups;
mod head;
mod hidden;
mod row;

use std::collections::{HashMap, HashSet};

use groups::{Group, GroupId, Key, groups, keys};
use row::{Layout, MARGIN};

use super::component::draw_aside;
use super::why::copied;
use super::{Reply, Screen};
use crate::console::widgets::list::Shown;
use crate::console::widgets::{Filter, Line, List};
use crate::console::{Action, Canvas, Role, View};
use crate::plan::facts::Verdict;

/// From this width on the details stand beside the list.
const WIDE: u16 = 120;
/// How wide the list is beside them at least.
const LISTED: u16 = 78;
/// From this height on the last events stand below it.
const HIGH: u16 = 26;
/// In a list of no more lines than this each is needed for the rows.
const LEAST: u16 = 3;

/// The overview.
#[derive(Debug)]
pub struct Overview {
    list: List<Key>,
    folded: HashSet<GroupId>,
    filter: Filter,
    problems_first: bool,
    /// Whether somebody has moved the choice since the problems came first.
    was_moved: bool,
    with_details: bool,
}

impl Default for Overview {
    fn default() -> Overview {
        Overview {
            list: List::default(),
            folded: HashSet::new(),
            filter: Filter::default(),
            problems_first: false,
            was_moved: false,
            with_details: true,
        }
    }
}

impl Screen for Overview {
    fn title(&self) -> &'static str {
        "Overview"
    }

    fn actions(&self) -> &'static [Action] {
        const ACTIONS: &[Action] = &[
            Action::Open,
            Action::Problems,
            Action::Filter,
            Action::Fold,
            Action::Details,
            Action::Copy,
            Action::Down,
            Action::Up,
            Action::Left,
            Action::Right,
            Action::PageDown,
            Action::PageUp,
            Action::First,
            Action::Last,
        ];
        ACTIONS
    }

    fn about(&self) -> Option<usize> {
        match self.list.chosen()? {
            Key::Component(index) => Some(*index),
            Key::Group(_) => None,
        }
    }

    fn act(&mut self, action: Action, view: &View<'_>) -> Reply {
        let groups = self.groups(view);
        let keys = keys(&groups);
        if self.list.act(action, &keys) {
            self.was_moved = true;
            return Reply::Done;
        }
        let chosen = self.list.chosen().copied();
        match (action, chosen) {
            (Action::Problems, _) => {
                self.problems_first = !self.problems_first;
                self.was_moved = false;
                self.list.to_start();
            }
            (Action::Details, _) => self.with_details = !self.with_details,
            (Action::Open, Some(Key::Component(index))) => return Reply::Component(index),
            (Action::Copy, Some(Key::Component(index))) => {
                return copied(view, index).map_or(Reply::Ignored, Reply::Copy);
            }
            (Action::Open | Action::Fold, Some(key)) => self.fold(key, &groups, None),
            (Action::Left, Some(key)) => self.fold(key, &groups, Some(true)),
            (Action::Right, Some(key)) => self.fold(key, &groups, Some(false)),
            _ => return Reply::Ignored,
        }
        Reply::Done
    }

    fn filter(&mut self, text: &str, _: &View<'_>) {
        self.filter = Filter::new(text);
    }

    fn draw(&mut self, view: &View<'_>, canvas: &mut Canvas<'_>) {
        let (width, height) = (canvas.width(), canvas.height());
        let head = head::head(view, width, height);
        let head_lines = u16::try_from(head.len()).unwrap_or(u16::MAX).min(height);
        for (y, line) in (0..head_lines).zip(&head) {
            line.draw(canvas, 0, y);
        }
        let most = if height >= HIGH { usize::from(height / 4) } else { 0 };
        let bottom = bottom::bottom(view, most);
        let bottom_lines = u16::try_from(bottom.len()).unwrap_or(0);
        let middle = height.saturating_sub(head_lines + bottom_lines + u16::from(bottom_lines > 0));
        for (y, line) in (height - bottom_lines..height).zip(&bottom) {
            line.draw(canvas, 0, y);
        }
        let beside = if self.with_details && width >= WIDE { (width * 2 / 5).min(width - LISTED) } else { 0 };
        let listed = width.saturating_sub(beside);
        self.draw_list(view, &mut canvas.part(0, head_lines, listed.saturating_sub(u16::from(beside > 0)), middle));
        if let (true, Some(index)) = (beside > 0, self.detailed(view)) {
            draw_aside(view, index, &mut canvas.part(listed, head_lines, beside, middle));
        }
    }
}

impl Overview {
    fn groups(&self, view: &View<'_>) -> Vec<Group> {
        groups(view, &self.filter, self.problems_first, &self.folded)
    }

    /// Whose details are shown: the chosen one's, or of a group those of its worst.
    fn detailed(&self, view: &View<'_>) -> Option<usize> {
        match *self.list.chosen()? {
            Key::Component(index) => Some(index),
            Key::Group(id) => {
                let group = self.groups(view).into_iter().find(|group| group.id == id)?;
                let verdict = |index: &usize| view.desk.picture.seen(*index).verdict();
                group.members.into_iter().max_by_key(|index| (verdict(index), std::cmp::Reverse(*index)))
            }
        }
    }

    /// Folds or unfolds the group of a row; without a word about it, the other way round.
    fn fold(&mut self, key: Key, groups: &[Group], fold: Option<bool>) {
        let of = |group: &&Group| match key {
            Key::Group(id) => group.id == id,
            Key::Component(index) => group.members.contains(&index),
        };
        let Some(group) = groups.iter().find(of) else { return };
        self.was_moved = true;
        if fold.unwrap_or(!group.is_folded) {
            self.folded.insert(group.id);
            self.list.choose(Key::Group(group.id));
        } else {
            self.folded.remove(&group.id);
        }
    }

    fn draw_list(&mut self, view: &View<'_>, canvas: &mut Canvas<'_>) {
        let groups = self.groups(view);
        let members: Vec<usize> = groups.iter().flat_map(|group| group.members.iter().copied()).collect();
        let layout = Layout::of(view, &members, canvas.width());
        let told = self.filter.told(members.len(), view.desk.plan.component.len());
        let mut with_heads = u16::from(canvas.height() > 4);
        if with_heads > 0 {
            if let Some(told) = told {
                canvas.put(MARGIN, 0, &told, Role::Strong);
                with_heads += u16::from(canvas.height() > 5);
            }
            if with_heads > 1 || self.filter.is_empty() {
                layout.draw_heads(canvas, with_heads - 1);
            }
        }
        let (width, height) = (canvas.width(), canvas.height().saturating_sub(with_heads));
        let mut part = canvas.part(0, with_heads, width, height);
        if self.problems_first && !self.was_moved {
            self.list.to_start();
        }
        if self.list.chosen().is_none()
            && let Some(first) = members.first()
        {
            self.list.choose(Key::Component(*first));
        }
        let rows = keys(&groups);
        // What stands below a row is folded only where it may come into view.
        let mut below: HashMap<usize, Vec<Line>> = HashMap::new();
        let mut tall = |row: usize| 1 + below.entry(row).or_insert_with(|| below_of(view, &layout, rows[row])).len();
        let mut window = self.list.window_of(&rows, usize::from(height), &mut tall);
        let hidden =
            |window: &[Shown]| hidden::told(view, &groups, &rows, window, usize::from(width - MARGIN.min(width)));
        if height > LEAST && hidden(&window).is_some() {
            // The line that tells of them takes the place of another.
            window = self.list.window_of(&rows, usize::from(height - 1), &mut tall);
            if let Some(line) = hidden(&window) {
                line.draw(&mut part, MARGIN, height - 1);
            }
        }
        for shown in window {
            let below = below.get(&shown.row).map_or(&[][..], Vec::as_slice);
            self.draw_line(view, &groups, &layout, rows[shown.row], below, shown, &mut part);
        }
        if rows.is_empty() {
            part.put(MARGIN, 0, "nothing to show", Role::Dim);
        }
    }

    #[allow(clippy::too_many_arguments, reason = "what is drawn, with what, where")]
    fn draw_line(
        &self,
        view: &View<'_>,
        groups: &[Group],
        layout: &Layout,
        key: Key,
        below: &[Line],
        shown: Shown,
        part: &mut Canvas<'_>,
    ) {
        let y = u16::try_from(shown.y).unwrap_or(u16::MAX);
        if let Some(line) = shown.line.checked_sub(1).and_then(|line| below.get(line)) {
            line.draw(part, 0, y);
            return;
        }
        match key {
            Key::Group(id) => {
                if let Some(group) = groups.iter().find(|group| group.id == id) {
                    draw_group(view, group, self.list.chosen() == Some(&key), part, y);
                }
            }
            Key::Component(index) => layout.draw(view, &self.filter, index, part, y),
        }
        if self.list.chosen() == Some(&key) {
            let width = part.width();
            let mut line = part.part(0, y, width, 1);
            if let Key::Component(_) = key {
                line.put(0, 0, view.theme.marks().pointer, Role::Selected);
            }
            line.paint(Role::Selected);
        }
    }
}

/// Why the component of a row is not well.
fn below_of(view: &View<'_>, layout: &Layout, key: Key) -> Vec<Line> {
    match key {
        Key::Group(_) => Vec::new(),
        Key::Component(index) => layout.below(view, index),
    }
}

/// `▾ 1 Critical, back within 1h   ✖ 1 down  ● 5 healthy`; chosen it begins `›▾`.
fn draw_group(view: &View<'_>, group: &Group, is_chosen: bool, canvas: &mut Canvas<'_>, y: u16) {
    let marks = view.theme.marks();
    let fold = if group.is_folded { marks.folded } else { marks.open };
    let start = if is_chosen { canvas.put(0, y, marks.pointer, Role::Selected) } else { 0 };
    let x = canvas.put(start, y, fold, Role::Title);
    let mut x = canvas.put(x + 1, y, &group.title, Role::Title) + 2;
    let worst = group.worst(view);
    for verdict in [Verdict::Down, Verdict::Unknown, Verdict::Degraded, Verdict::Healthy] {
        let count = group.count(verdict, view);
        if count > 0 {
            let role = if verdict == worst || verdict != Verdict::Healthy { Role::of(verdict) } else { Role::Dim };
            x = canvas.put(x, y, &format!("{} {count} {verdict}", marks.verdict(verdict)), role) + 2;
        }
    }
}
