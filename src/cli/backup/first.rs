//! The first recovery points of a lab: whatever its plan backs up, once, while its stores have none.

use std::time::Instant;

use super::{Args, Done};
use crate::cli::points::Choice;
use crate::cli::{Context, Failure, Output};
use crate::text::{Explain, Shape, Size, untrusted};
use crate::watch::Means;

/// Takes them, and tells of each on standard error; what fails is told and no failure of the lab.
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
    let everything = Args { all: true, ..Args::default() };
    let (_, is_called_off) = everything.take(plan, context, |done| {
        let after = begun.elapsed().as_secs_f64();
        context.out().note(format!("{after:5.1} s  {:21}  {}", Output::safe(&done.wanted.component.name), told(done)));
        Ok(())
    })?;
    if is_called_off {
        let rest = Output::safe(context.again(["backup", "--all"]));
        context.out().note(format!("lifeboat: the lab is up, its first backups were called off: `{rest}` takes them"));
        return Err(Failure::interrupted());
    }
    Ok(())
}

fn told(done: &Done<'_>) -> String {
    let text = match &done.result {
        Ok(delivered) => {
            let stores = delivered.stores.iter().map(|(store, written)| match written {
                Ok(bytes) => format!("{} into {store}", Size(*bytes).approx()),
                Err(error) => format!("missing in {store}: {error}"),
            });
            format!("first backup: {}", stores.collect::<Vec<_>>().join(", "))
        }
        Err(error) => format!("no first backup: {error}. {}", error.next_step()),
    };
    untrusted(&text, Shape::line(400))
}
