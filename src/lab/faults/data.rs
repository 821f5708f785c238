//! Faults of what the database holds: a table dropped, rows deleted, a reference broken.

use super::{Deed, guard};
use crate::lab::servers::postgres::{DATABASE, explain};
use crate::lab::{LabError, Site};

/// The table that was named, as the server writes it, or a large one that nothing refers to.
pub(super) async fn table(deed: &Deed<'_>, client: &tokio_postgres::Client) -> Result<String, LabError> {
    let failed = |error: tokio_postgres::Error| deed.failed(explain(&error));
    if !deed.target.is_empty() {
        let asked = "SELECT c.oid::regclass::text FROM pg_class c WHERE c.oid = to_regclass($1) AND c.relkind = 'r' \
                     AND c.relnamespace = 'public'::regnamespace";
        let found = client.query_opt(asked, &[&deed.target]).await.map_err(failed)?;
        if let Some(row) = found {
            return Ok(row.get(0));
        }
        let asked = "SELECT coalesce(string_agg(c.oid::regclass::text, ', ' ORDER BY c.relname), 'none') FROM pg_class c \
                     WHERE c.relkind = 'r' AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace";
        let tables: String = client.query_one(asked, &[]).await.map_err(failed)?.get(0);
        return Err(deed.failed(format!("there is no table {:?} of the platform; there are: {tables}", deed.target)));
    }
    let asked = "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
                 WHERE c.relkind = 'r' AND NOT c.relispartition \
                   AND n.nspname = 'public' \
                   AND NOT EXISTS (SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.confrelid = c.oid) \
                 ORDER BY pg_relation_size(c.oid) DESC LIMIT 1";
    let found = client.query_opt(asked, &[]).await.map_err(failed)?;
    found.map(|row| row.get(0)).ok_or_else(|| deed.failed("the database has no table"))
}

pub(super) async fn drop_table(deed: &mut Deed<'_>) -> Result<(), LabError> {
    let client = guard::postgres(deed.lab, Site::Primary, DATABASE).await?;
    let table = table(deed, &client).await?;
    deed.remember(format!("dropped the table {table}"), None)?;
    // The name is the server's own writing of it, quoted where that is needed.
    let done = client.batch_execute(&format!("DROP TABLE {table} CASCADE")).await;
    done.map_err(|error| deed.failed_whole(&error))
}

pub(super) async fn delete_rows(deed: &mut Deed<'_>) -> Result<(), LabError> {
    let client = guard::postgres(deed.lab, Site::Primary, DATABASE).await?;
    let table = table(deed, &client).await?;
    deed.remember(format!("deleted every second row of {table}"), None)?;
    let statement = format!(
        "DELETE FROM {table} WHERE ctid IN \
         (SELECT ctid FROM (SELECT ctid, row_number() OVER () AS number FROM {table}) AS rows WHERE number % 2 = 0)"
    );
    client.batch_execute(&statement).await.map_err(|error| deed.failed_whole(&error))
}

/// Deletes rows that others refer to, as a replica would, whose triggers do not look.
pub(super) async fn break_foreign_key(deed: &mut Deed<'_>) -> Result<(), LabError> {
    let client = guard::postgres(deed.lab, Site::Primary, DATABASE).await?;
    let asked = "SELECT k.conname::text, k.confrelid::regclass::text, format('DELETE FROM %1$s WHERE ctid = ANY(ARRAY(\
                 SELECT p.ctid FROM %1$s AS p WHERE EXISTS (SELECT FROM %2$s AS c WHERE %3$s) LIMIT 5))', \
                 k.confrelid::regclass, k.conrelid::regclass, \
                 (SELECT string_agg(format('p.%I = c.%I', p.attname, c.attname), ' AND ') \
                    FROM unnest(k.confkey, k.conkey) AS pair(theirs, ours) \
                    JOIN pg_attribute p ON p.attrelid = k.confrelid AND p.attnum = pair.theirs \
                    JOIN pg_attribute c ON c.attrelid = k.conrelid AND c.attnum = pair.ours)) \
                 FROM pg_constraint k WHERE k.contype = 'f' AND k.confrelid <> k.conrelid AND k.conparentid = 0 \
                   AND k.connamespace = 'public'::regnamespace \
                   AND ($1 = '' OR k.conrelid = to_regclass(NULLIF($1, ''))) \
                 ORDER BY pg_relation_size(k.conrelid) DESC LIMIT 1";
    let failed = |error: tokio_postgres::Error| explain(&error);
    let found = client.query_opt(asked, &[&deed.target]).await.map_err(|error| deed.failed(failed(error)))?;
    let Some(row) = found else { return Err(deed.failed("there is no such foreign key")) };
    let (key, parent, delete): (String, String, String) = (row.get(0), row.get(1), row.get(2));
    deed.remember(format!("deleted rows of {parent} past the foreign key {key}"), None)?;
    let statement = format!("BEGIN; SET LOCAL session_replication_role = replica; {delete}; COMMIT");
    client.batch_execute(&statement).await.map_err(|error| deed.failed_whole(&error))
}
