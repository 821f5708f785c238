//! Lines that must not be overlooked: what makes the picture itself doubtful, the worst first.

use chrono::{DateTime, Utc};

use super::state::App;
use crate::console::{Action, Role, View, Zone};
use crate::text::Span;
use crate::watch::OwnNetwork;

/// A line that must not be overlooked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Banner {
    /// What it says.
    pub text: String,
    /// How loud.
    pub role: Role,
}

impl App {
    /// What must not be overlooked now. A frozen screen tells it as it is at this moment all the same.
    pub fn banners(&self) -> Vec<Banner> {
        let loud = |text: String| Banner { text, role: Role::Banner };
        let quiet = |text: String| Banner { text, role: Role::Degraded };
        let desk = &self.look.desk;
        let mut banners: Vec<Banner> = Vec::new();
        banners.extend(self.frozen().map(loud));
        if let OwnNetwork::Suspect { since } = desk.picture.network() {
            let since = self.time_of(since);
            banners.push(loud(format!("nobody can be reached since {since}: this host's own network is the suspect")));
        }
        banners.extend(self.faults.iter().map(|fault| loud(fault.clone())));
        let trouble = desk.record.trouble.as_ref();
        banners.extend(trouble.map(|trouble| loud(format!("the journal has trouble: {trouble}"))));
        if self.mistakes > 0 {
            let (count, check) = (counted(self.mistakes, "mistake"), &self.commands.check);
            banners.push(quiet(format!("the plan has {count}, and this is the rest of it; `{check}` shows them")));
        }
        banners.extend(
            desk.picture.lost_vantages().map(|(name, why)| quiet(format!("nothing is seen from {name}: {why}"))),
        );
        if let Some(bastion) = desk.bastion.as_ref().filter(|bastion| !bastion.failed.is_empty()) {
            let (failed, all) = (bastion.failed.len(), counted(bastion.checks, "check"));
            banners.push(quiet(format!("this bastion: {failed} of {all} failed; `{}`", self.commands.doctor)));
        }
        banners.extend(self.notices.first().map(|first| {
            let more = self.notices.len() - 1;
            let more = if more == 0 { String::new() } else { format!(" ({more} more under help)") };
            quiet(format!("{first}{more}"))
        }));
        banners
    }

    fn frozen(&self) -> Option<String> {
        let frozen = self.look.frozen.as_ref()?;
        let changed = frozen.desk.picture.all().zip(self.look.desk.picture.all());
        let changed = changed.filter(|(then, now)| then.verdict() != now.verdict()).count();
        let since = match changed {
            0 => String::new(),
            count => format!(", {} changed since", counted(count, "verdict")),
        };
        let age = minutes(Span::between(frozen.at, self.look.now));
        let key = self.keymap.keys(Action::Freeze).first();
        let key = key.map_or_else(String::new, |key| format!("; {key} goes on"));
        Some(format!("FROZEN: all of this is as of {}{age}{since}{key}", self.time_of(frozen.at)))
    }

    /// Frozen or not, seen from now.
    fn time_of(&self, at: DateTime<Utc>) -> String {
        let view = View { desk: &self.look.desk, now: self.look.now, zone: self.look.zone, theme: &self.look.theme };
        let zone = if self.look.zone == Zone::Utc { " UTC" } else { "" };
        format!("{}{zone}", view.moment(at))
    }
}

/// How long ago, in minutes: a second more is no reason to draw.
fn minutes(age: Span) -> String {
    let minutes = age.approx_millis() / 60_000;
    if minutes == 0 { String::new() } else { format!(", {} ago", Span::from_mins(minutes).brief()) }
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
