//! Which recovery points are shown.

use std::collections::HashSet;
use std::time::Duration;

use clap::builder::PossibleValuesParser;

use crate::cli::Failure;
use crate::cli::status::unknown;
use crate::plan::types::{Store, StoreKind};
use crate::plan::{Plan, nearest, subject_matches};
use crate::reach::Secrets;
use crate::text::{Clock, Exit, Explain, Span, SystemClock};
use crate::vault::{Cache, Catalogue, Point, Sort, Unseen, look};

/// How long a store may take to be looked through; a network drive may hang.
const PATIENCE: Duration = Duration::from_secs(15);

/// Which recovery points are shown.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Choice {
    /// Only of these components, in these folders of a store, or these recovery points; `*` stands for any part of a name
    #[arg(value_name = "COMPONENT|POINT")]
    what: Vec<String>,
    /// Only what lies in this store; may be repeated
    #[arg(long = "in", value_name = "STORE")]
    store: Vec<String>,
    /// Only what holds this; may be repeated
    #[arg(long, value_name = "SORT", value_parser = PossibleValuesParser::new(Sort::ALL.map(Sort::word)))]
    sort: Vec<String>,
    /// Only what was taken so long ago at most: 7d, 12h
    #[arg(long, value_name = "AGE")]
    newer_than: Option<Span>,
    /// Only what was taken so long ago at least
    #[arg(long, value_name = "AGE")]
    older_than: Option<Span>,
    /// Only what one would restore from, and was taken before anything of its component is tainted
    #[arg(long)]
    clean: bool,
    /// Only the newest so many
    #[arg(long, short = 'n', value_name = "COUNT")]
    last: Option<usize>,
}

impl Choice {
    /// Looks into the chosen stores. Those that the plan does not know are told, with what may have been meant.
    pub async fn look_into(
        &self,
        plan: &Plan,
        secrets: &Secrets,
        cache: Option<&Cache>,
    ) -> Result<(Catalogue, Vec<Unseen>), Failure> {
        let names = || plan.store.iter().map(|store| store.name.as_str());
        if let Some(name) = self.store.iter().find(|name| !names().any(|known| known == *name)) {
            return Err(unknown("store", name, names()));
        }
        let (listings, unseen) = look(plan, |store| self.is_in(store), PATIENCE, secrets, cache).await;
        Ok((Catalogue::of(plan, listings), unseen))
    }

    /// Whether it is looked for in this store. What git keeps are no recovery points.
    pub fn is_in(&self, store: &Store) -> bool {
        match self.store.as_slice() {
            [] => store.kind != StoreKind::Git,
            chosen => chosen.contains(&store.name),
        }
    }

    /// Those that were chosen, the newest first.
    pub fn of<'c>(&self, catalogue: &'c Catalogue) -> Result<Vec<&'c Point>, Failure> {
        for name in &self.what {
            if !catalogue.points.iter().any(|point| is_named(name, point)) {
                return Err(NoSuchPoint::among(catalogue, name).into());
            }
        }
        let now = SystemClock.now();
        let is_chosen = |point: &&Point| {
            let age = Span::between(point.taken, now);
            (self.what.is_empty() || self.what.iter().any(|name| is_named(name, point)))
                && (self.sort.is_empty() || point.sorts.iter().any(|sort| self.sort.iter().any(|it| it == sort.word())))
                && self.newer_than.is_none_or(|most| age <= most)
                && self.older_than.is_none_or(|least| age >= least)
                && (!self.clean || (catalogue.is_clean(point) && point.is_full()))
        };
        Ok(catalogue.points.iter().filter(is_chosen).take(self.last.unwrap_or(usize::MAX)).collect())
    }

    /// Where only clean ones were asked for: what would be chosen otherwise of components that have none among these.
    pub fn unclean<'c>(&self, catalogue: &'c Catalogue, clean: &[&Point]) -> Result<Vec<&'c Point>, Failure> {
        if !self.clean {
            return Ok(Vec::new());
        }
        let all = Choice { clean: false, last: None, ..self.clone() }.of(catalogue)?;
        let of_clean: HashSet<Option<&str>> = clean.iter().map(|point| point.component.as_deref()).collect();
        Ok(all.into_iter().filter(|point| !of_clean.contains(&point.component.as_deref())).collect())
    }

    /// Whether nothing was left out by a word.
    pub fn is_everything(&self) -> bool {
        let Choice { what, store, sort, newer_than, older_than, clean, last } = self;
        what.is_empty()
            && store.is_empty()
            && sort.is_empty()
            && newer_than.is_none()
            && older_than.is_none()
            && !clean
            && last.is_none()
    }

    /// The only one, where it was named in full.
    pub fn one<'c>(&self, chosen: &[&'c Point]) -> Option<&'c Point> {
        match (self.what.as_slice(), chosen) {
            ([name], [point]) if *name == point.id => Some(point),
            _ => None,
        }
    }
}

fn is_named(name: &str, point: &Point) -> bool {
    let folder = point.id.split_once('/').map(|(folder, _)| folder);
    subject_matches(name, &point.id)
        || [point.component.as_deref(), folder].into_iter().flatten().any(|known| subject_matches(name, known))
}

/// Nothing is called what was named.
#[derive(Debug, thiserror::Error)]
#[error("there is no recovery point {name:?}, and none of a component of that name")]
pub struct NoSuchPoint {
    name: String,
    near: Option<String>,
}

impl NoSuchPoint {
    /// Nothing there is called this.
    pub fn among(catalogue: &Catalogue, name: &str) -> NoSuchPoint {
        let points = &catalogue.points;
        let components = points.iter().filter_map(|point| point.component.as_deref());
        let known = components.chain(points.iter().map(|point| point.id.as_str()));
        NoSuchPoint { name: name.chars().take(120).collect(), near: nearest(name, known).map(str::to_owned) }
    }
}

impl Explain for NoSuchPoint {
    fn next_step(&self) -> String {
        let near = self.near.as_ref().map(|near| format!("did you mean \"{near}\"? ")).unwrap_or_default();
        format!("{near}`lifeboat points` shows what there is.")
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }
}
