//! How large it is, and what is in it.

use tokio_postgres::Error;

use super::answers::{Answers, Row};
use super::rare::{Asked, ask};
use super::session::Session;
use crate::plan::facts::Value;
use crate::systems::probe::Told;
use crate::text::Size;

const SIZE: &str = "SELECT pg_database_size(current_database()) AS size";

/// Nobody's own tables.
const OURS: &str = "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'";

/// Everything about the tables of the database, as its own statistics estimate it.
pub async fn told(session: &Session, told: &mut Told) -> Result<(), Error> {
    let size = ask(session, SIZE).await?;
    one(&size, "size", told, |row| row.count("size").map(|bytes| Value::Size(Size(bytes))));
    let sums = format!(
        "SELECT count(*) FILTER (WHERE NOT relispartition) AS tables, \
         sum(greatest(reltuples, 0)) FILTER (WHERE relkind = 'r')::bigint AS rows \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE relkind IN ('r', 'p') AND {OURS}"
    );
    let sums = ask(session, &sums).await?;
    one(&sums, "tables", told, |row| row.count("tables").map(Value::Count));
    one(&sums, "rows", told, |row| Some(Value::Count(row.count("rows").unwrap_or_default())));
    largest(&ask(session, &largest_tables()).await?, told);
    let invalid = ask(session, &invalid_indexes()).await?;
    one(&invalid, "invalid_indexes", told, |row| row.count("all").map(Value::Count));
    if let Ok(answers) = &invalid {
        let rows: Vec<_> = answers.rows(1).iter().map(|row| texts(row, &["name", "table"])).collect();
        if !rows.is_empty() {
            told.facts.list("Invalid indexes", &["index", "table"], rows);
        }
    }
    if let Ok(answers) = &ask(session, NOT_VALIDATED).await? {
        let rows: Vec<_> = answers.rows(0).iter().map(|row| texts(row, &["name", "table", "kind"])).collect();
        if !rows.is_empty() {
            told.facts.list("Constraints that were never checked", &["constraint", "table", "kind"], rows);
        }
    }
    Ok(())
}

/// A fact from the only row of an answer, or why there is none.
fn one(asked: &Asked, fact: &'static str, told: &mut Told, value: impl Fn(&Row) -> Option<Value>) {
    match asked {
        Ok(answers) => told.facts.set_some(fact, answers.first().and_then(value)),
        Err(why) => told.facts.hide(fact, why.clone()),
    }
}

fn texts(row: &Row, columns: &[&str]) -> Vec<String> {
    columns.iter().map(|column| row.word(column).to_owned()).collect()
}

/// By the pages that the last vacuum counted: no file is looked at and no lock is waited for.
fn largest_tables() -> String {
    format!(
        "SELECT l.name, (l.relpages + coalesce(t.relpages, 0) + coalesce(i.pages, 0)) * \
         current_setting('block_size')::bigint AS size, nullif(l.reltuples, -1)::bigint AS rows FROM \
         (SELECT c.oid, n.nspname || '.' || c.relname AS name, c.relpages, c.reltuples, c.reltoastrelid \
           FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
           WHERE c.relkind = 'r' AND {OURS} ORDER BY c.relpages DESC, c.relname LIMIT 10) l \
         LEFT JOIN pg_class t ON t.oid = l.reltoastrelid \
         LEFT JOIN LATERAL (SELECT sum(x.relpages) FROM pg_index p JOIN pg_class x ON x.oid = p.indexrelid \
           WHERE p.indrelid = l.oid) AS i(pages) ON true ORDER BY size DESC"
    )
}

fn largest(asked: &Asked, told: &mut Told) {
    let rows = asked.as_ref().map(|answers: &Answers| answers.rows(0)).unwrap_or_default();
    if rows.is_empty() {
        return;
    }
    let table = rows.iter().map(|row| {
        let size = row.count("size").map_or_else(String::new, |bytes| Size(bytes).approx());
        let count = row.count("rows").map_or_else(String::new, |rows| Value::Count(rows).to_string());
        vec![row.word("name").to_owned(), size, count]
    });
    told.facts.list("Largest tables", &["table", "size", "rows"], table.collect());
}

/// One that is being built at this moment is not invalid yet.
fn invalid_indexes() -> String {
    let from = "FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
                WHERE NOT (i.indisvalid AND i.indisready) AND c.relkind = 'i' AND NOT EXISTS \
                (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid)";
    format!(
        "SELECT count(*) AS all {from}; \
         SELECT n.nspname || '.' || c.relname AS name, i.indrelid::regclass AS table {from} ORDER BY 1 LIMIT 200"
    )
}

const NOT_VALIDATED: &str = "SELECT conname AS name, conrelid::regclass AS table, \
    CASE contype WHEN 'f' THEN 'foreign key' WHEN 'c' THEN 'check' ELSE contype::text END AS kind \
    FROM pg_constraint WHERE NOT convalidated ORDER BY 1 LIMIT 200";
