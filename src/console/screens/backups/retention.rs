//! Retention's dry run as a page: what would go of every store, what stays, and why.

use chrono::{DateTime, Utc};

use crate::console::fetch_retention::RetentionAnswer;
use crate::console::widgets::{Page, ago};
use crate::console::{Role, View};
use crate::plan::types::Method;
use crate::protect::expire::{Outlook, Prospect};
use crate::text::{Size, counted};
use crate::vault::retention::Needless;

/// More than these of a series are only counted.
const MOST: usize = 20;

/// The page, as far as it is known.
pub(super) fn page(view: &View<'_>, answer: Option<&RetentionAnswer>, width: u16) -> Page {
    let mut page = Page::new(width);
    page.text(0, "Retention: what would go now, and what stays", Role::Title);
    match answer.map(|answer| (answer.at, &answer.found)) {
        None => page.text(2, &format!("looking into every store{}", view.theme.marks().ellipsis), Role::Dim),
        Some((_, Err(why))) => page.text(2, &format!("It could not be looked at: {why}"), Role::Unknown),
        Some((at, Ok(outlook))) => {
            summary(view, at, outlook, &mut page);
            outlook.series.iter().for_each(|series| of_series(series, &mut page));
            outlook.logs.iter().for_each(|log| of_log(log, &mut page));
            alone(outlook, &mut page);
        }
    }
    page
}

fn summary(view: &View<'_>, at: DateTime<Utc>, outlook: &Outlook, page: &mut Page) {
    let going: Vec<u64> = outlook.series.iter().flat_map(|series| &series.goes).map(|(_, bytes, _)| *bytes).collect();
    let stays: usize = outlook.series.iter().flat_map(|series| &series.stays).map(|(count, _)| *count).sum();
    let told = match going.len() {
        0 if !outlook.logs.is_empty() => "Of copies nothing is to go, of logs what no base needs any more.".to_owned(),
        0 if stays == 1 => "Nothing is to go; the only copy stays.".to_owned(),
        0 => format!("Nothing is to go; all {stays} copies stay."),
        count => {
            format!("{count} of {} copies would go, {} in all.", stays + count, Size(going.iter().sum()).approx())
        }
    };
    page.text(2, &told, if going.is_empty() && outlook.logs.is_empty() { Role::Healthy } else { Role::Strong });
    if let Some(why) = &outlook.held {
        let nothing = if going.is_empty() { "And nothing may go" } else { "But nothing may go" };
        page.text(2, &format!("{nothing}: {why}."), Role::Degraded);
    }
    for (store, told) in &outlook.early {
        page.text(2, &format!("{store}: {told}"), Role::Degraded);
    }
    let looked = format!("Nothing was thrown away to find this out. Looked at {}.", ago(view.since(at)));
    page.text(2, &looked, Role::Dim);
}

fn of_series(series: &Prospect, page: &mut Page) {
    let by = series.method.map_or("other files", Method::word);
    let beside = match series.goes.len() {
        0 => ("all stays".to_owned(), Role::Dim),
        count => (format!("{count} would go"), Role::Degraded),
    };
    page.heading_with(&format!("{}: {}, {by}", series.store, series.component), &beside.0, beside.1);
    for (count, why) in &series.stays {
        let stay = if *count == 1 { "1 stays".to_owned() } else { format!("{count} stay") };
        page.labelled(&stay, why, Role::Text);
    }
    for (point, bytes, why) in series.goes.iter().take(MOST) {
        page.labelled("goes", &format!("{point}, {}: {why}", Size(*bytes).approx()), Role::Degraded);
    }
    if series.goes.len() > MOST {
        page.labelled("goes", &format!("and {} more", series.goes.len() - MOST), Role::Degraded);
    }
}

fn of_log(log: &Needless, page: &mut Page) {
    let files = counted(log.files.len(), "file");
    page.heading_with(&format!("{}: {}, log", log.store, log.component), &format!("{files} would go"), Role::Degraded);
    let told = format!("{}: no base needs what is before {}", Size(log.bytes()).approx(), log.before);
    page.labelled("goes", &told, Role::Degraded);
}

fn alone(outlook: &Outlook, page: &mut Page) {
    for (store, count) in &outlook.alone {
        let told = format!("{count} recovery points of no component of this plan, which stay as they are");
        page.heading_with(store, &told, Role::Dim);
    }
}
