//! A disk that forgets what was not synced: whole sectors of it, new names, or nothing, as chance has it.
//! Writers die on it by a power failure, or alone.

use std::any::Any;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use lifeboat::journal::{Draft, Heads, Journal, LockError, Medium, Settings, Sheet, host, verify};
use lifeboat::text::Size;
use proptest::prelude::*;

use super::ground::{TRIED, read, settings};

const SECTOR: usize = 512;

#[derive(Clone, Default)]
struct File {
    durable: Vec<u8>,
    present: Vec<u8>,
}

#[derive(Default)]
struct World {
    files: Vec<File>,
    names: BTreeMap<PathBuf, usize>,
    durable_names: BTreeMap<PathBuf, usize>,
    /// Operations until the power fails.
    left: Option<u32>,
    dice: u64,
}

#[derive(Clone, Default)]
struct Forgetful(Arc<Mutex<World>>);

struct ForgetfulSheet {
    disk: Forgetful,
    file: usize,
}

impl World {
    fn roll(&mut self, limit: usize) -> usize {
        self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.dice >> 33).unwrap() % limit.max(1)
    }

    fn heads(&mut self) -> bool {
        self.roll(2) == 0
    }

    /// The power comes back: of what was not synced, chance decides what is there.
    fn power_cycle(&mut self) {
        self.left = None;
        let unsynced: Vec<PathBuf> =
            self.names.keys().filter(|name| !self.durable_names.contains_key(*name)).cloned().collect();
        for name in unsynced {
            if self.heads() {
                self.names.remove(&name);
            }
        }
        self.durable_names = self.names.clone();
        for index in 0..self.files.len() {
            let mut file = std::mem::take(&mut self.files[index]);
            let longest = file.present.len().max(file.durable.len());
            let length = if file.present.len() == file.durable.len() || self.heads() {
                if self.heads() { file.present.len() } else { file.durable.len() }
            } else {
                let shortest = file.present.len().min(file.durable.len());
                shortest + self.roll(longest - shortest + 1)
            };
            let mut kept = file.durable.clone();
            kept.resize(length, 0);
            for start in (0..length).step_by(SECTOR) {
                let end = (start + SECTOR).min(length);
                if self.heads() {
                    let from = file.present.get(start..end.min(file.present.len())).unwrap_or_default();
                    kept[start..start + from.len()].copy_from_slice(from);
                }
            }
            (file.present, file.durable) = (kept.clone(), kept);
            self.files[index] = file;
        }
    }
}

impl Forgetful {
    /// One operation; fails from the moment the power does.
    fn operate(&self) -> io::Result<MutexGuard<'_, World>> {
        let mut world = self.0.lock().unwrap();
        match &mut world.left {
            Some(0) => Err(io::Error::other("the power has failed")),
            Some(left) => {
                *left -= 1;
                Ok(world)
            }
            None => Ok(world),
        }
    }

    /// What is there, as real files.
    fn copy_to(&self, directory: &Path) {
        let world = self.0.lock().unwrap();
        for (name, file) in &world.names {
            let path = directory.join(name.strip_prefix("/").unwrap());
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, &world.files[*file].present).unwrap();
        }
    }
}

impl Medium for Forgetful {
    fn turn(&self, _: &Path) -> Result<Box<dyn Any>, LockError> {
        Ok(Box::new(()))
    }

    fn names(&self, directory: &Path) -> io::Result<Vec<String>> {
        let world = self.operate()?;
        let inside = |path: &&PathBuf| path.parent() == Some(directory);
        Ok(world
            .names
            .keys()
            .filter(inside)
            .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
            .collect())
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let world = self.operate()?;
        let file = *world.names.get(path).ok_or(io::ErrorKind::NotFound)?;
        Ok(world.files[file].present.clone())
    }

    fn read_end(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        let bytes = self.read(path)?;
        Ok(bytes[bytes.len().saturating_sub(usize::try_from(most).unwrap())..].to_vec())
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Sheet>> {
        let world = self.operate()?;
        let file = *world.names.get(path).ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(ForgetfulSheet { disk: self.clone(), file }))
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn Sheet>> {
        let mut world = self.operate()?;
        if world.names.contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        world.files.push(File::default());
        let file = world.files.len() - 1;
        world.names.insert(path.to_owned(), file);
        Ok(Box::new(ForgetfulSheet { disk: self.clone(), file }))
    }

    fn sync_names(&self, directory: &Path) -> io::Result<()> {
        let mut world = self.operate()?;
        let inside = |path: &PathBuf| path.parent() == Some(directory);
        let names: Vec<_> = world.names.iter().filter(|(path, _)| inside(path)).map(|(p, f)| (p.clone(), *f)).collect();
        world.durable_names.retain(|path, _| !inside(path));
        world.durable_names.extend(names);
        Ok(())
    }

    fn free_ballast(&self, _: &Path) -> io::Result<bool> {
        Ok(false)
    }

    fn keep_ballast(&self, _: &Path) -> io::Result<bool> {
        Ok(false)
    }
}

impl Sheet for ForgetfulSheet {
    fn size(&self) -> io::Result<u64> {
        Ok(self.disk.operate()?.files[self.file].present.len() as u64)
    }

    fn read_from(&self, offset: u64) -> io::Result<Vec<u8>> {
        Ok(self.disk.operate()?.files[self.file].present[usize::try_from(offset).unwrap()..].to_vec())
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut world = self.disk.operate()?;
        let fails_now = world.left == Some(0);
        let length = if fails_now { world.roll(bytes.len() + 1) } else { bytes.len() };
        let present = &mut world.files[self.file].present;
        let offset = usize::try_from(offset).unwrap();
        if present.len() < offset + length {
            present.resize(offset + length, 0);
        }
        present[offset..offset + length].copy_from_slice(&bytes[..length]);
        if fails_now { Err(io::Error::other("the power has failed")) } else { Ok(()) }
    }

    fn truncate(&self, size: u64) -> io::Result<()> {
        self.disk.operate()?.files[self.file].present.truncate(usize::try_from(size).unwrap());
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let mut world = self.disk.operate()?;
        let file = &mut world.files[self.file];
        file.durable = file.present.clone();
        Ok(())
    }

    fn seal(&self) -> io::Result<()> {
        Ok(())
    }
}

fn open(disk: &Forgetful) -> Journal {
    let settings = Settings { segment: Size(3 << 10), ..settings() };
    Journal::on(Arc::new(disk.clone()), Path::new("/journal"), settings).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if super::ground::full() { 2_000 } else { 150 }, ..ProptestConfig::default() })]

    #[test]
    fn what_was_acknowledged_outlives_any_power_failure(
        dice in any::<u64>(),
        lives in prop::collection::vec((0_u32..80, prop::collection::vec(1_usize..5, 1..12), prop::bool::weighted(0.6)), 1..8),
    ) {
        let disk = Forgetful::default();
        disk.0.lock().unwrap().dice = dice;
        let mut acknowledged = Vec::new();
        for (life, (operations, batches, power_fails)) in lives.iter().enumerate() {
            disk.0.lock().unwrap().left = Some(*operations);
            // Two processes of one host, in turn.
            let journals = [open(&disk), open(&disk)];
            for (number, size) in batches.iter().enumerate() {
                let ids: Vec<String> = (0..*size).map(|event| format!("{life}-{number}-{event}")).collect();
                let drafts = ids.iter().map(|id| Draft::new(TRIED, id.as_str())).collect();
                if journals[number % 2].record_all(drafts).unwrap().wait().is_ok() {
                    acknowledged.extend(ids);
                }
            }
            drop(journals);
            // Else only the processes died: what they wrote is still there, synced or not.
            let mut world = disk.0.lock().unwrap();
            world.left = None;
            if *power_fails {
                world.power_cycle();
            }
        }
        open(&disk).record(Draft::new(TRIED, "after")).unwrap().wait().unwrap();
        acknowledged.push("after".to_owned());
        disk.0.lock().unwrap().power_cycle();

        let copy = tempfile::tempdir().unwrap();
        disk.copy_to(copy.path());
        let journal = copy.path().join("journal");
        let mut found = read(&journal, |event| (event.kind == "trial.done").then(|| event.subject.clone().into_owned()));
        let report = verify(&journal, &Heads::new()).unwrap();
        prop_assert!(report.is_whole(), "{report:#?}");
        for id in &acknowledged {
            prop_assert!(found.contains(id), "{id} is lost");
        }
        let count = found.len();
        found.sort();
        found.dedup();
        prop_assert_eq!(found.len(), count, "an event is there twice");
        prop_assert_eq!(&report.chains[0].chain, &host::chain());
    }
}
