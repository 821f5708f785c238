//! What `INFO` tells: a line for each name, and some lines with several names in one.

use std::collections::HashMap;

use crate::text::Span;

/// The answer to `INFO`, or to anything else that is written like it.
pub struct Info<'a>(HashMap<&'a str, &'a str>);

/// One of several things in a line: `ip=10.0.0.1,port=6379`.
pub struct Item<'a>(HashMap<&'a str, &'a str>);

impl<'a> Info<'a> {
    /// Reads it; what is no line of a name and a value is left out.
    pub fn of(text: &'a str) -> Info<'a> {
        let lines = text.lines().map(str::trim_end).filter(|line| !line.starts_with('#'));
        Info(lines.filter_map(|line| line.split_once(':')).collect())
    }

    /// The value of a name.
    pub fn text(&self, name: &str) -> Option<&'a str> {
        self.0.get(name).copied()
    }

    /// Whether a name has this value.
    pub fn is(&self, name: &str, value: &str) -> bool {
        self.text(name) == Some(value)
    }

    /// A whole number; what is below zero counts as missing.
    pub fn count(&self, name: &str) -> Option<u64> {
        self.text(name)?.parse().ok()
    }

    /// A number.
    pub fn real(&self, name: &str) -> Option<f64> {
        self.text(name)?.parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// Seconds as a length of time.
    pub fn secs(&self, name: &str) -> Option<Span> {
        self.count(name).map(Span::from_secs)
    }

    /// Yes or no, as 1 or 0.
    pub fn flag(&self, name: &str) -> Option<bool> {
        match self.text(name)? {
            "0" => Some(false),
            "1" => Some(true),
            _ => None,
        }
    }

    /// The numbered lines that begin so, in order: `slave0`, `slave1`.
    pub fn items(&self, start: &str) -> Vec<Item<'a>> {
        self.named_items(start).into_iter().map(|(_, item)| item).collect()
    }

    /// The same with their names.
    pub fn named_items(&self, start: &str) -> Vec<(String, Item<'a>)> {
        let mut numbered: Vec<(u32, &'a str)> = self
            .0
            .iter()
            .filter_map(|(name, value)| Some((name.strip_prefix(start)?.parse().ok()?, *value)))
            .filter(|(_, value)| value.contains('='))
            .collect();
        numbered.sort_unstable();
        numbered.into_iter().map(|(number, value)| (format!("{start}{number}"), Item::of(value))).collect()
    }

    /// How often an error of this code was answered; `None` where errors are not counted.
    pub fn errors(&self, code: &str) -> Option<u64> {
        let line = self.0.iter().find(|(name, _)| name.strip_prefix("errorstat_") == Some(code));
        match line {
            Some((_, value)) => Item::of(value).count("count"),
            // Before the first error of a code there is no line for it.
            None => self.0.contains_key("total_error_replies").then_some(0),
        }
    }
}

impl<'a> Item<'a> {
    fn of(value: &'a str) -> Item<'a> {
        Item(value.split(',').filter_map(|part| part.split_once('=')).collect())
    }

    /// The value of a name; empty if there is none.
    pub fn word(&self, name: &str) -> &'a str {
        self.0.get(name).copied().unwrap_or_default()
    }

    /// A whole number.
    pub fn count(&self, name: &str) -> Option<u64> {
        self.word(name).parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SAID: &str = "# Server\r\nredis_version:7.0.15\r\nuptime_in_seconds:12\r\n\r\n# Replication\r\nrole:master\r\n\
        connected_slaves:2\r\nslave1:ip=10.0.0.3,port=6380,state=online,offset=12,lag=1\r\n\
        slave0:ip=10.0.0.2,port=6379,state=wait_bgsave,offset=0,lag=0\r\nslave_read_only:1\r\n\
        master_link_down_since_seconds:-1\r\ntotal_error_replies:4\r\nerrorstat_OOM:count=3\r\n\
        db0:keys=5,expires=2,avg_ttl=0\r\n";

    #[test]
    fn lines_are_found_by_their_names() {
        let info = Info::of(SAID);
        assert_eq!(info.text("redis_version"), Some("7.0.15"));
        assert!(info.is("role", "master"));
        assert_eq!(info.count("master_link_down_since_seconds"), None, "-1 means that there is none");
        assert_eq!(info.flag("slave_read_only"), Some(true));
        assert_eq!(
            info.items("slave").iter().map(|item| item.word("ip")).collect::<Vec<_>>(),
            ["10.0.0.2", "10.0.0.3"]
        );
        assert_eq!(info.items("db")[0].count("keys"), Some(5));
    }

    #[test]
    fn an_error_that_never_came_was_counted_zero_times() {
        assert_eq!(Info::of(SAID).errors("OOM"), Some(3));
        assert_eq!(Info::of(SAID).errors("MISCONF"), Some(0));
        assert_eq!(Info::of("redis_version:5.0\r\n").errors("OOM"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC{0,60}(\r?\n\\PC{0,60}){0,5}") {
            let info = Info::of(&text);
            let _ = (info.items("slave"), info.errors("OOM"), info.real("x"));
        }
    }
}
