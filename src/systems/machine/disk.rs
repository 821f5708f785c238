//! How full disks are, here or where reach leads.

use std::path::{Path, PathBuf};

use crate::plan::Place;
use crate::plan::facts::Value;
use crate::reach::{Command, Reach, ReachError};
use crate::systems::contact::Contact;
use crate::systems::one_look::OneLook;
use crate::systems::reading::Facts;
use crate::text::Size;

/// How full the disk is on which a path lies.
#[derive(Clone, Debug, PartialEq)]
pub struct Usage {
    /// The path.
    pub path: PathBuf,
    /// In use, of what this user may use, as a percentage.
    pub used: f64,
    /// What this user may still write.
    pub free: Size,
    /// Inodes in use, as a percentage; nothing where the file system has no fixed number of them.
    pub inodes: Option<f64>,
}

/// Looks at the disks of these paths. What is not there is left out.
pub async fn usage(
    paths: &[PathBuf],
    place: &Place,
    looks: &OneLook,
    with: &Contact<'_>,
) -> Result<Vec<Usage>, ReachError> {
    if place.is_here() {
        let paths = paths.to_vec();
        let looking = looks.take(move || paths.iter().filter_map(|path| here(path)).collect());
        return Ok(looking.await.unwrap_or_default());
    }
    let reach = Reach::open(place, with.reach).await?;
    let ask = |option: &str| {
        let command = Command::new("df").args(["-P", option, "--"]).args(paths.iter().cloned());
        command.env("LC_ALL", "C").cancelled_by(with.stop.clone())
    };
    // A path that is not there makes it fail, and the others are told all the same.
    let blocks = reach.run(ask("-k")).await?;
    let mut usages = read(&String::from_utf8_lossy(&blocks.stdout.whole().unwrap_or_default()));
    if usages.is_empty() {
        blocks.ok()?;
    }
    // Not every `df` counts inodes.
    let inodes = reach.run(ask("-i")).await?;
    let inodes = read(&String::from_utf8_lossy(&inodes.stdout.whole().unwrap_or_default()));
    for usage in &mut usages {
        let same = inodes.iter().find(|other| other.path == usage.path);
        usage.inodes = same.filter(|same| same.used.is_finite()).map(|same| same.used);
    }
    Ok(usages)
}

/// Tells of the fullest one.
pub fn tell(usages: &[Usage], facts: &mut Facts) {
    let Some(fullest) = usages.iter().max_by(|one, other| one.used.total_cmp(&other.used)) else { return };
    facts.set("disk", Value::Share(fullest.used));
    let least = usages.iter().map(|usage| usage.free).min();
    facts.set_some("disk_free", least.map(Value::Size));
    let inodes = usages.iter().filter_map(|usage| usage.inodes).max_by(f64::total_cmp);
    facts.set_some("inodes", inodes.map(Value::Share));
    if usages.len() > 1 {
        let mut sorted: Vec<&Usage> = usages.iter().collect();
        sorted.sort_by(|one, other| other.used.total_cmp(&one.used));
        let row = |usage: &&Usage| {
            vec![usage.path.display().to_string(), Value::Share(usage.used).to_string(), usage.free.approx()]
        };
        facts.list("Disks", &["Of", "In use", "Free"], sorted.iter().map(row).collect());
    }
}

fn here(path: &Path) -> Option<Usage> {
    let stat = rustix::fs::statvfs(path).ok()?;
    let used = stat.f_blocks.saturating_sub(stat.f_bfree);
    let inodes = stat.f_files.saturating_sub(stat.f_ffree);
    Some(Usage {
        path: path.to_owned(),
        used: share(used, used + stat.f_bavail),
        free: Size(stat.f_bavail.saturating_mul(stat.f_frsize)),
        inodes: (stat.f_files > 0).then(|| share(inodes, stat.f_files)),
    })
}

/// Reads the portable output of `df`: a head, and a line for each path, in which the name of the device comes first
/// and that of the mount last, each with whatever in it.
fn read(text: &str) -> Vec<Usage> {
    text.lines().skip(1).filter_map(line).collect()
}

fn line(line: &str) -> Option<Usage> {
    let words: Vec<&str> = line.split_whitespace().collect();
    // The share of use is the only word that ends so; a dash stands where there is none.
    let at = words.iter().rposition(|word| word.ends_with('%') || *word == "-").filter(|at| *at >= 4)?;
    let (used, free): (u64, u64) = (words[at - 2].parse().ok()?, words[at - 1].parse().ok()?);
    let used_share = if words[at] == "-" { f64::NAN } else { share(used, used + free) };
    let path = words.get(at + 1..)?.join(" ");
    Some(Usage { path: path.into(), used: used_share, free: Size(free.saturating_mul(1024)), inodes: None })
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { 100.0 * part as f64 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn df_is_read_whatever_stands_in_its_names() {
        let text = "Filesystem 1024-blocks Used Available Capacity Mounted on\n\
                    /dev/vda1 1000 250 750 25% /\n\
                    //server/a share 2000 1500 500 75% /mnt/a b\n\
                    df: /gone: No such file or directory\n";
        let usages = read(text);
        assert_eq!(usages.len(), 2);
        assert_eq!((usages[0].used, usages[0].free), (25.0, Size(750 * 1024)));
        assert_eq!((usages[1].used, usages[1].path.as_path()), (75.0, Path::new("/mnt/a b")));
    }

    #[test]
    fn this_machine_has_a_disk() {
        let usage = here(Path::new("/")).unwrap();
        assert!((0.0..=100.0).contains(&usage.used) && usage.free.0 > 0, "{usage:?}");
        assert_eq!(here(Path::new("/no/such/place")), None);
    }
}
