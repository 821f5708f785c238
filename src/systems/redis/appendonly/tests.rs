use super::*;
use crate::systems::tarball::Pack;

const SET: &[u8] = b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$4\r\nx\r\ny\r\n";
const BASE: &str = "d/a.aof.1.base.rdb";
const INCR: &str = "d/a.aof.1.incr.aof";
const LAST: &str = "d/a.aof.2.incr.aof";
const MANIFEST: &str = "file a.aof.1.base.rdb seq 1 type b\nfile a.aof.1.incr.aof seq 1 type i\n\
    file a.aof.2.incr.aof seq 2 type i\nfile a.aof.0.incr.aof seq 0 type h\n";

fn snapshot() -> Vec<u8> {
    let mut bytes = b"REDIS0011\xfe\x00\x00\x01a\x01b\xff".to_vec();
    let mut digest = crc_fast::Digest::new(crc_fast::CrcAlgorithm::Crc64Redis);
    digest.update(&bytes);
    bytes.extend(digest.finalize().to_le_bytes());
    bytes
}

fn packed(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut pack = Pack::new(Vec::new());
    for (path, bytes) in members {
        pack.bytes(path.as_bytes(), bytes, 0o644, 7).unwrap();
    }
    pack.end().unwrap()
}

fn through(members: &[(&str, &[u8])]) -> Result<Appended, String> {
    read(packed(members).as_slice())
}

#[test]
fn what_the_manifest_names_is_counted_and_nothing_else() {
    let twice = [b"#TS:1700000000\r\n".as_slice(), SET, SET].concat();
    let (base, manifest) = (snapshot(), ("d/a.aof.manifest", MANIFEST.as_bytes()));
    let whole = [(BASE, base.as_slice()), (INCR, &twice), (LAST, SET), ("d/a.aof.0.incr.aof", b"rubbish"), manifest];
    let found = through(&whole).unwrap();
    assert_eq!(found, Appended { files: 3, keys: 1, commands: 3, is_cut: false });
    for missing in 0..3 {
        let mut less = whole.to_vec();
        let (name, _) = less.remove(missing);
        assert!(through(&less).unwrap_err().contains(&format!("{name} is missing")), "{name}");
    }
    assert!(through(&whole[..3]).unwrap_err().contains("its manifest is missing"));
    let damaged = through(&[(BASE, &base), (INCR, b""), (LAST, b""), ("d/a.aof.manifest", b"file a.aof.1.ba")]);
    assert!(damaged.unwrap_err().contains("manifest"));
}

#[test]
fn only_the_last_command_of_all_may_be_cut_off() {
    let base = snapshot();
    let of = |base: &[u8], first: &[u8], last: &[u8]| {
        through(&[(BASE, base), (INCR, first), (LAST, last), ("d/a.aof.manifest", MANIFEST.as_bytes())])
    };
    for at in 1..SET.len() {
        let found = of(&base, SET, &SET[..at]).unwrap();
        assert!(found.is_cut && found.commands == 1, "cut off at {at}");
        assert!(of(&base, &SET[..at], SET).unwrap_err().contains("in the middle of a command"), "cut off at {at}");
    }
    for at in 1..base.len() {
        assert!(of(&base[..at], SET, SET).is_err(), "cut off at {at}");
    }
    assert!(of(&base, b"", b"").is_ok(), "nothing was written since");
}

#[test]
fn what_is_no_command_is_found() {
    let bad =
        [b"SET a b\r\n".as_slice(), b"*0\r\n", b"*1\r\n+OK\r\n", b"*1\r\n$1\r\nabc", b"\0\0\0\0", b"*x\r\n", b"*1\n"];
    for bad in bad {
        for bytes in [bad.to_vec(), [SET, bad].concat()] {
            assert!(through(&[("appendonly.aof", &bytes)]).is_err(), "{:?}", String::from_utf8_lossy(&bytes));
        }
    }
}

#[test]
fn an_old_server_has_one_file_that_may_begin_with_a_snapshot() {
    let both = [snapshot(), SET.to_vec()].concat();
    let found = through(&[("appendonly.aof", &both)]).unwrap();
    assert_eq!(found, Appended { files: 1, keys: 1, commands: 1, is_cut: false });
    let mut flipped = both;
    flipped[14] ^= 1;
    assert!(through(&[("appendonly.aof", &flipped)]).is_err(), "its snapshot has a checksum");
    assert!(through(&[("one.aof", SET), ("two.aof", SET)]).is_err());
    assert!(through(&[(INCR, SET)]).is_err(), "it is one of many");
    assert!(through(&[]).is_err());
}
