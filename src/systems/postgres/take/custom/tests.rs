use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::*;

/// Writes a dump as `pg_dump` does.
#[derive(Default)]
struct Dump(Vec<u8>);

impl Dump {
    fn int(&mut self, number: i32) {
        self.0.push(u8::from(number < 0));
        self.0.extend_from_slice(&number.unsigned_abs().to_le_bytes());
    }

    fn word(&mut self, word: &str) {
        self.int(i32::try_from(word.len()).unwrap());
        self.0.extend_from_slice(word.as_bytes());
    }

    fn words<const N: usize>(&mut self, words: [&str; N]) {
        for word in words {
            self.word(word);
        }
    }

    fn entry(&mut self, minor: u8, (id, schema, tag, sort): (i32, &str, &str, &str), has_data: bool) {
        self.int(id);
        self.int(i32::from(has_data));
        self.words(["0", "0", tag, sort]);
        self.int(3);
        self.words(["CREATE …", "DROP …"]);
        self.int(-1);
        self.words([schema, ""]);
        if minor >= 14 {
            self.word("heap");
        }
        if minor >= 16 {
            self.int(114);
        }
        self.words(["owner", "false", "200"]);
        self.int(-1);
        self.0.push(if has_data { 1 } else { 3 });
        self.0.extend_from_slice(&[0; 8]);
    }

    fn block(&mut self, packed: Packed, content: &[u8]) {
        let bytes = match packed {
            Packed::Not => content.to_vec(),
            Packed::Gzip => {
                let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
                encoder.write_all(content).unwrap();
                encoder.finish().unwrap()
            }
            Packed::Zstd => zstd::encode_all(content, 1).unwrap(),
        };
        for chunk in bytes.chunks(7) {
            self.int(i32::try_from(chunk.len()).unwrap());
            self.0.extend_from_slice(chunk);
        }
        self.int(0);
    }
}

fn dump(minor: u8, packed: Packed) -> Vec<u8> {
    let mut dump = Dump(b"PGDMP".to_vec());
    dump.0.extend_from_slice(&[1, minor, 0, 4, 8, 1]);
    match (minor >= 15, packed) {
        (false, Packed::Not) => dump.int(0),
        (false, _) => dump.int(1),
        (true, Packed::Not) => dump.0.push(0),
        (true, Packed::Gzip) => dump.0.push(1),
        (true, Packed::Zstd) => dump.0.push(3),
    }
    (0..7).for_each(|_| dump.int(6));
    dump.words(["postgres", "15.18", "15.18"]);
    dump.int(5);
    dump.entry(minor, (200, "public", "t", "TABLE"), false);
    dump.entry(minor, (300, "public", "t", "TABLE DATA"), true);
    dump.entry(minor, (301, "s", "Odd \"one\nmore", "TABLE DATA"), true);
    dump.entry(minor, (302, "", "BLOBS", "BLOBS"), true);
    dump.entry(minor, (303, "public", "t_id_seq", "SEQUENCE SET"), false);
    for (id, content) in [(300, &b"1\tone\n2\t\\\\.\n\\N\tthree\n\\.\n\n\n"[..]), (301, b"\\.\n\n\n")] {
        dump.0.push(ROWS);
        dump.int(id);
        dump.block(packed, content);
    }
    dump.0.push(LARGE_OBJECTS);
    dump.int(302);
    dump.int(16400);
    dump.block(packed, b"large\nobject");
    dump.int(0);
    dump.0
}

fn all() -> Vec<Vec<u8>> {
    let forms = [
        (12, Packed::Gzip),
        (14, Packed::Gzip),
        (14, Packed::Not),
        (15, Packed::Zstd),
        (16, Packed::Zstd),
        (16, Packed::Gzip),
    ];
    forms.into_iter().map(|(minor, packed)| dump(minor, packed)).collect()
}

#[test]
fn rows_are_counted_in_every_form() {
    for dump in all() {
        let rows: Vec<_> = read(&dump[..]).unwrap().into_iter().collect();
        assert_eq!(rows, [("public.t".to_owned(), 3), ("s.Odd \"one\nmore".to_owned(), 0)]);
    }
}

#[test]
fn what_is_cut_off_anywhere_is_not_whole() {
    for dump in all() {
        for length in 0..dump.len() {
            assert!(read(&dump[..length]).is_err(), "{length} of {}", dump.len());
        }
        assert!(read(&[&dump[..], b"more"].concat()[..]).is_err());
    }
}

#[test]
fn a_flipped_bit_is_no_reason_to_panic_and_changes_no_packed_rows() {
    let dump = dump(14, Packed::Gzip);
    let rows = memchr::memmem::rfind(&dump, &[ROWS, 0, 44, 1]).unwrap();
    let next = memchr::memmem::rfind(&dump, &[ROWS, 0, 45, 1]).unwrap();
    let counted = read(&dump[..]).unwrap();
    for place in 0..dump.len() {
        for bit in 0..8 {
            let mut flipped = dump.clone();
            flipped[place] ^= 1 << bit;
            // The sign of a zero says nothing.
            let is_found = read(&flipped[..]).map_or(true, |found| found == counted);
            assert!(is_found || !(rows..next).contains(&place), "byte {place}, bit {bit}");
        }
    }
}

#[test]
fn what_this_version_does_not_know_is_said() {
    let mut dump = dump(16, Packed::Zstd);
    dump[6] = 17;
    assert!(read(&dump[..]).unwrap_err().to_string().contains("1.17"));
    assert!(read(&b"--\n-- PostgreSQL database dump\n--\n"[..]).is_err());
}
