//! Findings as people read them: the message, the lines with the text underlined, why, and the way out.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level as Title, Renderer, Snippet};

use super::check::{cover_source, cover_words};
use super::source::{Lines, Sources};
use super::{Finding, Level};
use crate::text::wrap::wrap;

/// The widest that a sentence gets; longer lines are hard to read.
const WIDEST: usize = 100;
/// And the narrowest, however little room there is.
const NARROWEST: usize = 30;
/// What stands before `why` and `mend`: the numbers of lines, and a frame.
const FRAME: usize = 8;

/// How findings are drawn.
#[derive(Clone, Copy, Debug)]
pub struct Drawing {
    /// With colours.
    pub colours: bool,
    /// With line-drawing characters beyond ASCII.
    pub unicode: bool,
    /// Columns.
    pub width: usize,
}

/// Draws findings one after the other. Secrets that stand in the files are not drawn.
pub fn draw(findings: &[Finding], sources: &Sources, how: Drawing) -> Vec<String> {
    let shown: Vec<Shown> = sources
        .iter()
        .map(|file| {
            let text = cover_source(&harmless(&file.text));
            Shown { path: safe(&file.path.display().to_string()), lines: Lines::of(&text), text }
        })
        .collect();
    let renderer = if how.colours { Renderer::styled() } else { Renderer::plain() };
    let decor = if how.unicode { DecorStyle::Unicode } else { DecorStyle::Ascii };
    let renderer = renderer.decor_style(decor).term_width(how.width);
    let width = how.width.min(WIDEST);
    findings.iter().map(|finding| renderer.render(&[group(finding, &shown, width)])).collect()
}

/// A file as it may be shown.
struct Shown {
    path: String,
    text: String,
    lines: Lines,
}

fn group<'a>(finding: &'a Finding, shown: &'a [Shown], width: usize) -> Group<'a> {
    let level = match finding.level {
        Level::Error => Title::ERROR,
        Level::Warning => Title::WARNING,
    };
    let title = below(&finding.message, "warning[]: ".len() + finding.rule.len(), width);
    let mut group = level.primary_title(title).id(finding.rule).elements(snippets(finding, shown));
    if !finding.why.is_empty() {
        group = group.element(Title::NOTE.with_name("why").message(below(&finding.why, FRAME + 5, width)));
    }
    if !finding.mend.is_empty() {
        group = group.element(Title::HELP.with_name("mend").message(below(&finding.mend, FRAME + 6, width)));
    }
    group
}

/// A sentence of which the first `before` columns are taken; it continues below itself.
fn below(text: &str, before: usize, width: usize) -> String {
    wrap(&safe(text), width.saturating_sub(before).max(NARROWEST), "", "")
}

/// A snippet for each file a finding points into, its main place first.
fn snippets<'a>(finding: &'a Finding, shown: &'a [Shown]) -> Vec<Snippet<'a, annotate_snippets::Annotation<'a>>> {
    let mut files: Vec<usize> = Vec::new();
    for (origin, _) in &finding.places {
        if !files.contains(&origin.file) {
            files.push(origin.file);
        }
    }
    let annotations = |file: usize, from: usize| {
        finding.places.iter().enumerate().filter(move |(_, (origin, _))| origin.file == file).map(
            move |(position, (origin, says))| {
                let kind = if position == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
                let label = (!says.is_empty()).then(|| safe(says));
                kind.span(origin.start - from..origin.end - from).label(label)
            },
        )
    };
    files
        .into_iter()
        .filter_map(|file| {
            let Shown { path, text, lines } = shown.get(file)?;
            // Drawing looks at every line it is given: of a large file only those around the places.
            let places = || finding.places.iter().filter(|(origin, _)| origin.file == file).map(|(origin, _)| origin);
            let first = lines.number(places().map(|place| place.start).min()?).saturating_sub(1).max(1);
            let last = lines.number(places().map(|place| place.end).max()?) + 1;
            let (from, to) = (lines.start(first), lines.start(last + 1).min(text.len()));
            let snippet = Snippet::source(text.get(from..to)?).path(path).line_start(first);
            Some(snippet.annotations(annotations(file, from)))
        })
        .collect()
}

fn safe(text: &str) -> String {
    harmless(&cover_words(text)).replace('\n', " ")
}

/// The text with everything that could move a cursor or hide something replaced. Every byte stays
/// where it was, so that places still fit.
fn harmless(text: &str) -> String {
    text.chars().map(stand_in).collect()
}

fn stand_in(letter: char) -> char {
    match letter {
        '\n' | '\t' => letter,
        letter if letter.is_ascii_control() => '?',
        '\u{80}'..='\u{9f}' | '\u{ad}' | '\u{61c}' => '¿',
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => '\u{fffd}',
        letter => letter,
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::plan::assemble;
    use crate::plan::source::File;

    fn drawn(text: &str) -> String {
        let file = File { path: PathBuf::from("plan.toml"), text: text.to_owned() };
        let loaded = assemble(vec![file], Vec::new());
        draw(&loaded.findings, &loaded.sources, Drawing { colours: false, unicode: false, width: 100 }).join("\n\n")
    }

    #[test]
    fn the_text_is_underlined_and_the_way_out_named() {
        let shown =
            drawn("[platform]\nname = \"p\"\n\n[[component]]\nname = \"db\"\nkind = \"postgers\"\nadress = \"x:1\"\n");
        assert!(shown.contains("plan.toml:6:8"), "{shown}");
        assert!(shown.contains("kind = \"postgers\"") && shown.contains("^^^^^^^^^^"), "{shown}");
        assert!(shown.contains("did you mean \"postgres\"?"), "{shown}");
        assert!(shown.contains("did you mean `address`?"), "{shown}");
    }

    #[test]
    fn a_secret_is_covered() {
        let shown = drawn(
            "[platform]\nname = \"p\"\n[[component]]\nname = \"db\"\nkind = \"postgres\"\npassword = \"hunter2hunter2\"\n",
        );
        assert!(shown.contains("wrong-value") && !shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn no_finding_underlines_a_secret() {
        for line in [
            "password: hunter2SECRET",
            "kind=\"postgres\", password=\"hunter2SECRET\"",
            "headers = { Authorization = \"Bearer hunter2SECRET\" }",
            "webhook = \"https://hooks.slack.com/services/T012/B034/hunter2SECRET\"",
            "run = { command = [\"mysql\",\"-phunter2SECRET\"] }",
            "kind = \"https://hooks.slack.com/services/T012/B034/hunter2SECRET\"",
            "rto = \"redis://u:hunter2SECRET@h\"",
        ] {
            let shown = drawn(&format!("[platform]\nname = \"p\"\n[[component]]\nname = \"db\"\n{line}\n"));
            assert!(shown.contains("plan.toml:") && !shown.contains("hunter2"), "{line}\n{shown}");
        }
    }

    #[test]
    fn a_place_far_down_has_its_own_line() {
        let shown = drawn(&format!("[platform]\nname = \"p\"\n{}banana = 1", "# x\n".repeat(300)));
        assert!(shown.contains("plan.toml:303:1") && shown.contains("303 | banana = 1"), "{shown}");
    }

    #[test]
    fn nothing_moves_the_cursor() {
        let shown = drawn("[platform]\nname = \"p\"\n# \u{202e}\u{1b}[2J\nbanana = 1\nx = \u{1b}\n");
        assert!(!shown.contains('\u{1b}') && !shown.contains('\u{202e}'), "{shown:?}");
    }

    #[test]
    fn covering_keeps_every_byte_in_its_place() {
        for line in ["password = \"pässwörd\"\n", "a = \"\u{202e}\u{9b}\u{1b}\"\n", "u = \"http://a:b@c/ü\"\n"] {
            assert_eq!(cover_source(&harmless(line)).len(), line.len());
        }
    }
}
