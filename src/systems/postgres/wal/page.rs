//! The headers of pages of the log.

use super::Lsn;

/// The first page of a segment says more than the others.
pub(super) const LONG: usize = 40;
const SHORT: usize = 24;
/// The page goes on with a record that an earlier one began.
const GOES_ON: u16 = 0x0001;
const IS_LONG: u16 = 0x0002;
/// The record that earlier pages began was never ended: it is overwritten from here on.
const OVERWRITES: u16 = 0x0008;
const FLAGS: u16 = 0x000F;

/// What stands at the beginning of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Page {
    /// Tells the major version of the server.
    pub magic: u16,
    pub timeline: u32,
    /// Where it lies in the log.
    pub address: Lsn,
    /// How much of the record is left that an earlier page began.
    pub remaining: u32,
    pub overwrites: bool,
    /// How long this header is.
    pub header: usize,
}

/// What stands at the beginning of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct First {
    pub page: Page,
    pub system: u64,
    pub size: u64,
    pub page_size: usize,
}

impl Page {
    /// Nothing where this is none.
    pub fn of(bytes: &[u8]) -> Option<Page> {
        let info = u16_at(bytes, 2)?;
        let is_long = info & IS_LONG != 0;
        let page = Page {
            magic: u16_at(bytes, 0)?,
            timeline: u32_at(bytes, 4)?,
            address: Lsn(u64_at(bytes, 8)?),
            remaining: u32_at(bytes, 16)?,
            overwrites: info & OVERWRITES != 0,
            header: if is_long { LONG } else { SHORT },
        };
        let goes_on = info & GOES_ON != 0;
        // All versions since 9.3 begin so.
        let is_one = matches!(page.magic >> 8, 0xD0 | 0xD1) && info & !FLAGS == 0 && page.timeline > 0;
        (is_one && goes_on == (page.remaining > 0)).then_some(page)
    }
}

impl First {
    /// Nothing where no segment begins so.
    pub fn of(bytes: &[u8]) -> Option<First> {
        let page = Page::of(bytes).filter(|page| page.header == LONG)?;
        let first = First {
            page,
            system: u64_at(bytes, 24)?,
            size: u64::from(u32_at(bytes, 32)?),
            page_size: usize::try_from(u32_at(bytes, 36)?).ok()?,
        };
        let is_size = first.size.is_power_of_two() && (1 << 20..=1 << 30).contains(&first.size);
        let is_page = first.page_size.is_power_of_two() && (1 << 10..=1 << 16).contains(&first.page_size);
        (is_size && is_page && page.address.0 % first.size == 0).then_some(first)
    }
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}
