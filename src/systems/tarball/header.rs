//! What stands before a file in an archive: a header of ustar, and before it what does not fit there, as PAX has it.

/// Headers and contents come in blocks of so many bytes.
pub const BLOCK: usize = 512;
/// The largest numbers that fit into the fields of a header.
const MOST_SIZE: u64 = 0o777_7777_7777;
const MOST_ID: u32 = 0o777_7777;
/// The longest name that fits.
const MOST_NAME: usize = 100;

/// What a member of an archive is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link, kept as it is.
    Link,
}

/// A member of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Its path, whatever bytes that has.
    pub path: &'a [u8],
    /// Where it leads, if it is a link.
    pub target: &'a [u8],
    /// What it is.
    pub kind: Kind,
    /// Who may do what with it.
    pub mode: u32,
    /// Whose it is.
    pub owner: (u32, u32),
    /// When it was changed last, in seconds since 1970.
    pub changed: i64,
    /// How many bytes follow.
    pub size: u64,
}

impl Entry<'_> {
    /// Its header, with another before it where something does not fit.
    pub fn header(&self) -> Vec<u8> {
        let mut records = Vec::new();
        if self.path.len() > MOST_NAME {
            record(&mut records, "path", self.path);
        }
        if self.target.len() > MOST_NAME {
            record(&mut records, "linkpath", self.target);
        }
        if self.size > MOST_SIZE {
            record(&mut records, "size", self.size.to_string().as_bytes());
        }
        if self.changed < 0 || self.changed.unsigned_abs() > MOST_SIZE {
            record(&mut records, "mtime", self.changed.to_string().as_bytes());
        }
        for (name, id) in [("uid", self.owner.0), ("gid", self.owner.1)] {
            if id > MOST_ID {
                record(&mut records, name, id.to_string().as_bytes());
            }
        }
        let mut bytes = Vec::new();
        if !records.is_empty() {
            let before = Entry {
                path: b"PaxHeaders/entry",
                target: b"",
                kind: Kind::File,
                mode: 0o600,
                owner: (0, 0),
                changed: 0,
                size: records.len() as u64,
            };
            bytes.extend(before.block(b'x'));
            bytes.extend(&records);
            bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
        }
        let kind = match self.kind {
            Kind::File => b'0',
            Kind::Folder => b'5',
            Kind::Link => b'2',
        };
        bytes.extend(self.block(kind));
        bytes
    }

    fn block(&self, kind: u8) -> [u8; BLOCK] {
        let mut block = [0; BLOCK];
        let mut text = |at: usize, bytes: &[u8]| {
            let fits = bytes.len().min(MOST_NAME);
            block[at..at + fits].copy_from_slice(&bytes[..fits]);
        };
        text(0, self.path);
        text(157, self.target);
        text(257, b"ustar\x0000");
        let mut number = |at: usize, width: usize, value: u64| {
            let digits = format!("{value:0width$o}", width = width - 1);
            block[at..at + width - 1].copy_from_slice(&digits.as_bytes()[..width - 1]);
        };
        let id = |id: u32| if id > MOST_ID { 0 } else { u64::from(id) };
        let changed = u64::try_from(self.changed).ok().filter(|seconds| *seconds <= MOST_SIZE).unwrap_or(0);
        number(100, 8, u64::from(self.mode & 0o7777));
        number(108, 8, id(self.owner.0));
        number(116, 8, id(self.owner.1));
        number(124, 12, if self.size > MOST_SIZE { 0 } else { self.size });
        number(136, 12, changed);
        block[156] = kind;
        block[148..156].fill(b' ');
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        block
    }
}

/// `30 path=...` and a line break, where the number counts itself too.
fn record(records: &mut Vec<u8>, name: &str, value: &[u8]) {
    let rest = name.len() + value.len() + 3;
    let mut length = rest + 1;
    while length != rest + length.to_string().len() {
        length = rest + length.to_string().len();
    }
    records.extend(format!("{length} {name}=").as_bytes());
    records.extend(value);
    records.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_stands_before_it() {
        let entry = Entry {
            path: b"large",
            target: b"",
            kind: Kind::File,
            mode: 0o644,
            owner: (4_000_000, 0),
            changed: -1,
            size: 9 << 30,
        };
        let header = entry.header();
        let text = String::from_utf8_lossy(&header);
        for record in ["19 size=9663676416\n", "12 mtime=-1\n", "15 uid=4000000\n"] {
            assert!(text.contains(record), "{record}: {text}");
        }
        assert_eq!((header.len(), header[156], header[1024 + 156]), (3 * BLOCK, b'x', b'0'));
    }

    #[test]
    fn a_record_counts_its_own_length() {
        for length in [1, 88, 89, 90, 91, 92, 93, 988, 989, 990, 991, 992] {
            let mut records = Vec::new();
            record(&mut records, "path", &vec![b'x'; length]);
            let told: usize = String::from_utf8_lossy(&records).split(' ').next().unwrap().parse().unwrap();
            assert_eq!(told, records.len());
        }
    }
}
