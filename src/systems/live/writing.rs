//! Whether a folder takes what is written: permissions alone do not tell of a full disk.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use rustix::fs::{Mode, OFlags, open};

/// About what an event of the journal takes.
const SAMPLE: [u8; 4096] = [0; 4096];

/// Writes something there that is never seen and gone at once.
pub fn try_to_write(folder: &Path) -> io::Result<()> {
    let mut file = nameless(folder)?;
    file.write_all(&SAMPLE)?;
    file.sync_all()
}

fn nameless(folder: &Path) -> io::Result<File> {
    if let Ok(file) = open(folder, OFlags::TMPFILE | OFlags::WRONLY, Mode::RUSR | Mode::WUSR) {
        return Ok(file.into());
    }
    // Not every file system has files without a name.
    let path = folder.join(format!(".lifeboat-doctor-{}", std::process::id()));
    let file = File::options().write(true).create_new(true).open(&path)?;
    std::fs::remove_file(&path)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_takes_it_keeps_nothing_and_one_that_does_not_says_so() {
        let folder = tempfile::tempdir().unwrap();
        try_to_write(folder.path()).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(try_to_write(Path::new("/proc")).is_err());
        assert!(try_to_write(&folder.path().join("missing")).is_err());
    }
}
