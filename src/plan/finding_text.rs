//! Findings as people read them: the message, the lines with the text underlined, why, and the way out.

use std::borrow::Cow;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level as Title, Renderer, Snippet};

use super::source::Sources;
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
    let shown: Vec<(String, String)> =
        sources.iter().map(|file| (safe(&file.path.display().to_string()), harmless(&file.text))).collect();
    let renderer = if how.colours { Renderer::styled() } else { Renderer::plain() };
    let decor = if how.unicode { DecorStyle::Unicode } else { DecorStyle::Ascii };
    let renderer = renderer.decor_style(decor).term_width(how.width);
    let width = how.width.min(WIDEST);
    findings.iter().map(|finding| renderer.render(&[group(finding, &shown, width)])).collect()
}

fn group<'a>(finding: &'a Finding, shown: &'a [(String, String)], width: usize) -> Group<'a> {
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
fn snippets<'a>(
    finding: &'a Finding,
    shown: &'a [(String, String)],
) -> Vec<Snippet<'a, annotate_snippets::Annotation<'a>>> {
    let mut files: Vec<usize> = Vec::new();
    for (origin, _) in &finding.places {
        if !files.contains(&origin.file) {
            files.push(origin.file);
        }
    }
    let annotations = |file: usize| {
        finding.places.iter().enumerate().filter(move |(_, (origin, _))| origin.file == file).map(
            |(position, (origin, says))| {
                let kind = if position == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
                let label = (!says.is_empty()).then(|| safe(says));
                kind.span(origin.start..origin.end).label(label)
            },
        )
    };
    files
        .into_iter()
        .filter_map(|file| {
            let (path, text) = shown.get(file)?;
            Some(Snippet::source(text).path(path).annotations(annotations(file)))
        })
        .collect()
}

fn safe(text: &str) -> String {
    harmless(text).replace('\n', " ")
}

/// The text with everything that could move a cursor or hide something replaced, and with values of
/// keys that hold secrets covered. Every byte stays where it was, so that places still fit.
fn harmless(text: &str) -> String {
    let visible: String = text.chars().map(stand_in).collect();
    visible.split_inclusive('\n').map(cover).collect()
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

/// Covers what follows a key that names a secret, unless it is a reference, and passwords in URLs.
fn cover(line: &str) -> Cow<'_, str> {
    let secret_key = line.split_once('=').filter(|(key, value)| names_secret(key) && !refers(value));
    if let Some((key, value)) = secret_key {
        let covered: String = value
            .chars()
            .map(|letter| if letter == '\n' { "\n".to_owned() } else { "*".repeat(letter.len_utf8()) })
            .collect();
        return format!("{key}={covered}").into();
    }
    let Some(scheme) = line.find("://") else { return line.into() };
    let authority = &line[scheme + 3..];
    let end = authority.find(['/', '"', '\'', ' ']).unwrap_or(authority.len());
    match (authority[..end].find(':'), authority[..end].rfind('@')) {
        (Some(colon), Some(at)) if colon < at => {
            let (before, after) = (&line[..scheme + 4 + colon], &line[scheme + 3 + at..]);
            format!("{before}{}{after}", "*".repeat(at - colon - 1)).into()
        }
        _ => line.into(),
    }
}

fn names_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    ["password", "passwd", "secret", "token", "access_key", "api_key"].iter().any(|word| key.contains(word))
}

fn refers(value: &str) -> bool {
    let value = value.trim_start().trim_start_matches(['"', '\'']);
    ["env:", "file:", "command:"].iter().any(|scheme| value.starts_with(scheme))
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
        assert_eq!(cover("address = \"redis://u:geheim@h:1\""), "address = \"redis://u:******@h:1\"");
    }

    #[test]
    fn nothing_moves_the_cursor() {
        let shown = drawn("[platform]\nname = \"p\"\n# \u{202e}\u{1b}[2J\nbanana = 1\nx = \u{1b}\n");
        assert!(!shown.contains('\u{1b}') && !shown.contains('\u{202e}'), "{shown:?}");
    }

    #[test]
    fn covering_keeps_every_byte_in_its_place() {
        for line in ["password = \"pässwörd\"\n", "a = \"\u{202e}\u{9b}\u{1b}\"\n", "u = \"http://a:b@c/ü\"\n"] {
            assert_eq!(harmless(line).len(), line.len());
        }
    }
}
