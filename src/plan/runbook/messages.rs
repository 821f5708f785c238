//! What to say, to whom and how soon: the texts, with blanks to fill in.

use super::sheet::Sheet;
use crate::plan::Plan;
use crate::plan::types::Message;
use crate::plan::word::word;

pub(super) fn page(plan: &Plan) -> Option<String> {
    if plan.message.is_empty() && plan.channel.is_empty() {
        return None;
    }
    let mut sheet = Sheet::new(plan, "What to say", "messages");
    for message in &plan.message {
        sheet.heading(message.title.as_deref().unwrap_or(&message.name));
        sheet.line("To", &message.to.join(", "));
        sheet.line("By", &message.via.join(", "));
        sheet.line("When", &when(message));
        sheet.text(&filled(plan, message.text.as_deref().unwrap_or_default()));
        for point in &message.contains {
            sheet.point("", point);
        }
    }
    if !plan.channel.is_empty() {
        sheet.heading("Channels");
        let rows = plan
            .channel
            .iter()
            .map(|channel| vec![channel.name.clone(), word(channel.kind), channel.target.clone().unwrap_or_default()]);
        sheet.table(&rows.collect::<Vec<_>>());
    }
    Some(sheet.done())
}

/// A text with what the plan itself knows; the rest stays as blanks in braces.
fn filled(plan: &Plan, text: &str) -> String {
    plan.variables.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

/// `when detected, within 5min, then every 30min; for P1, P2 only`.
fn when(message: &Message) -> String {
    let on = message.on.map(|on| format!("when {}", word(on)));
    let within = message.within.map(|within| match within.most {
        most if most.is_zero() => "at once".to_owned(),
        _ => format!("within {within}"),
    });
    let every = message.every.map(|every| format!("every {every}"));
    let only = message.severity.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let only = (!only.is_empty()).then(|| format!("for {only} only"));
    [on, within, every, only].into_iter().flatten().collect::<Vec<_>>().join(", ")
}
