//! The rows in a database's SQL, counted as it goes by.

use std::collections::BTreeMap;

use memchr::{memchr, memrchr};

/// Longer lines than this say nothing of where rows begin.
const LONGEST_LINE: usize = 4096;
/// The names of as many columns as a table may have.
const LONGEST_COPY: usize = 1 << 20;
/// How the line ends behind which rows begin.
const ROWS_FOLLOW: &[u8] = b" FROM stdin;";
/// What `pg_dump` writes before the rows of a table.
const BEFORE_ROWS: &[u8] = b"-- Data for Name: ";
const OF_A_TABLE: &str = "; Type: TABLE DATA; ";
/// What it writes last.
const COMPLETE: &[u8] = b"-- PostgreSQL database dump complete";

/// Counts the rows of each table, named `schema.table` without any quotes.
#[derive(Debug, Default)]
pub struct RowCounter {
    rows: BTreeMap<String, u64>,
    state: State,
    /// The beginning of a line whose end has not come.
    line: Vec<u8>,
    is_complete: bool,
}

#[derive(Debug, Default)]
enum State {
    /// Between tables.
    #[default]
    Words,
    /// The rows of a table are announced.
    Announced,
    /// Among the rows of a table.
    Rows { table: String, count: u64 },
}

impl RowCounter {
    /// Counts on.
    pub fn add(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if let State::Rows { count, .. } = &mut self.state
                && self.line.is_empty()
                && let Some(whole) = whole_rows(bytes)
            {
                *count += whole.1;
                bytes = &bytes[whole.0..];
                if bytes.is_empty() {
                    return;
                }
            }
            let Some(end) = memchr(b'\n', bytes) else { return self.remember(bytes) };
            self.remember(&bytes[..end]);
            self.end_line();
            bytes = &bytes[end + 1..];
        }
    }

    /// The rows of every table; an error where the end was not there.
    pub fn end(mut self) -> Result<BTreeMap<String, u64>, String> {
        if !self.line.is_empty() {
            self.end_line();
        }
        match self.state {
            State::Rows { table, .. } => Err(format!("it ends among the rows of {table}")),
            _ if !self.is_complete => Err("the line is missing that ends a complete dump".to_owned()),
            _ => Ok(self.rows),
        }
    }

    fn remember(&mut self, part: &[u8]) {
        let longest = if matches!(self.state, State::Announced) { LONGEST_COPY } else { LONGEST_LINE };
        let room = longest.saturating_sub(self.line.len());
        self.line.extend_from_slice(&part[..part.len().min(room)]);
    }

    fn end_line(&mut self) {
        let mut line = std::mem::take(&mut self.line);
        // A name may have any letter in it, the end of a line too.
        if matches!(self.state, State::Announced) && line.starts_with(b"COPY ") && !line.ends_with(ROWS_FOLLOW) {
            line.push(b'\n');
            self.line = line;
            return;
        }
        match &mut self.state {
            State::Rows { table, count } if line == b"\\." => {
                *self.rows.entry(std::mem::take(table)).or_default() += *count;
                self.state = State::Words;
            }
            State::Rows { count, .. } => *count += 1,
            State::Words if line.starts_with(BEFORE_ROWS) && contains(&line, OF_A_TABLE) => {
                self.state = State::Announced;
            }
            State::Announced if line.starts_with(b"COPY ") => {
                let table = String::from_utf8_lossy(&line[5..]).into_owned();
                self.state = State::Rows { table: table_of(&table), count: 0 };
            }
            _ => self.is_complete |= line == COMPLETE,
        }
        self.line = line;
        self.line.clear();
    }
}

fn contains(line: &[u8], words: &str) -> bool {
    memchr::memmem::find(line, words.as_bytes()).is_some()
}

/// Whole rows at the beginning, none of which could be the mark of the end: how long they are, and how many.
fn whole_rows(bytes: &[u8]) -> Option<(usize, u64)> {
    if bytes.starts_with(b"\\.") {
        return None;
    }
    let end = memchr::memmem::find(bytes, b"\n\\.").unwrap_or_else(|| memrchr(b'\n', bytes).unwrap_or(0));
    let rows = bytes.get(..=end).filter(|rows| rows.ends_with(b"\n"))?;
    Some((rows.len(), memchr::memchr_iter(b'\n', rows).count() as u64))
}

/// `public."Odd ""name" (a, b) FROM stdin;` is `public.Odd "name`.
fn table_of(words: &str) -> String {
    let mut name = String::new();
    let mut letters = words.chars().peekable();
    let mut is_quoted = false;
    while let Some(letter) = letters.next() {
        match letter {
            '"' if is_quoted && letters.peek() == Some(&'"') => {
                letters.next();
                name.push('"');
            }
            '"' => is_quoted = !is_quoted,
            ' ' if !is_quoted => break,
            letter => name.push(letter),
        }
    }
    name
}

/// What is wrong with these rows, where they are not those that were counted.
pub fn compare(dumped: &BTreeMap<String, u64>, counted: &BTreeMap<String, u64>) -> Result<(), String> {
    let is_missing = |(table, rows): &(&String, &u64)| **rows > 0 && !dumped.contains_key(*table);
    let mut missing = counted.iter().filter(is_missing).map(|(table, _)| table);
    if let Some(first) = missing.next() {
        let more = missing.count();
        let others = if more > 0 { format!(" and {more} other tables") } else { String::new() };
        return Err(format!("the rows of {first}{others} are not in it"));
    }
    let other = counted.iter().find_map(|(table, rows)| {
        let dumped = dumped.get(table).filter(|dumped| *dumped != rows)?;
        Some(format!("{table} has {rows} rows in the database and {dumped} in it; a page of it may be damaged"))
    });
    other.map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DUMP: &str = "--\n-- Data for Name: t; Type: TABLE DATA; Schema: public; Owner: x\n--\n\n\
        COPY public.t (a, b) FROM stdin;\n1\tone\n2\t\\\\.\n\\N\tthree\n\\.\n\n\
        -- Data for Name: Odd \"one; Type: TABLE DATA; Schema: s; Owner: x\n--\n\nCOPY s.\"Odd \"\"one\nmore\" (a) FROM stdin;\n\\.\n\n\
        CREATE FUNCTION f() AS $$\nCOPY public.none (a) FROM stdin;\n$$;\n\n\
        --\n-- PostgreSQL database dump complete\n--\n\n";

    fn counted(chunks: &[&[u8]]) -> Result<BTreeMap<String, u64>, String> {
        let mut counter = RowCounter::default();
        for chunk in chunks {
            counter.add(chunk);
        }
        counter.end()
    }

    #[test]
    fn rows_are_counted_by_table() {
        let rows = counted(&[DUMP.as_bytes()]).unwrap();
        assert_eq!(
            rows.into_iter().collect::<Vec<_>>(),
            [("public.t".to_owned(), 3), ("s.Odd \"one\nmore".to_owned(), 0)]
        );
    }

    #[test]
    fn what_is_cut_off_is_not_whole() {
        let dump = DUMP.as_bytes();
        assert!(counted(&[&dump[..dump.len() - 8]]).is_err());
        let cut = memchr::memmem::find(dump, b"three").unwrap();
        assert!(counted(&[&dump[..cut]]).unwrap_err().contains("public.t"));
        assert!(counted(&[]).is_err());
    }

    #[test]
    fn a_row_that_is_missing_is_told() {
        let rows = |of: &[(&str, u64)]| of.iter().map(|(table, rows)| ((*table).to_owned(), *rows)).collect();
        let counted: BTreeMap<String, u64> = rows(&[("a", 3), ("b", 0)]);
        assert!(compare(&rows(&[("a", 3), ("extension.table", 7)]), &counted).is_ok());
        for dumped in [rows(&[("a", 2)]), rows(&[("b", 0)])] {
            assert!(compare(&dumped, &counted).is_err());
        }
    }

    proptest! {
        #[test]
        fn pieces_make_no_difference(cuts in proptest::collection::vec(0..DUMP.len(), 0..40)) {
            let mut cuts = cuts;
            cuts.extend([0, DUMP.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|pair| &DUMP.as_bytes()[pair[0]..pair[1]]).collect();
            prop_assert_eq!(counted(&pieces), counted(&[DUMP.as_bytes()]));
        }
    }
}
