//! The journal: what happened, the newest first, and how the record itself is.

use super::events;
use super::{Reply, Screen};
use crate::console::canvas::harmless;
use crate::console::widgets::{Column, Filter, Line, List, Page, Place, Tall, fit, fold};
use crate::console::{Action, Canvas, Piece, Role, View};
use crate::desk::{Entry, Record};

/// From this width on the details stand beside the list, else below it.
const WIDE: u16 = 140;
/// From this height on there is room for them below.
const HIGH: u16 = 14;
/// Below this width an event takes two lines.
const NARROW: u16 = 66;
/// Columns left of all others, for the pointer.
const MARGIN: u16 = 2;
/// How many lines the details take below the list.
const BELOW: u16 = 6;

/// An event by its host and its number there.
type Key = (String, u64);

/// The journal.
#[derive(Debug, Default)]
pub struct Journal {
    list: List<Key>,
    filter: Filter,
    hides_details: bool,
}

impl Screen for Journal {
    fn title(&self) -> &'static str {
        "Journal"
    }

    fn actions(&self) -> &'static [Action] {
        const ACTIONS: &[Action] = &[
            Action::Open,
            Action::Filter,
            Action::Details,
            Action::Copy,
            Action::Down,
            Action::Up,
            Action::PageDown,
            Action::PageUp,
            Action::First,
            Action::Last,
        ];
        ACTIONS
    }

    fn act(&mut self, action: Action, view: &View<'_>) -> Reply {
        let shown = self.shown(view);
        let keys: Vec<Key> = shown.iter().map(|entry| key(entry)).collect();
        if self.list.act(action, &keys) {
            // At the top it goes with what is new.
            if self.list.chosen() == keys.first() {
                self.list.to_start();
            }
            return Reply::Done;
        }
        let chosen = shown.get(self.list.settle(&keys));
        match (action, chosen) {
            (Action::Details, _) => self.hides_details = !self.hides_details,
            (Action::Open, Some(entry)) => {
                let subject = view.desk.plan.component.iter().position(|component| component.name == entry.subject);
                return subject.map_or(Reply::Say("it is about no component".to_owned()), Reply::Component);
            }
            (Action::Copy, Some(entry)) => return Reply::Copy(copied(entry)),
            _ => return Reply::Ignored,
        }
        Reply::Done
    }

    fn filter(&mut self, text: &str, _: &View<'_>) {
        self.filter = Filter::new(text);
    }

    fn draw(&mut self, view: &View<'_>, canvas: &mut Canvas<'_>) {
        let (width, height) = (canvas.width(), canvas.height());
        let shown = self.shown(view);
        let mut head = head(&view.desk.record, usize::from(width));
        let told = self.filter.told(shown.len(), view.desk.events.len());
        head.extend(told.map(|told| Line::of(told, Role::Strong)));
        let fixed = u16::try_from(head.len()).unwrap_or(u16::MAX).min(height);
        for (y, line) in (0..fixed).zip(&head) {
            line.draw(canvas, 0, y);
        }
        let rest = height.saturating_sub(fixed);
        let with_details = !self.hides_details && !shown.is_empty();
        let beside = if with_details && width >= WIDE { width / 3 } else { 0 };
        let below = if with_details && beside == 0 && height >= HIGH { BELOW } else { 0 };
        let (listed, high) = (width - beside, rest.saturating_sub(below));
        self.draw_list(view, &shown, &mut canvas.part(0, fixed, listed.saturating_sub(u16::from(beside > 0)), high));
        let chosen = shown.iter().find(|entry| Some(&key(entry)) == self.list.chosen()).or(shown.first());
        let Some(entry) = chosen else { return };
        if beside > 0 {
            let mut part = canvas.part(listed, fixed, beside, rest);
            for y in 0..rest {
                part.put(0, y, view.theme.marks().wall, Role::Rule);
            }
            details(view, entry, &mut part.part(2, 0, beside.saturating_sub(2), rest));
        } else if below > 0 {
            canvas.put(0, fixed + high, &view.theme.marks().rule.repeat(usize::from(width)), Role::Rule);
            details(view, entry, &mut canvas.part(0, fixed + high + 1, width, below - 1));
        }
    }
}

impl Journal {
    /// What the filter lets through, the newest first.
    fn shown<'a>(&self, view: &View<'a>) -> Vec<&'a Entry> {
        let lets = |entry: &&Entry| {
            let Entry { writer, actor, kind, subject, summary, .. } = entry;
            self.filter.lets([writer, actor, kind, subject, summary].map(String::as_str))
        };
        view.desk.events.iter().rev().filter(lets).collect()
    }

    fn draw_list(&mut self, view: &View<'_>, shown: &[&Entry], canvas: &mut Canvas<'_>) {
        if shown.is_empty() {
            let told = if view.desk.events.is_empty() { "Nothing is recorded yet." } else { "No event is like that." };
            canvas.put(0, 0, told, Role::Dim);
            return;
        }
        let narrow = canvas.width() < NARROW;
        let places = fit(&columns(shown), canvas.width().saturating_sub(MARGIN));
        for (column, place) in columns(shown).iter().zip(&places).filter(|_| !narrow) {
            if let Some(place) = place {
                canvas.put_within(MARGIN + place.x, 0, place.width, column.title, Role::Dim);
            }
        }
        let tall = |entry: &&Entry| Tall { key: key(entry), height: 1 + usize::from(narrow) };
        let rows: Vec<Tall<Key>> = shown.iter().map(tall).collect();
        let heads = u16::from(!narrow);
        let (width, height) = (canvas.width(), canvas.height().saturating_sub(heads));
        let follows = self.list.chosen().is_none();
        let mut part = canvas.part(0, heads, width, height);
        for line in self.list.window(&rows, usize::from(height)) {
            let mut part = part.part(0, u16::try_from(line.y).unwrap_or(u16::MAX), width, 1);
            let entry = shown[line.row];
            match (narrow, line.line) {
                (false, _) => self.draw_row(view, entry, &places, &mut part),
                (true, 0) => self.draw_start(view, entry, &mut part),
                (true, _) => drop(part.pieces(4, 0, &self.marked(&events::summary(entry), events::role(entry)))),
            }
            if line.line == 0 && self.list.chosen() == Some(&rows[line.row].key) {
                part.put(0, 0, view.theme.marks().pointer, Role::Selected);
                part.paint(Role::Selected);
            }
        }
        if follows {
            self.list.to_start();
        }
    }

    fn draw_row(&self, view: &View<'_>, entry: &Entry, places: &[Option<Place>], canvas: &mut Canvas<'_>) {
        let cells = [
            (view.moment(entry.at), Role::Dim),
            (events::subject(entry).to_owned(), Role::Strong),
            (events::summary(entry), events::role(entry)),
            (entry.kind.clone(), Role::Dim),
            (entry.actor.clone(), Role::Dim),
        ];
        for ((text, role), place) in cells.iter().zip(places) {
            if let Some(place) = place {
                canvas.part(MARGIN + place.x, 0, place.width, 1).pieces(0, 0, &self.marked(text, *role));
            }
        }
    }

    /// When and about what, where what it says goes below.
    fn draw_start(&self, view: &View<'_>, entry: &Entry, canvas: &mut Canvas<'_>) {
        let x = canvas.put(MARGIN, 0, &view.moment(entry.at), Role::Dim);
        canvas.pieces(x + 2, 0, &self.marked(events::subject(entry), Role::Strong));
    }

    fn marked(&self, text: &str, role: Role) -> Vec<Piece<'static>> {
        self.filter.found(&harmless(text), role)
    }
}

fn key(entry: &Entry) -> Key {
    (entry.writer.clone(), entry.seq)
}

fn columns(shown: &[&Entry]) -> [Column; 5] {
    let widest = |of: fn(&Entry) -> &str| {
        let widest = shown.iter().map(|entry| of(entry).chars().count()).max().unwrap_or(0);
        u16::try_from(widest).unwrap_or(u16::MAX)
    };
    let column = |title, least, ideal, rank| Column { title, least, ideal, rank, right: false };
    [
        column("AT", 12, 12, 0),
        column("ABOUT", 20, widest(events::subject).clamp(7, 24), 2),
        column("WHAT", 36, widest(|entry| &entry.summary).clamp(20, 100), 1),
        column("KIND", 14, widest(|entry| &entry.kind).clamp(5, 24), 3),
        column("WHO", 16, widest(|entry| &entry.actor).clamp(4, 24), 4),
    ]
}

/// How many events there are and who records them; what is wrong with the record before that.
fn head(record: &Record, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Some(trouble) = &record.trouble {
        let told = fold(&format!("The journal is in trouble: {trouble}"), width);
        lines.extend(told.into_iter().map(|line| Line::of(line, Role::Down)));
    }
    let count = if record.events == 1 { "1 event".to_owned() } else { format!("{} events", record.events) };
    let who = match (&record.recorded_by, record.is_ours) {
        (_, true) => "this console records what changes".to_owned(),
        (Some(who), false) => format!("{who} records what changes"),
        (None, false) => "nobody on this host records what changes".to_owned(),
    };
    lines.extend(fold(&format!("{count}; {who}"), width).into_iter().map(|line| Line::of(line, Role::Text)));
    lines
}

fn details(view: &View<'_>, entry: &Entry, canvas: &mut Canvas<'_>) {
    let mut page = Page::new(canvas.width());
    let at = crate::text::instant::stamp(entry.at);
    page.text(0, &format!("{}: {}", events::subject(entry), events::summary(entry)), events::role(entry));
    page.text(0, &format!("{}, {}", view.moment(entry.at), at), Role::Text);
    page.text(0, &format!("{} {}, event {} of {}", entry.kind, entry.actor, entry.seq, entry.writer), Role::Dim);
    for (y, line) in (0..canvas.height()).zip(page.lines(&Filter::default())) {
        line.draw(canvas, 0, y);
    }
}

fn copied(entry: &Entry) -> String {
    let at = crate::text::instant::stamp(entry.at);
    format!("{at} {} {} {}", entry.kind, entry.subject, entry.summary)
}
