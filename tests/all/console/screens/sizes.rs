//! What holds at every size: nothing panics, nothing that matters is cut, nothing from outside steers the terminal.

use lifeboat::console::screens::{Overview, all};
use lifeboat::console::theme::{Depth, SHIPPED, Wanted};
use lifeboat::console::{Action, Theme};
use lifeboat::desk::Desk;
use lifeboat::plan::facts::Verdict;
use lifeboat::watch::{Names, Seen};
use ratatui::buffer::Buffer;

use super::drawn::{draw, draw_in, lines, view};
use super::made_up::{alone, desk, empty, read, well};

const HEIGHTS: [u16; 8] = [0, 1, 2, 3, 5, 12, 24, 60];

fn widths() -> impl Iterator<Item = u16> {
    (0..=8).chain([20, 39, 40, 41, 59, 60, 61, 79, 80, 81, 99, 100, 119, 120, 139, 140, 149, 150, 151, 200, 299, 300])
}

fn is_harmless(buffer: &Buffer) -> bool {
    let odd = |c: char| c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}');
    buffer.content().iter().all(|cell| cell.symbol() == " " || !cell.symbol().contains(odd))
}

#[test]
fn no_screen_panics_at_any_size_or_shows_what_would_steer_a_terminal_or_a_secret() {
    let theme = Theme::default();
    let moves =
        [Action::Down, Action::PageDown, Action::Open, Action::Problems, Action::Last, Action::Right, Action::Up];
    for desk in [
        desk(),
        super::kept::kept(),
        empty(),
        alone(),
        Desk::new(read("[platform]\nname = 'bare'\n"), super::made_up::now()),
    ] {
        for (id, mut screen) in all() {
            for action in [None].into_iter().chain(moves.map(Some)) {
                if let Some(action) = action {
                    screen.act(action, &view(&desk, &theme));
                }
                let sizes = widths().flat_map(|width| HEIGHTS.map(|height| (width, height)));
                for (width, height) in sizes.chain([(300, 300)]) {
                    // A size is drawn after each action only now and then: there are many of them.
                    if action.is_some() && (width + height) % 23 != 0 {
                        continue;
                    }
                    let buffer = draw(&mut *screen, &desk, width, height);
                    assert!(is_harmless(&buffer), "{id:?} {width}x{height}");
                    if [40, 80, 120, 200].contains(&width) && height >= 24 {
                        let text = lines(&buffer).join("\n");
                        assert!(!text.contains("not-to-be-shown"), "{id:?} {width}x{height}\n{text}");
                    }
                }
            }
        }
    }
}

#[test]
fn whatever_is_typed_as_a_filter_is_harmless() {
    let theme = Theme::default();
    for text in ["post", "\u{1b}[2J", "ß", "İ", "()*", " ", "no-such-thing", "\u{202e}"] {
        for (id, mut screen) in all() {
            let desk = desk();
            screen.filter(text, &view(&desk, &theme));
            for (width, height) in [(0, 0), (1, 1), (40, 12), (80, 24), (200, 60)] {
                assert!(is_harmless(&draw(&mut *screen, &desk, width, height)), "{id:?} {text:?}");
            }
        }
    }
}

#[test]
fn nothing_but_ascii_is_drawn_where_that_is_asked_for_and_every_theme_says_the_same() {
    let desk = super::kept::kept();
    for (width, height) in [(40, 12), (80, 24), (120, 40), (200, 60)] {
        for (id, _) in all() {
            let text_in = |name: &str| {
                let wanted = Wanted { name: Some(name.to_owned()), depth: Depth::Sixteen, is_ascii: true };
                let (theme, trouble) = Theme::choose(&wanted, None);
                assert!(trouble.is_empty(), "{trouble:?}");
                let (_, mut screen) = all().into_iter().find(|(other, _)| *other == id).unwrap();
                lines(&draw_in(&theme, &mut *screen, &desk, width, height)).join("\n")
            };
            let first = text_in(SHIPPED[0].0);
            assert!(first.is_ascii(), "{id:?} {width}x{height}\n{first}");
            assert!(SHIPPED.iter().all(|(name, _)| text_in(name) == first), "{id:?} {width}x{height}");
        }
    }
}

/// The lines with the blanks between them made one.
fn joined(lines: &[String]) -> String {
    lines.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn what_matters_first_is_never_cut() {
    for desk in [desk(), empty(), alone(), well()] {
        let headline = desk.picture.headline(Names::Worst, |_| true).text;
        for width in (40..=300).filter(|width| width % 3 != 0) {
            let lines = lines(&draw(&mut Overview::default(), &desk, width, 24));
            let head = if width >= 80 { &lines[..2] } else { &lines[..4] };
            assert!(joined(head).contains(&headline), "{width}: {headline}\n{}", lines.join("\n"));
        }
    }
}

#[test]
fn every_row_that_is_seen_has_its_mark_and_its_word() {
    let desk = desk();
    let theme = Theme::default();
    for width in (24..=124).chain([140, 200, 300]) {
        let lines = lines(&draw(&mut Overview::default(), &desk, width, 60));
        for (component, seen) in desk.picture.components() {
            let verdict = seen.verdict();
            let wanted = format!("{} {:<9} {}", theme.marks().verdict(verdict), verdict.word(), &component.name[..3]);
            let shown = lines.iter().filter(|line| line.chars().skip(2).collect::<String>().starts_with(&wanted));
            assert_ne!(shown.count(), 0, "{width}: {wanted}\n{}", lines.join("\n"));
        }
    }
}

#[test]
fn every_reason_is_seen_in_the_beginning_at_least() {
    let desk = desk();
    for width in (40..=124).chain([140, 200, 300]) {
        let text = joined(&lines(&draw(&mut Overview::default(), &desk, width, 80)));
        for reason in desk.picture.all().filter(|seen| seen.verdict() == Verdict::Down).flat_map(Seen::reasons) {
            let start: String = reason.sentence.split_whitespace().take(3).collect::<Vec<_>>().join(" ");
            let start = start.split('\u{1b}').next().unwrap();
            assert!(text.contains(start), "{width}: {start}\n{text}");
        }
    }
}

#[test]
fn whom_to_call_is_complete_at_any_width() {
    for width in 20..=300 {
        let (_, mut people) = all().into_iter().find(|(_, screen)| screen.title() == "People").unwrap();
        let text = joined(&lines(&draw(&mut *people, &desk(), width, 12)));
        assert!(text.starts_with("Call now: Anna Anderson, +49 30 1234, @anna,"), "{width}: {text}");
    }
}

#[test]
fn every_plan_that_is_shipped_can_be_looked_at() {
    for name in ["agent-orchestrator", "agent-factory.toml", "agent-framework.toml", "starter.toml"] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/plans").join(name);
        let plan = lifeboat::plan::load(&path, &[]).unwrap().plan.unwrap();
        let desk = Desk::new(std::sync::Arc::new(plan), super::made_up::now());
        for (id, mut screen) in all() {
            let theme = Theme::default();
            for _ in 0..12 {
                let text = lines(&draw(&mut *screen, &desk, 80, 24)).join("\n");
                assert!(!text.trim().is_empty(), "{name} {id:?}");
                screen.act(Action::Down, &view(&desk, &theme));
            }
        }
    }
}
