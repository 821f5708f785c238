//! The database of the world: its schema and its rows.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{Login, WorldError};

const SCHEMA: &str = include_str!("../../../assets/lab/schema.sql");
const ROWS: &str = include_str!("../../../assets/lab/rows.sql");
/// How many runs there are at scale 1; about nine further rows belong to each.
const RUNS: f64 = 12_000.0;
const FEWEST: f64 = 100.0;
const NAME: &str = "lifeboat lab";

/// How many of each thing there are.
pub type Counts = BTreeMap<String, u64>;

/// Makes the schema in an empty database. `login` has to be that of a superuser, because roles are made too.
pub async fn create_schema(login: &Login) -> Result<(), WorldError> {
    let client = login.postgres(NAME).await?;
    client.batch_execute(SCHEMA).await.map_err(WorldError::postgres("make the schema"))
}

/// Fills the schema: all rows or none. The same scale and time give the same rows.
pub async fn fill(login: &Login, scale: f64, now: DateTime<Utc>) -> Result<Counts, WorldError> {
    let client = login.postgres(NAME).await?;
    let runs = (RUNS * scale).max(FEWEST).round();
    let now = now.format("%Y-%m-%dT%H:%M:%SZ");
    let settings = format!("SET LOCAL lab.runs = '{runs}'; SET LOCAL lab.now = '{now}'; SET LOCAL TIME ZONE 'UTC';");
    let script = format!("BEGIN; {settings}\n{ROWS}\nCOMMIT;");
    client.batch_execute(&script).await.map_err(WorldError::postgres("load the rows"))?;
    count(login).await
}

/// Counts the rows of every table, partitions with the table they belong to.
pub async fn count(login: &Login) -> Result<Counts, WorldError> {
    let failed = WorldError::postgres("count the rows");
    let client = login.postgres(NAME).await?;
    let tables = "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                  WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1";
    let mut counts = Counts::new();
    for row in client.query(tables, &[]).await.map_err(&failed)? {
        let table: String = row.get(0);
        let quoted = table.replace('"', "\"\"");
        let one = client.query_one(&format!("SELECT count(*) FROM public.\"{quoted}\""), &[]).await.map_err(&failed)?;
        counts.insert(table, u64::try_from(one.get::<_, i64>(0)).unwrap_or(0));
    }
    Ok(counts)
}
