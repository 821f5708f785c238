//! What stays, what goes and what went, for people and for scripts.

use serde::Serialize;

use super::Told;
use crate::cli::output::Style;
use crate::cli::{Context, Failure, Output};
use crate::plan::types::Method;
use crate::protect::expire::{Expired, goes, stays};
use crate::text::instant::stamp;
use crate::text::wrap::wrap;
use crate::text::{Shape, Size, counted, counted_as, untrusted};
use crate::vault::Deposit;
use crate::vault::retention::{Fate, Judged, Needless, Series, Survey, Verdict};

/// More than these are only counted.
const MOST: usize = 20;

/// Prints what stays and what goes, series by series.
pub fn print(context: &Context, told: &Told<'_>) -> Result<(), Failure> {
    let out = context.out();
    for series in &told.survey.series {
        let method = series.method.map_or("other files", Method::word);
        let head = format!("{}: {}, {method}", Output::safe(&series.store), Output::safe(&series.component));
        out.line(out.styled(Style::Strong, &head))?;
        for (count, reason) in stays(series) {
            out.line(wrap(&format!("keeps {count}: {reason}"), out.width(), "  ", "    "))?;
        }
        let going: Vec<&Judged<'_>> = series.points.iter().filter(|judged| judged.verdict.goes()).collect();
        for judged in going.iter().take(MOST) {
            out.line(out.styled(Style::Warning, &wrap(&going_line(judged), out.width(), "  ", "    ")))?;
        }
        if going.len() > MOST {
            out.line(out.styled(Style::Warning, &format!("  goes  and {} more", going.len() - MOST)))?;
        }
    }
    for log in &told.survey.logs {
        let line = format!(
            "goes  {} of the log of {} in {}, {}: no base needs what is before {}",
            counted(log.files.len(), "file"),
            Output::safe(&log.component),
            Output::safe(&log.store),
            Size(log.bytes()).approx(),
            log.before
        );
        out.line(out.styled(Style::Warning, &wrap(&line, out.width(), "", "    ")))?;
    }
    for (store, alone) in &told.survey.alone {
        let what = counted_as(*alone, "recovery point of no component", "recovery points of no component");
        out.line(format!("{}: {what} of this plan stays as it is", Output::safe(store)))?;
    }
    out.line(wrap(&sum(told), out.width(), "", ""))?;
    for job in told.jobs {
        let again = context.again(["expire", "--dry-run", "--job", job]);
        let line =
            format!("By ages of its own the job {} may throw away more: `{}`.", Output::safe(job), Output::safe(again));
        out.line(wrap(&line, out.width(), "", "  "))?;
    }
    for early in told.early {
        let line = format!("{}: {}", Output::safe(&early.store), early.told);
        out.line(out.styled(Style::Warning, &wrap(&line, out.width(), "", "  ")))?;
    }
    if let Some(why) = told.held {
        let line = untrusted(format!("Nothing may go: {why}"), Shape::line(400));
        out.line(out.styled(Style::Warning, &wrap(&line, out.width(), "", "  ")))?;
    }
    Ok(())
}

fn going_line(judged: &Judged<'_>) -> String {
    let id = untrusted(&judged.point.id, Shape::line(120));
    format!("goes  {id}, {}: {}", Size(judged.copied.size()).approx(), why(judged))
}

fn why(judged: &Judged<'_>) -> String {
    match &judged.verdict {
        Verdict::Kept(reason) => reason.to_string(),
        Verdict::Goes(why) => goes(judged, why),
    }
}

fn sum(told: &Told<'_>) -> String {
    let going: Vec<u64> = told.survey.going().map(|(_, judged)| judged.copied.size()).collect();
    let all: usize = told.survey.series.iter().map(|series| series.points.len()).sum();
    if going.is_empty() && told.survey.logs.is_empty() {
        return format!("Nothing is to go of {}.", counted_as(all, "copy", "copies"));
    }
    let logs: u64 = told.survey.logs.iter().map(Needless::bytes).sum();
    let size = Size(going.iter().sum::<u64>() + logs).approx();
    let free = if told.held.is_some() { ", if nothing stood in the way" } else { "" };
    let of_logs = match of_logs(told.survey) {
        0 => String::new(),
        files => format!(" and {} of logs", counted(files, "file")),
    };
    format!("{} of {}{of_logs} would go, {size} in all{free}.", going.len(), counted_as(all, "copy", "copies"))
}

fn of_logs(survey: &Survey<'_>) -> usize {
    survey.logs.iter().map(|log| log.files.len()).sum()
}

/// Everything that would go: `3 copies`, `3 copies and 40 files of logs`.
pub fn all(survey: &Survey<'_>) -> String {
    let copies = counted_as(survey.going().count(), "copy", "copies");
    match (survey.going().count(), of_logs(survey)) {
        (_, 0) => copies,
        (0, files) => format!("{} of logs", counted(files, "file")),
        (_, files) => format!("{copies} and {} of logs", counted(files, "file")),
    }
}

/// Prints what went.
pub fn ended(context: &Context, expired: &Expired) -> Result<(), Failure> {
    let out = context.out();
    for (store, point, why) in &expired.left {
        let line = untrusted(format!("left  {point} in {store}: {why}"), Shape::line(500));
        out.line(out.styled(Style::Warning, &wrap(&line, out.width(), "  ", "    ")))?;
    }
    for deposit in expired.gone.iter().filter_map(|gone| gone.deposit.as_ref()) {
        out.line(wrap(&format!("gone  the snapshot {deposit}"), out.width(), "  ", "    "))?;
    }
    for log in &expired.logs {
        let files = counted(log.files, "file");
        out.line(wrap(&format!("gone  {files} of {} in {}", log.what, log.store), out.width(), "  ", "    "))?;
    }
    let gone = counted_as(expired.gone.len(), "copy is", "copies are");
    out.line(out.styled(Style::Good, &format!("{gone} gone, {} in all.", Size(expired.bytes()).approx())))?;
    if let Some(why) = &expired.stopped {
        let line = untrusted(format!("Then it was ended: {why}"), Shape::line(400));
        out.line(out.styled(Style::Warning, &wrap(&line, out.width(), "", "  ")))?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Report<'a> {
    series: Vec<OneSeries<'a>>,
    logs: Vec<OneLog<'a>>,
    not_of_this_plan: Vec<Alone<'a>>,
    warnings: Vec<Warning<'a>>,
    held: Option<&'a str>,
    done: Option<Done<'a>>,
}

#[derive(Serialize)]
struct OneSeries<'a> {
    store: &'a str,
    component: &'a str,
    method: Option<&'static str>,
    points: Vec<One<'a>>,
}

/// What of a log no base needs any more.
#[derive(Serialize)]
struct OneLog<'a> {
    store: &'a str,
    component: &'a str,
    files: usize,
    bytes: u64,
    before: String,
}

#[derive(Serialize)]
struct One<'a> {
    point: &'a str,
    taken: String,
    state: &'static str,
    bytes: u64,
    goes: bool,
    why: String,
    deposit: Option<Kept<'a>>,
}

/// What a system keeps itself of what goes.
#[derive(Serialize)]
struct Kept<'a> {
    repository: &'a str,
    name: &'a str,
    goes: bool,
}

impl<'a> Kept<'a> {
    fn of(deposit: &'a Deposit, goes: bool) -> Kept<'a> {
        Kept { repository: &deposit.repository, name: &deposit.name, goes }
    }
}

#[derive(Serialize)]
struct Alone<'a> {
    store: &'a str,
    points: usize,
}

#[derive(Serialize)]
struct Warning<'a> {
    store: &'a str,
    told: &'a str,
}

#[derive(Serialize)]
struct Done<'a> {
    gone: Vec<Gone<'a>>,
    left: Vec<Gone<'a>>,
    logs: Vec<LogsGone<'a>>,
    bytes: u64,
    stopped: Option<&'a str>,
}

#[derive(Serialize)]
struct LogsGone<'a> {
    store: &'a str,
    what: &'a str,
    files: usize,
    bytes: u64,
}

#[derive(Serialize)]
struct Gone<'a> {
    store: &'a str,
    point: &'a str,
    why: Option<&'a str>,
    deposit: Option<Kept<'a>>,
}

/// Prints all of it as one value.
pub fn json(context: &Context, told: &Told<'_>) -> Result<(), Failure> {
    let report = Report {
        series: told.survey.series.iter().map(series).collect(),
        logs: told.survey.logs.iter().map(log).collect(),
        not_of_this_plan: told.survey.alone.iter().map(|(store, points)| Alone { store, points: *points }).collect(),
        warnings: told.early.iter().map(|early| Warning { store: &early.store, told: &early.told }).collect(),
        held: told.held,
        done: told.expired.map(done),
    };
    context.out().json(&report)
}

fn series<'a>(series: &'a Series<'_>) -> OneSeries<'a> {
    let one = |judged: &'a Judged<'_>| One {
        point: &judged.point.id,
        taken: stamp(judged.point.taken),
        state: judged.copied.state().word(),
        bytes: judged.copied.size(),
        goes: judged.verdict.goes(),
        why: why(judged),
        deposit: judged.deposit.as_ref().map(|fate| Kept::of(fate.deposit(), matches!(fate, Fate::Goes(_)))),
    };
    OneSeries {
        store: &series.store,
        component: &series.component,
        method: series.method.map(Method::word),
        points: series.points.iter().map(one).collect(),
    }
}

fn log(log: &Needless) -> OneLog<'_> {
    let Needless { store, component, before, files } = log;
    OneLog { store, component, files: files.len(), bytes: log.bytes(), before: before.to_string() }
}

fn done(expired: &Expired) -> Done<'_> {
    let gone = expired.gone.iter().map(|gone| Gone {
        store: &gone.store,
        point: &gone.point,
        why: None,
        deposit: gone.deposit.as_ref().map(|deposit| Kept::of(deposit, true)),
    });
    let left = expired.left.iter().map(|(store, point, why)| Gone { store, point, why: Some(why), deposit: None });
    let logs = expired.logs.iter().map(|log| LogsGone {
        store: &log.store,
        what: &log.what,
        files: log.files,
        bytes: log.bytes,
    });
    Done {
        gone: gone.collect(),
        left: left.collect(),
        logs: logs.collect(),
        bytes: expired.bytes(),
        stopped: expired.stopped.as_deref(),
    }
}
