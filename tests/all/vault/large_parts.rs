//! Parts that are too large to be held lie in files without a name until they have arrived; where no file takes them,
//! they are held all the same.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use lifeboat::reach::s3::PartSizes;
use lifeboat::vault::{Chunk, MediaError, Sending, Tickets};
use tokio::sync::mpsc::{Sender, channel};
use tokio::task::JoinHandle;

use super::parts::{MIB, media, noise, sizes, write};
use crate::lab::s3::{Endpoint, read, until};
use crate::reach::s3::between::{Act, Head, between};
use crate::support::small_disk::SmallDisk;
use crate::systems::databases::fakes::peak_memory;

/// How many files without a name this process has open in a folder.
fn open_files(folder: &Path) -> usize {
    let links = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
    let targets = links.filter_map(|link| std::fs::read_link(link.path()).ok());
    targets.filter(|target| target.starts_with(folder) && target.to_string_lossy().ends_with("(deleted)")).count()
}

/// How many files with a name lie there.
fn named(folder: &Path) -> usize {
    std::fs::read_dir(folder).into_iter().flatten().count()
}

fn part_of(head: &Head) -> Option<u32> {
    let number = head.line.split_once("partNumber=")?.1;
    number[..number.find(|letter: char| !letter.is_ascii_digit())?].parse().ok()
}

fn keeping(state: &Path, sizes: PartSizes) -> Sending {
    Sending { sizes, tickets: Some(Tickets::in_state(state)), is_gone_on_with: true }
}

/// An upload that is given its bytes by hand.
struct ByHand {
    chunks: Sender<Chunk>,
    written: JoinHandle<Result<(), MediaError>>,
}

impl ByHand {
    async fn begin(address: SocketAddr, sending: Sending) -> ByHand {
        let (chunks, input) = channel(1);
        let writing = media(address, sending).await.write("k".to_owned(), input);
        let written = tokio::spawn(async move { writing.await?.publish().await });
        ByHand { chunks, written }
    }

    async fn give(&self, bytes: &[u8]) {
        for piece in bytes.chunks(300_000) {
            self.chunks.send(Chunk::Bytes(Bytes::copy_from_slice(piece))).await.unwrap();
        }
    }

    async fn end(self) {
        self.chunks.send(Chunk::End).await.unwrap();
        self.written.await.unwrap().unwrap();
    }
}

fn bytes(of: &[u8], from: u64, to: u64) -> &[u8] {
    &of[usize::try_from(from).unwrap()..usize::try_from(to).unwrap()]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_in_a_file_that_is_reset_is_sent_again_and_leaves_nothing() {
    let endpoint = Endpoint::start().await;
    let state = tempfile::tempdir().unwrap();
    let folder = state.path().canonicalize().unwrap().join("uploads");
    let seen = Arc::new(Mutex::new(Vec::<(u32, usize, usize)>::new()));
    let (told, looked) = (Arc::clone(&seen), folder.clone());
    let act = move |head: &Head| {
        let Some(part) = part_of(head) else { return Act::Pass };
        let mut told = told.lock().unwrap();
        let is_first = part == 3 && told.iter().all(|(earlier, ..)| *earlier != part);
        // Only the ticket has a name.
        told.push((part, open_files(&looked), named(&looked)));
        if is_first { Act::Reset(1 << 20) } else { Act::Pass }
    };
    let (address, _) = between(Some(endpoint.address), act).await;
    // 5 and 10 MiB are held; what follows is too large for that.
    let noise = noise(32 * MIB);
    write(media(address, keeping(state.path(), sizes(5 * MIB, 3))).await, "k", &noise).await.unwrap();
    assert!(read(&endpoint.client(), "store", "k").await == noise);
    let of_third: Vec<_> = seen.lock().unwrap().iter().filter(|(part, ..)| *part == 3).copied().collect();
    assert_eq!(of_third, [(3, 1, 1), (3, 1, 1)]);
    assert_eq!((open_files(&folder), named(&folder)), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_in_files_that_have_arrived_are_known_again() {
    let endpoint = Endpoint::start().await;
    let state = tempfile::tempdir().unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&seen);
    let act = move |head: &Head| {
        told.lock().unwrap().extend(part_of(head));
        Act::Pass
    };
    let (address, _) = between(Some(endpoint.address), act).await;
    // All of 14 MiB.
    let sending = keeping(state.path(), sizes(14 * MIB, 100));
    let mut noise = noise(52 * MIB);
    let broken = ByHand::begin(address, sending.clone()).await;
    broken.give(bytes(&noise, 0, 45 * MIB)).await;
    let client = endpoint.client();
    until("three parts", || async {
        let uploads = client.list_multipart_uploads().bucket("store").send().await.unwrap();
        let Some(upload) = uploads.uploads().first() else { return false };
        let parts = client.list_parts().bucket("store").key("k").upload_id(upload.upload_id().unwrap()).send().await;
        parts.unwrap().parts().len() == 3
    })
    .await;
    drop(broken.chunks);
    assert!(broken.written.await.unwrap().unwrap_err().to_string().contains("broke off"));
    assert_eq!(std::mem::take(&mut *seen.lock().unwrap()), [1, 2, 3]);
    // The second has changed.
    noise[20 << 20] ^= 1;
    write(media(address, sending).await, "k", &noise).await.unwrap();
    assert_eq!(*seen.lock().unwrap(), [2, 4]);
    assert!(read(&client, "store", "k").await == noise);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fits_into_one_large_part_arrives_too() {
    let endpoint = Endpoint::start().await;
    let state = tempfile::tempdir().unwrap();
    // All of it fits into the first part; and into the memory of one.
    for length in [13 * MIB, 14 * MIB, MIB / 2] {
        let noise = noise(length);
        let key = format!("of-{length}");
        write(media(endpoint.address, keeping(state.path(), sizes(14 * MIB, 100))).await, &key, &noise).await.unwrap();
        assert!(read(&endpoint.client(), "store", &key).await == noise, "{length}");
    }
    assert_eq!(named(&state.path().join("uploads")), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_full_in_the_middle_of_a_part_loses_nothing() {
    let Some(disk) = SmallDisk::mount("size=64m") else { return };
    let endpoint = Endpoint::start().await;
    let folder = disk.path().canonicalize().unwrap();
    let noise = noise(34 * MIB);
    let upload = ByHand::begin(endpoint.address, keeping(disk.path(), sizes(5 * MIB, 3))).await;
    upload.give(bytes(&noise, 0, 23 * MIB)).await;
    until("the file of the third part", || async { open_files(&folder) == 1 }).await;
    let filler = disk.fill();
    upload.give(bytes(&noise, 23 * MIB, 34 * MIB)).await;
    until("giving it up", || async { open_files(&folder) == 0 }).await;
    upload.end().await;
    assert!(read(&endpoint.client(), "store", "k").await == noise);
    std::fs::remove_file(filler).unwrap();
    assert_eq!(named(&folder.join("uploads")), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_takes_no_file_loses_nothing() {
    let endpoint = Endpoint::start().await;
    let state = tempfile::tempdir().unwrap();
    let no_folder = state.path().join("file");
    std::fs::write(&no_folder, "").unwrap();
    let noise = noise(34 * MIB);
    write(media(endpoint.address, keeping(&no_folder, sizes(5 * MIB, 3))).await, "k", &noise).await.unwrap();
    assert!(read(&endpoint.client(), "store", "k").await == noise);
}

#[tokio::test(flavor = "multi_thread")]
async fn large_parts_pass_through_little_memory() {
    const PART: u64 = 64 * MIB;
    let endpoint = Endpoint::start().await;
    let state = tempfile::tempdir().unwrap();
    let upload = ByHand::begin(endpoint.address, keeping(state.path(), sizes(PART, 100))).await;
    let block = noise(MIB);
    let before = peak_memory();
    for _ in 0..4 * PART / MIB {
        upload.give(&block).await;
    }
    upload.end().await;
    let grown = peak_memory() - before;
    assert!(grown < PART / MIB, "it took {grown} MB more");
}
