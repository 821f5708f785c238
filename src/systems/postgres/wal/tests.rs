//! What is read of segments that are made up; those of real servers are read where there are servers.

use std::io::Cursor;

use crc_fast::{CrcAlgorithm, Digest};

use super::*;

const SIZE: usize = 1 << 20;
const PAGE: usize = 8192;
const SYSTEM: u64 = 7_300_000_000_000_000_001;
const START: u64 = 0x0000_0003_0010_0000;

fn four(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap().to_le_bytes()
}

fn record(manager: u8, info: u8, data: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    match data.len() {
        0 => {}
        length @ 1..=255 => body.extend([255, u8::try_from(length).unwrap()]),
        length => {
            body.push(254);
            body.extend(four(length));
        }
    }
    body.extend(data);
    let mut head = Vec::new();
    head.extend(four(24 + body.len()));
    head.extend(7_u32.to_le_bytes());
    head.extend(0_u64.to_le_bytes());
    head.extend([info, manager, 0, 0]);
    let mut sum = Digest::new(CrcAlgorithm::Crc32Iscsi);
    sum.update(&body);
    sum.update(&head);
    head.extend(four(usize::try_from(sum.finalize()).unwrap()));
    [head, body].concat()
}

fn commit(second: i64) -> Vec<u8> {
    record(1, 0x80, &((second - 946_684_800) * 1_000_000).to_le_bytes())
}

fn other(length: usize) -> Vec<u8> {
    record(10, 0, &vec![b'x'; length])
}

fn switch() -> Vec<u8> {
    record(0, 0x40, &[])
}

/// A segment of these records; what they leave is filled with others, up to its end and beyond. Those from `begins` on
/// are of a record that began before.
fn segment(records: &[Vec<u8>], begins: usize) -> Vec<u8> {
    let mut log = vec![b'o'; begins];
    log.resize(begins.next_multiple_of(8), 0);
    for record in records {
        log.extend(record);
        log.resize(log.len().next_multiple_of(8), 0);
    }
    let is_switched = records.last().is_some_and(|last| *last == switch());
    let mut starts = vec![(0, begins)];
    let mut at = begins.next_multiple_of(8);
    for record in records {
        starts.push((at, record.len()));
        at += record.len().next_multiple_of(8);
    }
    while !is_switched && log.len() < SIZE {
        let record = other(100);
        starts.push((log.len(), record.len()));
        log.extend(&record);
        log.resize(log.len().next_multiple_of(8), 0);
    }
    let (mut bytes, mut taken) = (Vec::new(), 0);
    while bytes.len() < SIZE {
        let header = if bytes.is_empty() { 40 } else { 24 };
        let is_within = |(from, length): &&(usize, usize)| {
            *length > 0 && *from + *length > taken && (*from < taken || (taken == 0 && begins > 0 && *from == 0))
        };
        let remaining = starts.iter().find(is_within).map_or(0, |(from, length)| from + length - taken);
        let info = u16::from(remaining > 0) | if header == 40 { 2 } else { 0 };
        let address = START + bytes.len() as u64;
        bytes.extend(0xD110_u16.to_le_bytes());
        bytes.extend(info.to_le_bytes());
        bytes.extend(3_u32.to_le_bytes());
        bytes.extend(address.to_le_bytes());
        bytes.extend(four(remaining));
        bytes.extend([0; 4]);
        if header == 40 {
            bytes.extend(SYSTEM.to_le_bytes());
            bytes.extend(four(SIZE));
            bytes.extend(four(PAGE));
        }
        let end = (taken + PAGE - header).min(log.len());
        bytes.extend(&log[taken.min(end)..end]);
        bytes.resize(bytes.len().next_multiple_of(PAGE), 0);
        taken = end;
    }
    bytes
}

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(second, 0).unwrap()
}

fn read_of(bytes: &[u8]) -> Result<Segment, String> {
    read(Cursor::new(bytes)).map_err(|damage| damage.to_string())
}

#[test]
fn commits_are_found_wherever_they_lie() {
    let records = [commit(1_700_000_100), other(50_000), commit(1_700_000_000), other(8_050), commit(1_700_000_200)];
    let read = read_of(&segment(&records, 0)).unwrap();
    assert_eq!((read.system, read.start, read.size), (SYSTEM, Lsn(START), SIZE as u64));
    assert_eq!((read.commits, read.last), (3, Some(at(1_700_000_200))));
    assert_eq!((read.begins_with, read.switched), (0, None));
    assert!(read.leaves > 0, "the last record goes on in the next one");
    assert_eq!(Lsn(START).to_string(), "3/100000");
}

#[test]
fn what_an_earlier_segment_began_is_skipped() {
    for begins in [1, 8, 100, 8_152, 8_153, 30_000] {
        let read = read_of(&segment(&[commit(1_700_000_000)], begins)).unwrap();
        assert_eq!((read.begins_with as usize, read.commits), (begins, 1), "{begins}");
    }
}

#[test]
fn after_a_switch_nothing_is_read() {
    let mut bytes = segment(&[commit(1_700_000_000), switch()], 0);
    let read = read_of(&bytes).unwrap();
    assert_eq!((read.commits, read.switched, read.leaves), (1, Some(Lsn(START + 40 + 40 + 24)), 0));
    bytes[SIZE / 2 + 100] = 1;
    assert_eq!(read_of(&bytes).unwrap(), read);
}

#[test]
fn a_flipped_byte_is_found_wherever_it_is() {
    let whole = segment(&[commit(1_700_000_000), other(20_000), commit(1_700_000_001)], 300);
    read_of(&whole).unwrap();
    // What lies between records, and what an earlier one began, no checksum covers; nor what the next one ends.
    for offset in (400..SIZE - 200).step_by(997) {
        let mut bytes = whole.clone();
        let is_padding = bytes[offset] == 0;
        bytes[offset] ^= 0x20;
        assert!(read_of(&bytes).is_err() || is_padding, "{offset}");
    }
}

#[test]
fn what_is_short_long_or_no_log_is_told() {
    let whole = segment(&[commit(1_700_000_000)], 0);
    assert!(read_of(&whole[..SIZE - 1]).unwrap_err().starts_with("it has 1048575 bytes of 1048576"));
    assert!(read_of(&whole[..10_000]).unwrap_err().starts_with("it has 10000 bytes"));
    assert!(read_of(&[&whole[..], b"x"].concat()).unwrap_err().starts_with("it has 1048577 bytes"));
    for foreign in [&b""[..], b"PGDMP", &[0; 8192], &[0xD1; 9000]] {
        assert_eq!(read_of(foreign).unwrap_err(), "it is no segment of the log of PostgreSQL");
    }
}

#[test]
fn a_log_that_ends_early_is_told() {
    let mut bytes = segment(&[commit(1_700_000_000), other(30_000)], 0);
    bytes[PAGE * 5..].fill(0);
    assert!(read_of(&bytes).unwrap_err().ends_with("no page of the log begins here"));
    // What lay there before the server began to write is another piece of the log.
    let mut recycled = segment(&[commit(1_700_000_000), other(30_000)], 0);
    recycled[PAGE * 7 + 8] = 0x55;
    assert!(read_of(&recycled).unwrap_err().contains("the log ended before it"));
    let mut pages = segment(&[commit(1_700_000_000), other(30_000)], 0);
    pages[PAGE * 2 + 16] ^= 1;
    assert!(read_of(&pages).unwrap_err().contains("does not go on with the record before it"));
}

#[test]
fn what_was_never_ended_may_be_overwritten() {
    let mut bytes = segment(&[commit(1_700_000_000), other(30_000)], 0);
    let begun = record(0, 0xD0, &[0; 16]);
    let later = commit(1_700_000_300);
    let page = &mut bytes[PAGE * 2..];
    page[2] = 0x08;
    page[16..20].fill(0);
    let rest = SIZE - PAGE * 2 - 24 - begun.len() - later.len();
    assert!(rest > 0);
    let mut offset = 24;
    for record in [begun, later, switch()] {
        page[offset..offset + record.len()].copy_from_slice(&record);
        offset += record.len().next_multiple_of(8);
    }
    let read = read_of(&bytes).unwrap();
    assert_eq!((read.commits, read.last, read.switched.is_some()), (2, Some(at(1_700_000_300)), true));
}
