//! What a system keeps itself of a recovery point: it is asked each time, as it may be deleted there while the files
//! that speak of it stay as they are.

use tokio::sync::OnceCell;

use super::Verified;
use crate::plan::Plan;
use crate::protect::keepers::Keepers;
use crate::systems::Contact;
use crate::systems::artefact::Look;
use crate::vault::{Copied, Deposit, Point, Receipt};

/// Whoever keeps something itself, and what was learnt there so far.
pub(super) struct Asked<'a> {
    keepers: Keepers<'a>,
    /// Copies in several stores speak of the same.
    looks: Vec<(Deposit, OnceCell<Look>)>,
}

impl<'a> Asked<'a> {
    /// Nobody is asked yet.
    pub fn of(plan: &'a Plan, points: &[&Point]) -> Asked<'a> {
        let mut looks: Vec<(Deposit, OnceCell<Look>)> = Vec::new();
        for deposit in points.iter().flat_map(|point| &point.copies).filter_map(kept) {
            if !looks.iter().any(|(known, _)| *known == deposit) {
                looks.push((deposit, OnceCell::new()));
            }
        }
        Asked { keepers: Keepers::of(plan), looks }
    }

    /// Asks about a copy whose own files are whole, and says of it what comes of that. Whether that is another thing
    /// than what was found before.
    pub async fn judge(&self, verified: &mut Verified<'_>, copied: &Copied, is_deep: bool, with: &Contact<'_>) -> bool {
        let Some(first) = verified.files.first().filter(|_| verified.is_whole()) else { return false };
        let Some((deposit, cell)) = kept(copied).and_then(|kept| self.looks.iter().find(|(known, _)| *known == kept))
        else {
            return false;
        };
        let look = cell.get_or_init(|| self.look(verified.point, copied, deposit, is_deep, with)).await.clone();
        let is_news = !verified.is_remembered || look_differs(&first.look, &look);
        if is_news {
            verified.is_remembered = false;
            if let Some(first) = verified.files.first_mut() {
                first.look = look;
            }
        }
        is_news
    }

    async fn look(&self, point: &Point, copied: &Copied, deposit: &Deposit, is_deep: bool, with: &Contact<'_>) -> Look {
        let not_looked = |why: String| Look::NotLooked(format!("its snapshot {deposit} was not looked at: {why}"));
        let Some(component) = &point.component else {
            return not_looked("it is of no component of this plan".to_owned());
        };
        let Some(manifest) = copied.manifest() else { return not_looked("it has no manifest".to_owned()) };
        match self.keepers.get(component, with).await {
            Err(why) => not_looked(why),
            Ok(system) => match system.look(deposit, &manifest.source, is_deep).await {
                Look::NotLooked(why) => not_looked(why),
                look => look,
            },
        }
    }
}

/// What its system keeps, where this copy tells of such a thing.
pub(super) fn kept(copied: &Copied) -> Option<Deposit> {
    copied.manifest()?.source.kept_by_system()
}

/// What was found before, as far as that is good enough. A flaw of what the system keeps may have been mended there.
pub(super) fn is_good_enough(receipt: &Receipt, copied: &Copied) -> bool {
    receipt.whole || kept(copied).is_none()
}

fn look_differs(before: &Look, now: &Look) -> bool {
    std::mem::discriminant(before) != std::mem::discriminant(now)
}
