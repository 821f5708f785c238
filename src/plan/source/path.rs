//! The way from the plan's root to a value: `job[3].cron`.

use std::fmt;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Into a table.
    Key(String),
    /// Into an array.
    Index(usize),
}

impl From<&str> for Part {
    fn from(key: &str) -> Part {
        Part::Key(key.to_owned())
    }
}

impl From<&String> for Part {
    fn from(key: &String) -> Part {
        Part::Key(key.clone())
    }
}

impl From<usize> for Part {
    fn from(index: usize) -> Part {
        Part::Index(index)
    }
}

/// The way to a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path(Vec<Part>);

impl Path {
    /// The plan itself.
    pub fn root() -> Path {
        Path::default()
    }

    /// An entry of one of the plan's lists: `job[3]`.
    pub fn entry(list: &str, index: usize) -> Path {
        Path::root().to(list).to(index)
    }

    /// One step further.
    #[must_use]
    pub fn to(&self, part: impl Into<Part>) -> Path {
        let mut longer = self.clone();
        longer.0.push(part.into());
        longer
    }

    /// Its steps.
    pub fn parts(&self) -> &[Part] {
        &self.0
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, part) in self.0.iter().enumerate() {
            match part {
                Part::Key(key) if position == 0 => f.write_str(key)?,
                Part::Key(key) => write!(f, ".{key}")?,
                Part::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}
