//! The schedule as lines for cron.

use super::shape::{Days, Shape, Times, ranges};
use super::{Call, REST_MINUTES, every, often, sorted};
use crate::plan::types::{Job, Plan};
use crate::reach::quote_all;

/// The lines: one for all jobs, or one for each.
pub fn crontab(plan: &Plan, call: &Call, each: bool) -> String {
    let mut lines = vec![format!("# Runs what is due of {}, as its plan says.", super::plain(&plan.platform.name))];
    let (timed, others) = sorted(plan);
    let user = call.user.as_ref().map(|user| format!("{user} ")).unwrap_or_default();
    let line = |when: &str, words: &[&str]| {
        // A bare percent sign ends a command there, and begins its input.
        format!("{when} {user}{}", String::from_utf8_lossy(&quote_all(call.words(words))).replace('%', "\\%"))
    };
    if each {
        lines.push(
            "# Each slot is claimed before it is run: hosts that share these lines run it once, and a line that"
                .to_owned(),
        );
        lines.push("# comes too often, or in a night when clocks change, finds nothing due.".to_owned());
        lines.push(format!(
            "# The hours are those of {}. A cron that does not know CRON_TZ (Debian's) goes by the clock of the host:",
            call.zone
        ));
        lines.push("# where that shows another time, leave out --each.".to_owned());
        lines.push(format!("CRON_TZ={}", call.zone));
        for job in timed {
            lines.push(line(&when(job), &["--quiet", "backup", "--due", "--job", &job.name]));
        }
        lines.push("# What was missed, had to wait for another job, or was left by a host that died:".to_owned());
        lines.push(line(&format!("*/{REST_MINUTES} * * * *"), &["--quiet", "backup", "--due"]));
    } else {
        let minutes = often(&timed);
        let every = every(minutes);
        lines.push(format!(
            "# One line every {every} is enough: it runs the jobs whose time has come, by the hours and the time"
        ));
        lines.push("# zone of the plan, each slot once. Slots are claimed, so several hosts may have this line, and a line that comes".to_owned());
        lines.push("# while another still runs a long job sees to the rest.".to_owned());
        lines.push(line(&format!("*/{minutes} * * * *"), &["--quiet", "backup", "--due"]));
    }
    lines.extend(others);
    lines.join("\n") + "\n"
}

/// The five fields. What cron cannot say is asked more often than needed, and `--due` decides.
fn when(job: &Job) -> String {
    match Shape::of(job) {
        Shape::Times(times) => fields(&times),
        Shape::Minutes(60) => "0 * * * *".to_owned(),
        Shape::Minutes(minutes) => format!("*/{minutes} * * * *"),
        // Counted in UTC, from which some clocks are half an hour off.
        Shape::Hours(_) => "0,30 * * * *".to_owned(),
        Shape::Often => format!("*/{} * * * *", often(&[job])),
    }
}

fn fields(times: &Times) -> String {
    let (mut days, mut weekdays): (Vec<u8>, Vec<u8>) = Default::default();
    for some in &times.days {
        match some {
            Days::Every => {}
            Days::OfMonth(numbers) => days.extend(numbers),
            Days::LastOfMonth => days.extend(28..=31),
            Days::Weekdays(numbers) => weekdays.extend(numbers),
            Days::Nth(day, _) | Days::LastWeekday(day) => weekdays.push(*day),
        }
    }
    let field = |mut numbers: Vec<u8>, least: u8, most: u8| {
        numbers.sort_unstable();
        numbers.dedup();
        list(&numbers, least, most)
    };
    format!(
        "{} {} {} {} {}",
        list(&times.minutes, 0, 59),
        list(&times.hours, 0, 23),
        field(days, 1, 31),
        list(&times.months, 1, 12),
        field(weekdays, 0, 6)
    )
}

/// Numbers as cron writes them; a star stands for all of them, and for none that are named.
fn list(numbers: &[u8], least: u8, most: u8) -> String {
    if numbers.is_empty() || numbers.len() == usize::from(most - least) + 1 {
        return "*".to_owned();
    }
    if let [first, second, ..] = numbers
        && *first == least
        && second - first > 1
        && numbers.iter().copied().eq((least..=most).step_by(usize::from(second - first)))
    {
        return format!("*/{}", second - first);
    }
    let written = |(first, last): (u8, u8)| if first == last { first.to_string() } else { format!("{first}-{last}") };
    ranges(numbers).into_iter().map(written).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(rest: &str) -> String {
        when(&toml::from_str(&format!("name = 'j'\ndo = 'command'\n{rest}")).unwrap())
    }

    #[test]
    fn what_cron_can_say_is_said_as_in_the_plan() {
        for same in ["0 2 * * *", "*/15 * * * *", "0 4 1 * *", "30 9-17 * * 1-5", "0,5 0 1,15 2-4 0"] {
            assert_eq!(written(&format!("cron = '{same}'")), same);
        }
        assert_eq!(written("cron = '0 6 * * SUN'"), "0 6 * * 0");
    }

    #[test]
    fn what_it_cannot_say_is_asked_more_often() {
        assert_eq!(written("cron = '0 10 * * THU#1'"), "0 10 * * 4");
        assert_eq!(written("cron = '0 10 L * *'"), "0 10 28-31 * *");
        assert_eq!(written("cron = '0 10 15W * *'"), "*/5 * * * *");
        assert_eq!(written("every = '10min'"), "*/10 * * * *");
        assert_eq!(written("every = '6h'"), "0,30 * * * *");
        assert_eq!(written("every = '7min'"), "*/5 * * * *");
        assert_eq!(written("every = '90s'"), "*/1 * * * *");
    }

    #[test]
    fn one_line_for_all_comes_as_often_as_the_most_frequent_of_them() {
        let job = |rest: &str| toml::from_str::<Job>(&format!("name = 'j'\ndo = 'command'\n{rest}")).unwrap();
        let often_of =
            |rest: &[&str]| often(&rest.iter().map(|rest| job(rest)).collect::<Vec<_>>().iter().collect::<Vec<_>>());
        assert_eq!(often_of(&["cron = '0 2 * * *'", "every = '2min'"]), 2);
        assert_eq!(often_of(&["cron = '*/3 * * * *'"]), 3);
        assert_eq!(often_of(&["cron = '58,59 * * * *'"]), 1);
        assert_eq!((often_of(&["every = '6h'"]), often_of(&[])), (5, 5));
    }
}
