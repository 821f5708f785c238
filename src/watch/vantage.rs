//! Another vantage point: the same program, run at another place through reach, asks the same components and
//! tells what it sees.
//!
//! It is given the plan and the secrets that it needs on its standard input, never in its arguments; it answers
//! with a line of JSON for each reading. What only this machine can look at (files here, containers of this
//! engine) it is not asked for.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::sync::mpsc;

use super::asking::Update;
use super::means::Means;
use super::seen::deadline;
use super::sites::is_seen_from_anywhere;
use crate::plan::Plan;
use crate::plan::types::Vantage;
use crate::reach::{Command, Reach};
use crate::systems::{Luggage, Reading};
use crate::text::{Shape, untrusted};

/// A reading is never longer.
const LONGEST_LINE: u64 = 4 << 20;
/// How long after a broken connection the next one is tried, at first and at most.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// What the far program is given.
#[derive(Serialize, Deserialize)]
pub struct Errand {
    /// The whole plan.
    pub plan: Plan,
    /// The components to ask, by their places in the plan.
    pub components: Vec<usize>,
    /// The secrets that these need, and the authorities that sign their certificates.
    #[serde(flatten)]
    luggage: Luggage,
    /// Whether each is asked once, instead of at its own interval for ever.
    #[serde(default)]
    pub is_once: bool,
}

/// What the far program answers.
#[derive(Serialize, Deserialize)]
pub struct Sight {
    /// The component's place in the plan.
    pub component: usize,
    /// What it told.
    pub reading: Reading,
}

/// Which components of a plan are asked from elsewhere too.
fn to_be_asked(plan: &Plan, wanted: impl Fn(usize) -> bool) -> Vec<usize> {
    (0..plan.component.len()).filter(|index| wanted(*index) && is_seen_from_anywhere(&plan.component[*index])).collect()
}

impl Errand {
    /// The errand for a plan. A secret or an authority that cannot be had is left out: its component then says so there
    /// too. Who is sent sends nobody further.
    async fn of(plan: &Plan, components: Vec<usize>, is_once: bool, means: &Means) -> Errand {
        let mut plan = plan.clone();
        plan.vantage.clear();
        let mut luggage = Luggage::default();
        for index in &components {
            let component = &plan.component[*index];
            for used in component.asked_with() {
                // That it is missing is told there.
                let _ = luggage.add(used, means.contact().secrets).await;
            }
            luggage.add_authorities(component).await;
        }
        Errand { plan, components, luggage, is_once }
    }

    /// Makes its secrets known here, and its authorities files in `folder`.
    pub fn unpack(&mut self, means: &Means, folder: &std::path::Path) -> std::io::Result<()> {
        self.luggage.unpack(&mut self.plan, means.contact().secrets, folder)
    }
}

/// Eyes elsewhere, and where what they see goes.
pub(super) struct Eyes {
    plan: Arc<Plan>,
    vantage: Vantage,
    name: Arc<str>,
    components: Vec<usize>,
    means: Arc<Means>,
    sender: mpsc::Sender<Update>,
}

impl Eyes {
    /// The eyes at a vantage point, for the components that are `wanted`.
    pub(super) fn at(
        vantage: &Vantage,
        (plan, means): (&Arc<Plan>, &Arc<Means>),
        sender: &mpsc::Sender<Update>,
        wanted: impl Fn(usize) -> bool,
    ) -> Eyes {
        Eyes {
            vantage: vantage.clone(),
            name: vantage.name.as_str().into(),
            components: to_be_asked(plan, wanted),
            plan: Arc::clone(plan),
            means: Arc::clone(means),
            sender: sender.clone(),
        }
    }

    /// Sees until the means are told to stop; a broken connection is made again.
    pub(super) async fn see(self) {
        let mut pause = FIRST_PAUSE;
        loop {
            let began = tokio::time::Instant::now();
            let told = tokio::select! {
                () = self.means.stop().cancelled() => return,
                told = self.connected(false) => told,
            };
            if !self.is_lost(told.err().unwrap_or_else(|| "it ended".to_owned())).await {
                return;
            }
            if began.elapsed() > LONGEST_PAUSE {
                pause = FIRST_PAUSE;
            }
            tokio::select! {
                () = self.means.stop().cancelled() => return,
                () = tokio::time::sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
            }
        }
    }

    /// Looks once, no longer than the component that may take longest.
    pub(super) async fn look(self) {
        let longest = self.components.iter().map(|index| deadline(&self.plan.component[*index])).max();
        let Some(longest) = longest else { return };
        let told = tokio::select! {
            () = self.means.stop().cancelled() => return,
            told = tokio::time::timeout(longest.approx(), self.connected(true)) => told,
        };
        let why = match told {
            Ok(Ok(())) => return,
            Ok(Err(why)) => why,
            Err(_) => format!("it did not tell what it sees within {longest}"),
        };
        self.is_lost(why).await;
    }

    /// Tells that nothing can be seen now; whether anybody listens.
    async fn is_lost(&self, why: String) -> bool {
        let why = untrusted(why, Shape::line(300));
        self.sender.send(Update::VantageLost { vantage: Arc::clone(&self.name), why }).await.is_ok()
    }

    async fn connected(&self, is_once: bool) -> Result<(), String> {
        let contact = self.means.contact();
        let said = |error: crate::reach::ReachError| error.to_string();
        let reach = Reach::open(&self.vantage.reach, contact.reach).await.map_err(said)?;
        let errand = Errand::of(&self.plan, self.components.clone(), is_once, &self.means).await;
        let errand = serde_json::to_vec(&errand).map_err(|error| error.to_string())?;
        let program = self.vantage.program.clone().unwrap_or_else(|| PathBuf::from("lifeboat"));
        let command = Command::new(program).arg("see").stdin_bytes(errand).cancelled_by(contact.stop.clone());
        let mut running = reach.stream(command).await.map_err(said)?;
        if let Some(stdout) = running.take_stdout() {
            let mut lines = BufReader::new(stdout);
            let mut line = Vec::new();
            while let Some(Sight { component, reading }) = next(&mut lines, &mut line).await? {
                let (vantage, reading) = (Arc::clone(&self.name), Arc::new(reading));
                if self.sender.send(Update::Elsewhere { component, vantage, reading }).await.is_err() {
                    running.cancel();
                    break;
                }
            }
        }
        running.wait().await.ok().map(|_| ()).map_err(said)
    }
}

async fn next(lines: &mut (impl AsyncBufReadExt + Unpin), line: &mut Vec<u8>) -> Result<Option<Sight>, String> {
    line.clear();
    let count = lines.take(LONGEST_LINE).read_until(b'\n', line).await.map_err(|error| error.to_string())?;
    if count == 0 {
        return Ok(None);
    }
    serde_json::from_slice(line).map(Some).map_err(|error| format!("what it says cannot be understood: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Redactor;

    #[tokio::test]
    async fn the_authorities_of_every_kind_travel_and_vantage_points_do_not() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, format!("the authority {name}")).unwrap();
            path.display().to_string()
        };
        let text = format!(
            "[platform]\nname='p'\n[[vantage]]\nname='v'\nreach={{ssh='v'}}\n\
             [[component]]\nname='db'\nkind='postgres'\npostgres={{ca='{}'}}\n\
             [[component]]\nname='cache'\nkind='redis'\nredis={{ca='{}'}}\n\
             [[component]]\nname='web'\nkind='http'\nhttp={{ca='{}'}}\n\
             [[component]]\nname='other'\nkind='http'\nhttp={{ca='/no/such/authority'}}\n\
             [[component]]\nname='file'\nkind='files'\naddress='/etc'",
            file("db"),
            file("cache"),
            file("web"),
        );
        let plan: Plan = toml::from_str(&text).unwrap();
        let means = Means::new(&Redactor::new(), tokio_util::sync::CancellationToken::new());
        let errand = Errand::of(&plan, to_be_asked(&plan, |_| true), true, &means).await;
        assert_eq!((errand.components.as_slice(), errand.plan.vantage.len()), ([0, 1, 2, 3].as_slice(), 0));
        let mut there: Errand = serde_json::from_str(&serde_json::to_string(&errand).unwrap()).unwrap();
        let far = tempfile::tempdir().unwrap();
        there.unpack(&means, far.path()).unwrap();
        for component in there.plan.component.iter_mut().take(3) {
            let name = component.name.clone();
            let path = component.authorities().next().unwrap();
            assert!(path.starts_with(far.path()), "{name}: {}", path.display());
            assert_eq!(std::fs::read_to_string(path).unwrap(), format!("the authority {name}"));
        }
        let missing = there.plan.component[3].authorities().next().cloned();
        assert_eq!(missing, Some(PathBuf::from("/no/such/authority")), "there it is told as missing too");
    }
}
