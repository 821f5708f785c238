//! What a machine says of itself: its load, its memory, when it was booted.

use chrono::{DateTime, Utc};

use crate::plan::facts::Value;
use crate::reach::Command;
use crate::systems::reading::Facts;

/// What a machine says of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Vitals {
    /// Over five minutes, of its cores, as a percentage.
    pub load: Option<f64>,
    /// In use, as a percentage.
    pub memory: Option<f64>,
    /// When it was booted.
    pub booted: Option<DateTime<Utc>>,
}

/// The one small command that tells them, on any Linux.
pub fn command() -> Command {
    Command::new("grep").args([
        "-hE",
        "^(cpu[0-9]|btime |MemTotal|MemAvailable|[0-9])",
        "/proc/loadavg",
        "/proc/meminfo",
        "/proc/stat",
    ])
}

impl Vitals {
    /// Reads the answer to that.
    pub fn read(text: &str) -> Vitals {
        let mut lines = text.lines();
        let load = lines.next().and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
        let (mut cores, mut total, mut available, mut booted) = (0_u32, None, None, None);
        for line in lines {
            let (name, value) = line.split_once([' ', ':']).unwrap_or((line, ""));
            let number = || value.split_whitespace().next()?.parse::<u64>().ok();
            match name {
                "MemTotal" => total = number(),
                "MemAvailable" => available = number(),
                "btime" => booted = number(),
                name if name.starts_with("cpu") => cores += 1,
                _ => {}
            }
        }
        let booted = booted.and_then(|seconds| DateTime::from_timestamp(i64::try_from(seconds).ok()?, 0));
        let memory = total.zip(available).filter(|(total, _)| *total > 0);
        Vitals {
            load: load.filter(|_| cores > 0).map(|load| 100.0 * load / f64::from(cores)),
            memory: memory.map(|(total, available)| 100.0 * total.saturating_sub(available) as f64 / total as f64),
            booted,
        }
    }

    /// Tells them.
    pub fn tell(self, facts: &mut Facts) {
        facts.set_some("load", self.load.map(Value::Share));
        facts.set_some("memory", self.memory.map(Value::Share));
        facts.set_some("booted", self.booted.map(Value::Moment));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_read_from_proc() {
        let text = "0.50 3.00 0.70 2/345 6789\nMemTotal:       1000 kB\nMemAvailable:    250 kB\ncpu0 1 2 3\ncpu1 1 2 3\nbtime 1731931200\n";
        let vitals = Vitals::read(text);
        assert_eq!((vitals.load, vitals.memory), (Some(150.0), Some(75.0)));
        assert_eq!(vitals.booted.unwrap().timestamp(), 1_731_931_200);
        assert_eq!(Vitals::read("what?\n"), Vitals::default());
    }
}
