//! Everything the plan says, as JSON.

use serde_json::{Map, Value, json};

use crate::plan::types::Procedure;
use crate::plan::{Plan, timing};

/// Everything the plan says, without what it does not say, and what follows from it under `computed`.
pub fn complete(plan: &Plan) -> Result<Value, serde_json::Error> {
    let mut value = pruned(serde_json::to_value(plan)?);
    let procedures: Map<String, Value> =
        plan.procedure.iter().filter_map(|procedure| Some((procedure.name.clone(), computed(procedure)?))).collect();
    if let Value::Object(entries) = &mut value {
        entries.insert("computed".to_owned(), json!({ "procedure": procedures }));
    }
    Ok(value)
}

/// The longest way, and how long it is where any step says so.
fn computed(procedure: &Procedure) -> Option<Value> {
    let timing = timing(procedure)?;
    let steps = timing.path.steps.iter().filter_map(|index| procedure.step.get(*index));
    let names: Vec<&str> = steps.map(|step| step.name.as_str()).collect();
    let takes = (!timing.is_unknown()).then_some(timing.path.length);
    Some(pruned(json!({ "critical_path": names, "takes": takes, "steps_without_time": timing.untimed })))
}

fn pruned(value: Value) -> Value {
    match value {
        Value::Object(entries) => {
            let said = entries.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(said.map(|(key, value)| (key, pruned(value))).collect())
        }
        Value::Array(elements) => Value::Array(elements.into_iter().map(pruned).collect()),
        other => other,
    }
}
