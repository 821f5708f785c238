//! The statistics of haproxy, as comma-separated values with a head that names the columns.

use std::collections::HashMap;

/// How many lines are read.
const MOST: usize = 10_000;

/// What haproxy says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// The servers behind it.
    pub servers: Vec<Server>,
    /// Sessions of all its front ends.
    pub sessions: u64,
    /// Answers of 500 and above, and connections that failed, since its start.
    pub errors: u64,
}

/// A server behind it. Names are as they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Server {
    /// The back end it belongs to.
    pub backend: String,
    /// Its name there.
    pub name: String,
    /// Where it answers.
    pub address: String,
    /// haproxy's word: `UP`, `DOWN`, `MAINT`, `no check`, `UP 1/2` on the way.
    pub status: String,
    /// What its check said.
    pub check: String,
    /// For how many seconds it is so.
    pub since: Option<u64>,
}

/// Whether this is what haproxy writes.
pub fn is_csv(text: &str) -> bool {
    text.starts_with("# pxname,")
}

/// Reads them.
pub fn read(text: &str) -> Option<Statistics> {
    let mut lines = text.lines();
    let head = lines.next()?.strip_prefix("# ").filter(|_| is_csv(text))?;
    let columns: HashMap<&str, usize> = head.split(',').enumerate().map(|(place, name)| (name, place)).collect();
    let mut statistics = Statistics::default();
    for line in lines.take(MOST) {
        let fields = fields(line);
        let field = |name: &str| columns.get(name).and_then(|place| fields.get(*place)).map_or("", String::as_str);
        let number = |name: &str| field(name).parse::<u64>().unwrap_or(0);
        match field("svname") {
            "" => {}
            "FRONTEND" => {
                statistics.sessions = statistics.sessions.saturating_add(number("scur"));
                statistics.errors = statistics.errors.saturating_add(number("hrsp_5xx"));
            }
            "BACKEND" => statistics.errors = statistics.errors.saturating_add(number("econ")),
            name => statistics.servers.push(Server {
                backend: field("pxname").to_owned(),
                name: name.to_owned(),
                address: field("addr").to_owned(),
                status: field("status").to_owned(),
                check: [field("check_status"), field("last_chk")].map(str::trim).join(" ").trim().to_owned(),
                since: field("lastchg").parse().ok(),
            }),
        }
    }
    Some(statistics)
}

impl Server {
    /// Whether it is given requests. One that is not checked is taken to be there.
    pub fn is_up(&self) -> bool {
        self.status.starts_with("UP") || self.status.starts_with("no check") || self.status == "OPEN"
    }

    /// Whether somebody took it out on purpose.
    pub fn is_taken_out(&self) -> bool {
        ["MAINT", "DRAIN", "NOLB"].iter().any(|word| self.status.starts_with(word))
    }
}

/// The fields of a line, which may be quoted.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let (mut quoted, mut letters) = (false, line.chars().peekable());
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                push(&mut fields, '"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            letter => push(&mut fields, letter),
        }
    }
    fields
}

fn push(fields: &mut [String], letter: char) {
    if let Some(last) = fields.last_mut() {
        last.push(letter);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# pxname,svname,scur,status,lastchg,check_status,hrsp_5xx,last_chk,addr,econ,\n\
        front,FRONTEND,3,OPEN,,,7,,,,\n\
        apps,app-1,1,UP,90,L7OK,,\"OK, well\",127.0.0.1:3000,,\n\
        apps,app-2,0,DOWN,12,L4CON,,Connection refused,127.0.0.1:3001,,\n\
        apps,app-3,0,MAINT,5,,,,127.0.0.1:3002,,\n\
        apps,BACKEND,1,UP,90,,,,,2,\n";

    #[test]
    fn servers_are_read_by_the_names_of_columns() {
        let statistics = read(TEXT).unwrap();
        assert_eq!((statistics.sessions, statistics.errors), (3, 9));
        let up: Vec<bool> = statistics.servers.iter().map(Server::is_up).collect();
        assert_eq!(up, [true, false, false]);
        assert_eq!(statistics.servers[0].check, "L7OK OK, well");
        assert!(statistics.servers[2].is_taken_out());
        assert!(is_csv(TEXT) && read("<html>").is_none());
    }

    #[test]
    fn quotes_hold_commas_and_quotes() {
        assert_eq!(fields("a,\"b,\"\"c\"\"\",d"), ["a", "b,\"c\"", "d"]);
        assert_eq!(fields("\"open"), ["open"]);
    }
}
