use proptest::prelude::*;

use super::*;

/// A snapshot of two databases, made by hand from the description of the format.
fn made(with_sum: bool) -> Vec<u8> {
    let mut bytes = b"REDIS0011".to_vec();
    bytes.extend(b"\xfa\x09redis-ver\x067.0.15\xfa\x05ctime\xc2\x00\x00\x00\x01");
    bytes.extend(b"\xfe\x00\xfb\x02\x01");
    bytes.extend(b"\x00\x01a\x01b");
    bytes.extend(b"\xfc\x00\x00\x00\x00\x00\x00\x00\x01\x04\x01h\x02\x01f\x01v\x01g\xc0\x07");
    bytes.extend(b"\xfe\x03\x05\x01z\x01\x01m\x00\x00\x00\x00\x00\x00\xf0\x3f");
    bytes.push(0xFF);
    let mut digest = crc_fast::Digest::new(crc_fast::CrcAlgorithm::Crc64Redis);
    digest.update(&bytes);
    bytes.extend(if with_sum { digest.finalize() } else { 0 }.to_le_bytes());
    bytes
}

#[test]
fn what_it_holds_is_counted() {
    let contents = read(made(true).as_slice()).unwrap();
    assert_eq!((contents.version, contents.is_summed, contents.keys()), (11, true, 3));
    assert_eq!(contents.databases[&0], Keys { all: 2, expiring: 1 });
    assert_eq!(contents.databases[&3], Keys { all: 1, expiring: 0 });
    assert_eq!((contents.about["redis-ver"].as_str(), contents.about["ctime"].as_str()), ("7.0.15", "16777216"));
    assert!(!read(made(false).as_slice()).unwrap().is_summed, "a server can be told to write none");
}

#[test]
fn every_flipped_bit_and_every_lost_byte_is_found() {
    let whole = made(true);
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut flipped = whole.clone();
            flipped[at] ^= 1 << bit;
            assert!(read(flipped.as_slice()).is_err(), "byte {at}, bit {bit}");
        }
        assert!(read(&whole[..at]).is_err(), "cut off at {at}");
    }
    let mut long = whole;
    long.push(0);
    assert!(matches!(read(long.as_slice()), Err(Damage::Long(_))));
}

#[test]
fn what_is_none_is_said_to_be_none() {
    for bytes in [b"".as_slice(), b"REDIS", b"PGDMP\x01\x0e\x00\x04\x08", b"REDISabcd", b"REDIS00-1"] {
        assert!(matches!(read(bytes), Err(Damage::NotASnapshot)), "{bytes:?}");
    }
    assert!(matches!(read(b"REDIS0099\xff".as_slice()), Err(Damage::TooNew(99))));
}

proptest! {
    #[test]
    fn nonsense_ends(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let all: Vec<u8> = b"REDIS0011".iter().copied().chain(bytes).collect();
        let _ = read(all.as_slice());
    }
}
