//! The schedule as services and timers of systemd.

use super::shape::{Days, Shape, Times, WEEKDAYS, ranges};
use super::{Call, REST_MINUTES, every, often, plain, sorted};
use crate::plan::types::{Job, Plan};

/// A file for systemd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Its name: `lifeboat-due-shop.timer`.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// The units, one pair for all jobs or one for each, and what is to be said besides, as comments.
pub fn units(plan: &Plan, call: &Call, each: bool) -> (Vec<Unit>, Vec<String>) {
    let (timed, mut notes) = sorted(plan);
    let platform = &plan.platform.name;
    let about = format!("Lifeboat runs what is due of {}", plain(platform));
    let all = |why: &str, minutes: u32| {
        let name = format!("lifeboat-due-{}", safe(platform));
        pair(call, &name, &about, why, &[format!("*:00/{minutes}")], &["backup", "--due"])
    };
    if each {
        let why = "# Each slot is claimed before it is run: hosts that share these timers run it once, and a timer that\n\
                   # comes too often, or in a night when clocks change, finds nothing due.\n";
        let of_job = |job: &&Job| {
            let name = format!("lifeboat-{}-{}", safe(platform), safe(&job.name));
            let about = format!("Lifeboat runs {} of {}", plain(&job.name), plain(platform));
            pair(call, &name, &about, why, &calendar(job, &call.zone), &["backup", "--due", "--job", &job.name])
        };
        let rest = "# What was missed, had to wait for another job, or was left by a host that died.\n";
        return (timed.iter().flat_map(of_job).chain(all(rest, REST_MINUTES)).collect(), notes);
    }
    let minutes = often(&timed);
    let every = every(minutes);
    let why = format!(
        "# Every {every} is enough: it runs the jobs whose time has come, by the hours and the time zone of the\n\
         # plan, each slot once. Slots are claimed, so several hosts may have this timer.\n"
    );
    notes.insert(
        0,
        "# Jobs run one after the other; where a long one must not hold up the rest, take --each.".to_owned(),
    );
    (all(&why, minutes), notes)
}

fn pair(call: &Call, name: &str, about: &str, why: &str, calendar: &[String], words: &[&str]) -> Vec<Unit> {
    let about = about.replace('%', "%%");
    let line: Vec<String> = call.words(words).iter().map(|word| quoted(word)).collect();
    let user = call.user.as_ref().map(|user| format!("User={user}\n")).unwrap_or_default();
    let service = format!(
        "[Unit]\nDescription={about}\nDocumentation=man:lifeboat-schedule(1)\nWants=network-online.target\n\
         After=network-online.target\n\n[Service]\nType=oneshot\nExecStart={}\n{user}UMask=0007\nNoNewPrivileges=yes\n",
        line.join(" ")
    );
    let calendar: Vec<String> = calendar.iter().map(|when| format!("OnCalendar={when}")).collect();
    let calendar = calendar.join("\n");
    let timer = format!(
        "{why}[Unit]\nDescription={about}: when\n\n[Timer]\n{calendar}\nAccuracySec=30s\nPersistent=true\n\n\
         [Install]\nWantedBy=timers.target\n"
    );
    vec![Unit { name: format!("{name}.service"), text: service }, Unit { name: format!("{name}.timer"), text: timer }]
}

/// When a job is to be looked at, in the words of systemd.
pub(super) fn calendar(job: &Job, zone: &str) -> Vec<String> {
    match Shape::of(job) {
        Shape::Times(times) => times.days.iter().map(|days| one(&times, days, zone)).collect(),
        Shape::Minutes(60) => vec!["*-*-* *:00:00 UTC".to_owned()],
        Shape::Minutes(minutes) => vec![format!("*-*-* *:00/{minutes}:00 UTC")],
        Shape::Hours(24) => vec!["*-*-* 00:00:00 UTC".to_owned()],
        Shape::Hours(hours) => vec![format!("*-*-* 00/{hours}:00:00 UTC")],
        Shape::Often => vec![format!("*:00/{}", often(&[job]))],
    }
}

fn one(times: &Times, days: &Days, zone: &str) -> String {
    let month = list(&times.months, 12);
    let weekday = |day: u8| {
        let name = WEEKDAYS[usize::from(day % 7)];
        format!("{}{}", name[..1].to_ascii_uppercase(), &name[1..])
    };
    let date = match days {
        Days::Every => format!("*-{month}-*"),
        Days::OfMonth(numbers) => format!("*-{month}-{}", list(numbers, 31)),
        Days::LastOfMonth => format!("*-{month}~01"),
        Days::Weekdays(numbers) => {
            let names: Vec<String> = numbers.iter().map(|day| weekday(*day)).collect();
            format!("{} *-{month}-*", names.join(","))
        }
        Days::Nth(day, nth) => {
            let first = (nth - 1) * 7 + 1;
            format!("{} *-{month}-{first:02}..{:02}", weekday(*day), (first + 6).min(31))
        }
        Days::LastWeekday(day) => format!("{} *-{month}~07/1", weekday(*day)),
    };
    format!("{date} {}:{}:00 {zone}", list(&times.hours, 24), list(&times.minutes, 60))
}

fn list(numbers: &[u8], all: usize) -> String {
    if numbers.len() == all {
        return "*".to_owned();
    }
    let written =
        |(first, last): (u8, u8)| if first == last { format!("{first:02}") } else { format!("{first:02}..{last:02}") };
    ranges(numbers).into_iter().map(written).collect::<Vec<_>>().join(",")
}

/// A word of a command line as systemd reads it.
fn quoted(word: &str) -> String {
    let escaped = word.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%").replace('$', "$$");
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:=@,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) { escaped } else { format!("\"{escaped}\"") }
}

/// A name as part of that of a unit.
fn safe(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || "_.-".contains(c) { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(rest: &str) -> Vec<String> {
        calendar(&toml::from_str(&format!("name = 'j'\ndo = 'command'\n{rest}")).unwrap(), "Europe/Berlin")
    }

    #[test]
    fn schedules_are_written_with_their_zone() {
        assert_eq!(written("cron = '0 2 * * *'"), ["*-*-* 02:00:00 Europe/Berlin"]);
        assert_eq!(written("cron = '30 9-17 * * 1-5'"), ["Mon,Tue,Wed,Thu,Fri *-*-* 09..17:30:00 Europe/Berlin"]);
        assert_eq!(written("cron = '0 10 * 11 MON#1'"), ["Mon *-11-01..07 10:00:00 Europe/Berlin"]);
        assert_eq!(written("cron = '0 4 1 * *'"), ["*-*-01 04:00:00 Europe/Berlin"]);
        assert_eq!(written("cron = '0 4 1 * SUN'").len(), 2, "either of the two days");
        assert_eq!(written("every = '10min'"), ["*-*-* *:00/10:00 UTC"]);
        assert_eq!(written("every = '6h'"), ["*-*-* 00/6:00:00 UTC"]);
    }

    #[test]
    fn a_command_line_reaches_the_program_as_it_is() {
        assert_eq!(quoted("/etc/lifeboat/shop.toml"), "/etc/lifeboat/shop.toml");
        assert_eq!(quoted("/a b/%i$HOME\"x"), r#""/a b/%%i$$HOME\"x""#);
    }
}
