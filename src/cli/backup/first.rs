//! The first recovery points of a lab: one round over the jobs of its plan, while its stores have none.

use std::time::Instant;

use super::due::in_brief;
use super::{Args, Tools};
use crate::cli::points::Choice;
use crate::cli::{Context, Failure, Output};
use crate::watch::Means;

/// Runs whatever its schedule has missed until now, and tells of each job on standard error; what fails is told and no
/// failure of the lab.
pub(in crate::cli) fn first(context: &Context) -> Result<(), Failure> {
    let plan = context.plan()?;
    let (catalogue, _) = context.block_on(async |stop| {
        let means = Means::new(context.redactor(), stop);
        Choice::default().look_into(plan, means.contact().secrets, None).await
    })?;
    if !catalogue.points.is_empty() {
        return Ok(());
    }
    let begun = Instant::now();
    let (_, is_called_off) = Args::default().round(plan, &Tools::open(plan, context)?, context, |said| {
        if let Some(told) = in_brief(said) {
            context.out().note(format!("{:5.1} s  {told}", begun.elapsed().as_secs_f64()));
        }
        Ok(())
    })?;
    if is_called_off {
        let rest = Output::safe(context.again(["backup", "--due"]));
        context.out().note(format!("lifeboat: the lab is up, its first backups were called off: `{rest}` takes them"));
        return Err(Failure::interrupted());
    }
    Ok(())
}
