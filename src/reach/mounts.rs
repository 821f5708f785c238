//! What should be mounted on this machine, and is not: an empty mount point looks like an empty disk.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// The mount point that a folder lies on and where nothing is mounted: the one that is `wanted`, else the nearest that
/// `/etc/fstab` names. Nothing where all is as it should be, or nobody knows.
pub fn unmounted(folder: &Path, wanted: Option<&Path>) -> Option<PathBuf> {
    let read = |path: &str| std::fs::read(path).unwrap_or_default();
    missing(folder, wanted, &read("/etc/fstab"), &read("/proc/self/mountinfo"))
}

fn missing(folder: &Path, wanted: Option<&Path>, fstab: &[u8], mounts: &[u8]) -> Option<PathBuf> {
    let mounted: Vec<PathBuf> = fields(mounts, 4).collect();
    if mounted.is_empty() {
        return None;
    }
    let is_above = |point: &PathBuf| point.is_absolute() && point.parent().is_some() && folder.starts_with(point);
    let nearest = || fields(fstab, 1).filter(is_above).max_by_key(|point| point.components().count());
    let point = wanted.map(Path::to_owned).or_else(nearest)?;
    (!mounted.contains(&point)).then_some(point)
}

/// One field of each line, as a path.
fn fields(lines: &[u8], field: usize) -> impl Iterator<Item = PathBuf> {
    let lines = lines.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii_start().starts_with(b"#"));
    lines.filter_map(move |line| {
        let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        Some(PathBuf::from(OsString::from_vec(unescaped(words.nth(field)?))))
    })
}

/// Blanks are written there as `\040`.
fn unescaped(word: &[u8]) -> Vec<u8> {
    let (mut plain, mut rest) = (Vec::with_capacity(word.len()), word);
    while let Some((first, after)) = rest.split_first() {
        let octal = after.get(..3).filter(|_| *first == b'\\');
        let code = octal.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok());
        plain.push(code.unwrap_or(*first));
        rest = if code.is_some() { &after[3..] } else { after };
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    const FSTAB: &[u8] = b"# a comment /mnt/never\nUUID=1 / ext4 defaults 0 1\nUUID=2 none swap sw 0 0\n\
        nas:/backup\t/mnt/backup\tnfs defaults 0 0\nUUID=3 /mnt/backup/fast\\040disk ext4 noauto 0 0\n";
    const MOUNTS: &[u8] =
        b"22 1 254:0 / / rw - ext4 /dev/vda rw\n30 22 0:5 / /mnt/backup rw shared:3 - nfs nas:/backup rw\n";

    #[test]
    fn a_mount_point_with_nothing_on_it_is_no_disk() {
        let look = |folder: &str, wanted: Option<&str>, mounts: &[u8]| {
            missing(folder.as_ref(), wanted.map(Path::new), FSTAB, mounts).map(|path| path.display().to_string())
        };
        let only_root: &[u8] = b"22 1 254:0 / / rw - ext4 /dev/vda rw\n";
        assert_eq!(look("/mnt/backup/pg", None, MOUNTS), None);
        assert_eq!(look("/mnt/backup/pg", None, only_root).as_deref(), Some("/mnt/backup"));
        assert_eq!(look("/mnt/backup/fast disk/pg", None, MOUNTS).as_deref(), Some("/mnt/backup/fast disk"));
        assert_eq!(look("/var/backups", None, only_root), None, "it lies on the root, as fstab says");
        assert_eq!(look("/var/backups", Some("/var"), MOUNTS).as_deref(), Some("/var"));
        assert_eq!(look("/mnt/backup", Some("/mnt/backup"), MOUNTS), None);
        assert_eq!(look("/mnt/backup", None, b""), None, "nobody knows");
    }
}
