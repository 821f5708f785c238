//! Who is connected, who works for long, and who waits for whom.

use super::answers::{Answers, Row};
use super::rights::{NEEDS_MONITOR, Rights};
use crate::plan::facts::Value;
use crate::systems::number::percent;
use crate::systems::probe::Told;
use crate::systems::reading::Facts;
use crate::text::Span;

/// Connections against their limit, the longest transaction, how many wait.
pub fn told(sums: Option<&Row>, databases: Option<&Row>, rights: &Rights, facts: &mut Facts) {
    let (Some(sums), Some(databases)) = (sums, databases) else { return };
    // Who may not see what others are doing still sees how many there are, background workers among them.
    let used = if rights.statistics { sums.count("used") } else { databases.count("connected") };
    let limit = databases.count("connection_limit");
    if let (Some(used), Some(limit)) = (used, limit) {
        facts.set("connections_used", Value::Count(used));
        facts.set("connections_limit", Value::Count(limit));
        let here = databases.count("connected_here").unwrap_or_default();
        // Below zero there is no limit of its own.
        let limit_here = databases.text("limit_here").and_then(|text| text.parse::<u64>().ok());
        let shares = [Some(percent(used, limit)), limit_here.map(|limit| percent(here, limit))];
        let fullest = shares.into_iter().flatten().fold(0.0, f64::max);
        facts.set("connections", Value::Share(fullest));
    }
    if !rights.statistics {
        for fact in ["longest_transaction", "blocked_sessions", "longest_block", "commits_waiting"] {
            facts.deny(fact, NEEDS_MONITOR);
        }
        return;
    }
    facts.set("longest_transaction", Value::Span(sums.span("longest").unwrap_or(Span::ZERO)));
    facts.set_some("commits_waiting", sums.count("commits_waiting").map(Value::Count));
    let blocked = sums.count("blocked").unwrap_or_default();
    facts.set("blocked_sessions", Value::Count(blocked));
    if blocked == 0 {
        facts.set("longest_block", Value::Span(Span::ZERO));
    }
}

/// Who waits for whom, the longest wait first.
pub fn blocked(answers: &Answers, told: &mut Told) {
    let rows = answers.rows(0);
    let longest = rows.iter().filter_map(|row| row.span("waited")).max().unwrap_or(Span::ZERO);
    told.facts.set("longest_block", Value::Span(longest));
    let table = rows.iter().map(|row| {
        vec![
            row.word("pid").to_owned(),
            session(row, "login", "name"),
            row.word("database").to_owned(),
            row.span("waited").map_or_else(String::new, Span::brief),
            row.word("holders").to_owned(),
            holder(row),
        ]
    });
    let columns = ["session", "who", "database", "waits for", "blocked by", "who blocks"];
    told.facts.list("Blocked sessions", &columns, table.collect());
}

fn session(row: &Row, login: &str, name: &str) -> String {
    match (row.word(login), row.word(name)) {
        (login, "") => login.to_owned(),
        (login, name) => format!("{login} ({name})"),
    }
}

/// Whoever holds the lock, what it does, and for how long it has been at it.
fn holder(row: &Row) -> String {
    if row.word("holders") == "0" {
        return "a prepared transaction".to_owned();
    }
    let age = row.span("holder_age").map_or_else(String::new, |age| format!(", {} in its transaction", age.brief()));
    format!("{}, {}{age}", session(row, "holder_login", "holder_name"), row.word("holder_state"))
}
