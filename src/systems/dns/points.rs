//! What a name points to, by the word of one server.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use indexmap::IndexMap;

use super::ask::{NoReply, ask};
use crate::text::{Shape, Span, untrusted};

/// How many addresses are kept.
const MOST: usize = 50;

/// What a name points to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Points {
    /// Whether there is such a name at all.
    pub exists: bool,
    /// Whether the server says so of its own knowledge.
    pub authoritative: bool,
    /// Its addresses, in order.
    pub addresses: BTreeSet<String>,
    /// The names that it stands for.
    pub aliases: BTreeSet<String>,
    /// How long that may be kept, at least.
    pub ttl: Option<Span>,
}

impl Points {
    /// Asks a server for both kinds of addresses.
    pub async fn ask(server: SocketAddr, name: &Name, recursive: bool, time: Duration) -> Result<Points, NoReply> {
        let question = |kind| ask(server, name, kind, recursive, time);
        let (four, six) = tokio::join!(question(RecordType::A), question(RecordType::AAAA));
        let mut points = Points::default();
        points.take(&four?);
        // Many a server has nothing to say about the other kind.
        if let Ok(six) = six {
            points.take(&six);
        }
        Ok(points)
    }

    fn take(&mut self, answer: &Message) {
        self.exists |= answer.metadata.response_code != ResponseCode::NXDomain;
        self.authoritative |= answer.metadata.authoritative;
        for record in answer.answers.iter().take(MOST) {
            let shown = |text: String| untrusted(text, Shape::line(100));
            match &record.data {
                RData::A(address) => self.addresses.insert(address.0.to_string()),
                RData::AAAA(address) => self.addresses.insert(address.0.to_string()),
                RData::CNAME(alias) => self.aliases.insert(shown(bare(&alias.0))),
                _ => continue,
            };
            let ttl = Span::from_secs(u64::from(record.ttl));
            self.ttl = Some(self.ttl.map_or(ttl, |known| if known.approx() < ttl.approx() { known } else { ttl }));
        }
    }

    /// The site of the plan that it points to.
    pub fn site<'p>(&self, sites: &'p IndexMap<String, String>) -> Option<&'p str> {
        let is_here = |target: &str| {
            let target = target.trim_end_matches('.').to_ascii_lowercase();
            self.addresses.contains(&target) || self.aliases.contains(&target)
        };
        sites.iter().find(|(_, target)| is_here(target)).map(|(site, _)| site.as_str())
    }

    /// Where it points, in words.
    pub fn shown(&self) -> String {
        let list = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(", ");
        match (self.aliases.is_empty(), self.addresses.is_empty()) {
            _ if !self.exists => "no such name".to_owned(),
            (true, true) => "nothing".to_owned(),
            (true, false) => list(&self.addresses),
            (false, true) => list(&self.aliases),
            (false, false) => format!("{} ({})", list(&self.addresses), list(&self.aliases)),
        }
    }

    /// Whether both lead to the same place.
    pub fn agrees(&self, other: &Points) -> bool {
        // Behind a name that stands for another the addresses come and go.
        let same = |one: &BTreeSet<String>, two: &BTreeSet<String>| {
            !one.is_disjoint(two) || (one.is_empty() && two.is_empty())
        };
        if self.aliases.is_empty() && other.aliases.is_empty() {
            self.addresses == other.addresses
        } else {
            same(&self.aliases, &other.aliases)
        }
    }
}

/// The serial number of a zone, by the word of a server.
pub async fn serial(server: SocketAddr, zone: &Name, recursive: bool, time: Duration) -> Option<u32> {
    let answer = ask(server, zone, RecordType::SOA, recursive, time).await.ok()?;
    let of = |record: &Record| match &record.data {
        RData::SOA(soa) => Some(soa.serial),
        _ => None,
    };
    answer.answers.iter().find_map(of)
}

/// The servers that a zone names as its own.
pub async fn servers(resolver: SocketAddr, zone: &Name, time: Duration) -> Result<Vec<Name>, NoReply> {
    let answer = ask(resolver, zone, RecordType::NS, true, time).await?;
    let of = |record: &Record| match &record.data {
        RData::NS(server) => Some(server.0.clone()),
        _ => None,
    };
    Ok(answer.answers.iter().filter_map(of).take(8).collect())
}

fn bare(name: &Name) -> String {
    name.to_ascii().trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(addresses: &[&str], aliases: &[&str]) -> Points {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Points { exists: true, addresses: set(addresses), aliases: set(aliases), ..Points::default() }
    }

    #[test]
    fn a_site_is_known_by_its_address_or_its_name() {
        let sites = IndexMap::from([
            ("primary".to_owned(), "192.0.2.10".to_owned()),
            ("dr".to_owned(), "LB.dr.example.com.".to_owned()),
        ]);
        assert_eq!(points(&["192.0.2.10"], &[]).site(&sites), Some("primary"));
        assert_eq!(points(&["203.0.113.1"], &["lb.dr.example.com"]).site(&sites), Some("dr"));
        assert_eq!(points(&["203.0.113.1"], &[]).site(&sites), None);
    }

    #[test]
    fn addresses_behind_an_alias_may_differ() {
        assert!(!points(&["192.0.2.1"], &[]).agrees(&points(&["192.0.2.2"], &[])));
        assert!(points(&["192.0.2.1"], &["lb"]).agrees(&points(&["192.0.2.2"], &["lb"])));
        assert!(!points(&["192.0.2.1"], &["lb"]).agrees(&points(&["192.0.2.1"], &["other"])));
        assert_eq!(points(&["192.0.2.1"], &["lb"]).shown(), "192.0.2.1 (lb)");
    }
}
