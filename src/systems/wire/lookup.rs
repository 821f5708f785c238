//! Looking up names. The C library holds a thread for as long as a dead name server keeps silent: each name is looked
//! up once for all who ask for it, and only so many at the same time.

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;

/// As many names are looked up at the same time, and as many again of those whose answer was late the last time: they
/// must not hold up the others.
const PLACES: usize = 16;
/// An answer later than this makes a name a late one.
const SOON: Duration = Duration::from_secs(1);
/// Nobody waits any longer: by then two name servers have kept silent, and a third has had its time.
const PATIENCE: Duration = Duration::from_secs(12);

static NAMES: LazyLock<Arc<Names>> = LazyLock::new(|| Arc::new(Names::new(ask_the_system, PATIENCE)));

type Answer = Result<Vec<SocketAddr>, Arc<io::Error>>;
type LookUp = fn(&str) -> io::Result<Vec<SocketAddr>>;

/// The addresses of a host, without a port.
pub async fn addresses(host: &str) -> io::Result<Vec<SocketAddr>> {
    NAMES.addresses(host).await
}

fn ask_the_system(host: &str) -> io::Result<Vec<SocketAddr>> {
    Ok((host, 0).to_socket_addrs()?.collect())
}

struct Names {
    look_up: LookUp,
    patience: Duration,
    state: Mutex<State>,
    places: Arc<Semaphore>,
    late_places: Arc<Semaphore>,
}

#[derive(Default)]
struct State {
    under_way: HashMap<String, UnderWay>,
    /// The names whose answer was late the last time.
    late: HashSet<String>,
}

#[derive(Clone)]
struct UnderWay {
    begun: Instant,
    answer: watch::Receiver<Option<Answer>>,
}

impl Names {
    fn new(look_up: LookUp, patience: Duration) -> Names {
        let places = || Arc::new(Semaphore::new(PLACES));
        Names { look_up, patience, state: Mutex::default(), places: places(), late_places: places() }
    }

    async fn addresses(self: &Arc<Names>, host: &str) -> io::Result<Vec<SocketAddr>> {
        if let Ok(address) = host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(address, 0)]);
        }
        let UnderWay { begun, mut answer } = self.join(host);
        let silent = || io::Error::new(io::ErrorKind::TimedOut, "the name lookup did not answer");
        let answer = tokio::time::timeout_at(begun + self.patience, answer.wait_for(Option::is_some)).await;
        let answer = answer.map_err(|_| silent())?.map_err(|_| silent())?.clone();
        answer.ok_or_else(silent)?.map_err(|error| {
            let kind = error.kind();
            io::Error::new(kind, error as Arc<dyn Error + Send + Sync>)
        })
    }

    /// The lookup of this name that is under way, else a new one. It goes on when nobody waits for it any more: the
    /// C library cannot be told to stop, and the next question joins it.
    fn join(self: &Arc<Names>, host: &str) -> UnderWay {
        let mut state = self.lock();
        if let Some(under_way) = state.under_way.get(host) {
            return under_way.clone();
        }
        let places = if state.late.contains(host) { &self.late_places } else { &self.places };
        let (sender, answer) = watch::channel(None);
        let under_way = UnderWay { begun: Instant::now(), answer };
        state.under_way.insert(host.to_owned(), under_way.clone());
        let entry = Entry { names: Arc::clone(self), host: host.to_owned() };
        tokio::spawn(entry.look_up(Arc::clone(places), sender));
        under_way
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of a lookup among those under way, given up however it ends.
struct Entry {
    names: Arc<Names>,
    host: String,
}

impl Entry {
    async fn look_up(self, places: Arc<Semaphore>, sender: watch::Sender<Option<Answer>>) {
        let Ok(place) = places.acquire_owned().await else { return };
        let (look_up, host, begun) = (self.names.look_up, self.host.clone(), Instant::now());
        let looking = tokio::task::spawn_blocking(move || {
            let _place = place;
            look_up(&host)
        });
        let answer = looking.await.unwrap_or_else(|error| Err(error.into())).map_err(Arc::new);
        let mut state = self.names.lock();
        if begun.elapsed() > SOON {
            state.late.insert(self.host.clone());
        } else {
            state.late.remove(&self.host);
        }
        drop(state);
        sender.send_replace(Some(answer));
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.names.lock().under_way.remove(&self.host);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::future::join_all;

    use super::*;

    static ASKED: AtomicUsize = AtomicUsize::new(0);
    static HELD: AtomicUsize = AtomicUsize::new(0);

    #[allow(clippy::unnecessary_wraps, reason = "it stands in for what may fail")]
    fn slowly(host: &str) -> io::Result<Vec<SocketAddr>> {
        ASKED.fetch_add(1, Ordering::SeqCst);
        HELD.fetch_add(1, Ordering::SeqCst);
        while host.starts_with("dead") && HELD.load(Ordering::SeqCst) < 1_000 {
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(vec![SocketAddr::from(([127, 0, 0, 1], 0))])
    }

    #[tokio::test]
    async fn a_thousand_names_that_hang_hold_few_threads() {
        let names = Arc::new(Names::new(slowly, PATIENCE));
        let hosts: Vec<String> = (0..1_000).map(|number| format!("dead-{number}")).collect();
        // Asked for over and over, each time given up soon.
        for _ in 0..5 {
            let all = join_all(hosts.iter().map(|host| names.addresses(host)));
            assert!(tokio::time::timeout(Duration::from_millis(100), all).await.is_err());
        }
        assert_eq!(HELD.load(Ordering::SeqCst), PLACES);
        HELD.store(1_000, Ordering::SeqCst);
        for answer in join_all(hosts.iter().map(|host| names.addresses(host))).await {
            assert_eq!(answer.unwrap(), [SocketAddr::from(([127, 0, 0, 1], 0))]);
        }
        assert_eq!(ASKED.load(Ordering::SeqCst), 1_000, "each name is looked up once for all who ask");
        assert!(names.lock().under_way.is_empty());
    }

    fn dead_or_not(host: &str) -> io::Result<Vec<SocketAddr>> {
        if host.starts_with("dead") {
            std::thread::sleep(SOON + Duration::from_millis(100));
            return Err(io::Error::from_raw_os_error(24));
        }
        Ok(Vec::new())
    }

    #[tokio::test]
    async fn names_that_hang_do_not_hold_up_others_once_they_are_known() {
        let names = Arc::new(Names::new(dead_or_not, PATIENCE));
        let hosts: Vec<String> = (0..PLACES).map(|number| format!("dead-{number}")).collect();
        for answer in join_all(hosts.iter().map(|host| names.addresses(host))).await {
            let error = answer.unwrap_err();
            let mut behind = crate::text::causes(&error);
            let number = behind.find_map(|cause| cause.downcast_ref::<io::Error>()?.raw_os_error());
            assert_eq!(number, Some(24), "what is wrong is told to all who asked: {error:?}");
        }
        let hanging: Vec<_> = hosts.iter().map(|host| names.join(host)).collect();
        let begun = Instant::now();
        names.addresses("well").await.unwrap();
        assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
        assert_eq!(hanging.len(), names.lock().under_way.len(), "they still hang");
    }

    #[allow(clippy::unnecessary_wraps, reason = "it stands in for what may fail")]
    fn late(_: &str) -> io::Result<Vec<SocketAddr>> {
        std::thread::sleep(Duration::from_millis(300));
        Ok(Vec::new())
    }

    #[tokio::test]
    async fn silence_is_said_to_be_that_of_the_names() {
        let names = Arc::new(Names::new(late, Duration::from_millis(30)));
        let error = names.addresses("dead").await.unwrap_err();
        let said = (error.kind(), error.to_string());
        assert_eq!(said, (io::ErrorKind::TimedOut, "the name lookup did not answer".to_owned()));
        let addresses = names.addresses("::1").await.unwrap();
        assert_eq!(addresses, ["[::1]:0".parse().unwrap()], "an address is no name");
    }
}
