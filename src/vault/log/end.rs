//! How far the log of a database leads on in a store: from piece to piece, to the first that is missing.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::name::SegmentName;
use crate::vault::directory::Holding;
use crate::vault::folders::Folders;
use crate::vault::naming::is_segment;

/// The log of one database in one store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEnd {
    /// The store.
    pub store: String,
    /// Whose log it is, where its folder tells.
    pub component: Option<String>,
    /// Its pieces, in their order.
    pieces: Vec<Piece>,
}

/// A piece of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Piece {
    name: SegmentName,
    /// When it was written there.
    written: DateTime<Utc>,
}

/// The logs in a store. That a log begins anew is told by a file that holds none of it.
pub(in crate::vault) fn log_ends(store: &str, holdings: &[Holding], folders: &Folders) -> Vec<LogEnd> {
    let mut logs: BTreeMap<&str, Vec<Piece>> = BTreeMap::new();
    for holding in holdings.iter().filter(|holding| is_piece(holding)) {
        let folder = holding.key.split_once('/').map_or("", |(folder, _)| folder);
        logs.entry(folder).or_default().extend(Piece::of(holding));
    }
    let end = |(folder, pieces): (&str, Vec<Piece>)| LogEnd {
        store: store.to_owned(),
        component: folders.component(folder).map(str::to_owned),
        pieces: in_order(pieces),
    };
    logs.into_iter().map(end).collect()
}

/// The pieces of the newest timeline, and of those before it as far as they lead to it: what an old primary has written
/// since another took over is of no use.
fn in_order(mut pieces: Vec<Piece>) -> Vec<Piece> {
    pieces.sort_unstable();
    pieces.dedup_by_key(|piece| piece.name);
    let mut path: Vec<Piece> = Vec::with_capacity(pieces.len());
    for piece in pieces.into_iter().rev() {
        let number = |piece: &Piece| (piece.name.high, piece.name.low);
        let leads_there =
            path.last().is_none_or(|next| next.name.timeline == piece.name.timeline || number(&piece) <= number(next));
        if leads_there {
            path.push(piece);
        }
    }
    path.reverse();
    path
}

impl LogEnd {
    /// The moment that a base which was begun then can be brought to; nothing where the log has a hole there, or ends
    /// before.
    pub fn leads(&self, base: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let first = self.pieces.iter().position(|piece| piece.written >= base)?;
        if first > 0 && !self.pieces[first].name.follows(self.pieces[first - 1].name) {
            return None;
        }
        let rest = &self.pieces[first..];
        let holds = rest.windows(2).take_while(|pair| pair[1].name.follows(pair[0].name)).count();
        Some(rest[holds].written)
    }

    /// One of a made-up store.
    #[cfg(test)]
    pub(crate) fn made_up(store: &str, component: &str, written: &[DateTime<Utc>]) -> LogEnd {
        let piece = |(low, written): (usize, &DateTime<Utc>)| Piece {
            name: SegmentName { timeline: 1, high: 0, low: u32::try_from(low).unwrap_or_default() },
            written: *written,
        };
        let pieces = written.iter().enumerate().map(piece).collect();
        LogEnd { store: store.to_owned(), component: Some(component.to_owned()), pieces }
    }
}

impl Piece {
    fn of(holding: &Holding) -> Option<Piece> {
        let name = holding.key.rsplit('/').next()?;
        Some(Piece { name: SegmentName::of(name.get(..24)?)?, written: holding.written })
    }
}

fn is_piece(holding: &Holding) -> bool {
    let name = holding.key.rsplit('/').next().unwrap_or_default();
    holding.size > 0 && is_segment(&holding.key) && !name.contains("history") && !name.ends_with(".partial")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    fn file(key: &str, size: u64, second: i64) -> Holding {
        Holding { key: key.to_owned(), size, written: at(second) }
    }

    fn ends(holdings: &[Holding]) -> Vec<LogEnd> {
        let text = "[platform]\nname = 'p'\n[[component]]\nname = 'db'\nkind = 'postgres'\n\
                    [[job]]\nname = 'w'\ndo = 'backup'\nof = 'db'\nmethod = 'wal'\n";
        log_ends("local", holdings, &Folders::of(&toml::from_str(text).unwrap()))
    }

    #[test]
    fn a_log_ends_with_its_newest_piece() {
        let ends = ends(&[
            file("postgres/wal/000000010000000000000001.gz", 9, 10),
            file("postgres/wal/000000010000000000000002.gz", 9, 20),
            file("postgres/wal/000000010000000000000003.gz", 0, 30),
            file("postgres/wal/00000002.history", 9, 40),
            file("postgres/daily/backup_20241118_020000.dump", 9, 50),
            file("wal/000000010000000000000001", 9, 5),
        ]);
        let told: Vec<_> = ends.iter().map(|end| (end.component.as_deref(), end.leads(at(0)))).collect();
        assert_eq!(told, [(Some("db"), Some(at(20))), (None, Some(at(5)))]);
        assert_eq!(ends[0].leads(at(21)), None, "it ends before");
    }

    /// To which second it leads from a base of this second, with a piece each second.
    fn leads(names: &[&str], base: i64) -> Option<i64> {
        let files: Vec<Holding> =
            (1..).zip(names).map(|(second, name)| file(&format!("wal/{name}"), 9, second)).collect();
        ends(&files)[0].leads(at(base)).map(|at| at.timestamp())
    }

    #[test]
    fn a_hole_ends_what_leads_on() {
        let names = [
            "0000000100000000000000FE",
            "0000000100000000000000FF",
            "000000010000000100000000",
            "000000010000000100000002",
            "000000010000000100000003",
        ];
        assert_eq!(leads(&names, 1), Some(3));
        assert_eq!(leads(&names, 4), None, "the piece that the base begins in is missing");
        assert_eq!(leads(&names, 5), Some(5));
        let without_the_next_half = ["0000000100000000000000F0", "000000010000000100000000"];
        assert_eq!(leads(&without_the_next_half, 1), Some(1));
    }

    #[test]
    fn what_an_old_primary_writes_on_leads_nowhere() {
        let names = [
            "000000010000000000000004",
            "000000010000000000000005",
            "000000020000000000000005",
            "000000020000000000000006",
            "000000010000000000000006",
            "000000010000000000000007",
        ];
        assert_eq!(leads(&names, 1), Some(4));
        assert_eq!(leads(&names, 5), None);
    }
}
