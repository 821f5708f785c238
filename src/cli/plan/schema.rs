//! `lifeboat plan schema`: every key of a plan with its meaning, as JSON Schema.

use crate::cli::{Context, Failure};
use crate::plan::Plan;
use crate::text::Exit;

/// Prints it; it is JSON with and without `--json`.
pub fn print(context: &Context) -> Result<Exit, Failure> {
    context.out().json(&schemars::schema_for!(Plan))?;
    Ok(Exit::Done)
}
