//! Variables in messages: written rightly, and filled by something.

use super::Rule;
use super::examined::Examined;
use super::places::{Entry, entries, walk};
use super::words::list;
use crate::plan::Finding;
use crate::plan::message_variables::{FILLED, Piece, pieces};
use crate::plan::names::nearest;
use crate::plan::source::Origin;
use crate::plan::types::Message;

pub const RULES: &[Rule] = &[variables, channels];

/// Each `{variable}` of each text.
fn variables(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for message in entries(&examined.plan.message) {
        let Some(text) = message.item.text.as_deref() else { continue };
        let known = || FILLED.iter().map(|(name, _)| *name).chain(examined.plan.variables.keys().map(String::as_str));
        for piece in pieces(text) {
            match piece {
                Ok(Piece::Variable(name)) if !known().any(|known| known == name) => {
                    findings.push(unfilled(examined, message, name, known()));
                }
                Err(wrong) => findings.push(
                    Finding::error("variable-syntax", format!("{}: {}", message.name, wrong.why))
                        .at(part_of(examined, message, wrong.text), "this")
                        .because("customers would read the bare braces instead of what has happened")
                        .mend("write {variable}, and {{ and }} for braces that are meant"),
                ),
                Ok(_) => {}
            }
        }
    }
}

fn unfilled<'k>(
    examined: &Examined<'_>,
    message: Entry<'_, Message>,
    name: &str,
    known: impl Iterator<Item = &'k str>,
) -> Finding {
    let known: Vec<&str> = known.collect();
    let mend = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean {{{near}}}?"),
        None => format!("give it a value under [variables], or use one of {}", list(known)),
    };
    Finding::warning("unfilled-variable", format!("nothing fills {{{name}}} in {}", message.name))
        .at(part_of(examined, message, &format!("{{{name}}}")), "filled by nothing")
        .because(format!(
            "the message goes out with \"{{{name}}}\" where the one thing belongs that people want to know"
        ))
        .mend(mend)
}

/// Where a part of a message's text stands, or the text if that is written with escapes.
fn part_of(examined: &Examined<'_>, message: Entry<'_, Message>, part: &str) -> Origin {
    let path = examined.path(message).to("text");
    let found = walk(examined.tree, &path).and_then(|node| {
        let value = node.origin;
        let text = examined.sources.get(value.file)?.text.get(value.start..value.end)?;
        let start = value.start + text.find(part)?;
        Some(Origin { start, end: start + part.len(), ..value })
    });
    found.unwrap_or_else(|| examined.at(&path))
}

/// A message that goes by no channel.
fn channels(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for message in entries(&examined.plan.message) {
        if message.via.is_empty() && !examined.is_written(&examined.path(message).to("via")) {
            findings.push(
                Finding::warning("message-without-channel", format!("{} goes by no channel", message.name))
                    .at(examined.origin(message), "how?")
                    .because("it is written in time and reaches nobody")
                    .mend("name the channels it goes by: via = [\"...\"]"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepts, finds, only};

    fn plan(text: &str) -> String {
        format!("[variables]\noffice='Berlin'\n[[message]]\nname='m'\ntext=\"{text}\"")
    }

    #[test]
    fn variables_that_nothing_fills_are_found() {
        finds("unfilled-variable", &plan("{system} fails, says {weather}"), &["{weather}"]);
        assert_eq!(only("unfilled-variable", &plan("{sytem}")).mend, "did you mean {system}?");
        accepts("unfilled-variable", &plan("{system} since {detected}, {office}, {{braces}}"));
    }

    #[test]
    fn broken_variables_are_found() {
        finds("variable-syntax", &plan("failure of {system"), &["{system"]);
        finds("variable-syntax", &plan("failure of {the system} now"), &["{the system}"]);
        finds("variable-syntax", &plan("failure {}"), &["{}"]);
        finds("variable-syntax", &plan("failure} of"), &["}"]);
        accepts("variable-syntax", &plan("{system} {{x}}"));
    }

    #[test]
    fn a_message_without_a_channel_is_found() {
        finds("message-without-channel", "[[message]]\nname='m'", &["name='m'"]);
        accepts("message-without-channel", "[[channel]]\nname='c'\nkind='chat'\n[[message]]\nname='m'\nvia=['c']");
    }
}
