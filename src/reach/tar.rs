//! The one-file archive in which the container engine takes and gives files.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt};

use super::container::FileMeta;

pub(super) const BLOCK: usize = 512;

/// The header of a regular file, as GNU tar writes it (sizes beyond 8 GiB in binary).
pub(super) fn header(name: &str, size: u64, meta: &FileMeta) -> Option<[u8; BLOCK]> {
    let mut block = [0; BLOCK];
    if name.is_empty() || name.len() > 100 {
        return None;
    }
    block[..name.len()].copy_from_slice(name.as_bytes());
    number(&mut block[100..108], u64::from(meta.mode & 0o7777));
    number(&mut block[108..116], u64::from(meta.uid));
    number(&mut block[116..124], u64::from(meta.gid));
    number(&mut block[124..136], size);
    number(&mut block[136..148], 0);
    block[156] = b'0';
    block[257..265].copy_from_slice(b"ustar  \0");
    let sum = checksum(&block);
    number(&mut block[148..155], sum);
    block[155] = b' ';
    Some(block)
}

fn number(field: &mut [u8], value: u64) {
    let digits = field.len() - 1;
    let text = format!("{value:0digits$o}");
    if text.len() == digits {
        field[..digits].copy_from_slice(text.as_bytes());
        return;
    }
    let bytes = value.to_be_bytes();
    let start = field.len().saturating_sub(bytes.len());
    let fits = field.len() - start;
    field[start..].copy_from_slice(&bytes[bytes.len() - fits..]);
    field[0] |= 0x80;
}

fn checksum(block: &[u8; BLOCK]) -> u64 {
    block.iter().enumerate().map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u64::from(*byte) }).sum()
}

/// What stands behind a file of this size: zeros to the full block, and two empty blocks.
pub(super) fn padding(size: u64) -> Vec<u8> {
    let used = usize::try_from(size % BLOCK as u64).unwrap_or(0);
    vec![0; (BLOCK - used) % BLOCK + 2 * BLOCK]
}

/// Reads up to the first regular file of an archive; its bytes come next.
pub(super) async fn open<R: AsyncRead + Unpin>(archive: &mut R) -> io::Result<(u64, FileMeta)> {
    let mut long_size = None;
    loop {
        let mut block = [0; BLOCK];
        archive.read_exact(&mut block).await?;
        if read_number(&block[148..156]) != Some(checksum(&block)) {
            return Err(invalid("the archive is damaged"));
        }
        let size =
            long_size.take().or_else(|| read_number(&block[124..136])).ok_or_else(|| invalid("a size is missing"))?;
        let field = |range: std::ops::Range<usize>| {
            read_number(&block[range]).and_then(|value| u32::try_from(value).ok()).unwrap_or(0)
        };
        match block[156] {
            b'0' | 0 => {
                return Ok((
                    size,
                    FileMeta { mode: field(100..108) & 0o7777, uid: field(108..116), gid: field(116..124) },
                ));
            }
            b'5' => return Err(invalid("it is a folder")),
            b'x' if size <= 1 << 20 => {
                let mut records = vec![0; usize::try_from(size.next_multiple_of(BLOCK as u64)).unwrap_or(0)];
                archive.read_exact(&mut records).await?;
                long_size = pax_size(&records);
            }
            b'L' | b'K' | b'g' if size <= 1 << 20 => {
                let mut skipped = vec![0; usize::try_from(size.next_multiple_of(BLOCK as u64)).unwrap_or(0)];
                archive.read_exact(&mut skipped).await?;
            }
            _ => return Err(invalid("it is no regular file")),
        }
    }
}

fn read_number(field: &[u8]) -> Option<u64> {
    if field[0] & 0x80 != 0 {
        return field[field.len() - 8..].try_into().ok().map(u64::from_be_bytes);
    }
    let text = std::str::from_utf8(field).ok()?.trim_matches(['\0', ' ']);
    u64::from_str_radix(text, 8).ok()
}

/// The size in the records `LENGTH size=VALUE` of an extended header.
fn pax_size(records: &[u8]) -> Option<u64> {
    let text = String::from_utf8_lossy(records);
    text.lines().find_map(|line| line.split_once(" size=")?.1.parse().ok())
}

fn invalid(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_written_is_read_and_tar_agrees() {
        let meta = FileMeta { mode: 0o640, uid: 999, gid: 70_000 };
        for size in [0, 5, BLOCK as u64, 8 << 30, u64::from(u32::MAX) * 40] {
            let block = header("dump.rdb", size, &meta).unwrap();
            assert_eq!(open(&mut &block[..]).await.unwrap(), (size, meta));
        }
        let folder = tempfile::tempdir().unwrap();
        let mut archive = header("dump.rdb", 5, &meta).unwrap().to_vec();
        archive.extend_from_slice(b"hello");
        archive.extend(padding(5));
        assert_eq!(archive.len() % BLOCK, 0);
        std::fs::write(folder.path().join("a.tar"), archive).unwrap();
        let list =
            std::process::Command::new("tar").args(["tvf", "a.tar"]).current_dir(folder.path()).output().unwrap();
        let text = String::from_utf8(list.stdout).unwrap();
        assert!(
            text.starts_with("-rw-r----- 999/70000") && text.contains(" 5 ") && text.contains("dump.rdb"),
            "{text}"
        );
    }

    #[tokio::test]
    async fn a_damaged_or_foreign_header_is_refused() {
        let mut block = header("x", 5, &FileMeta { mode: 0, uid: 0, gid: 0 }).unwrap();
        block[0] = b'y';
        assert!(open(&mut &block[..]).await.is_err());
        assert!(open(&mut &block[..100]).await.is_err());
        assert!(header(&"n".repeat(101), 5, &FileMeta { mode: 0, uid: 0, gid: 0 }).is_none());
    }
}
