//! Looking at indexes and tables with the server's own `amcheck`, a few at a time: after some hours all that are not
//! too large have been looked at.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;
use tokio_postgres::Error;
use tokio_postgres::types::Type;

use super::rare::ask;
use super::session::Session;
use super::trouble::{self, damage, quoted};
use crate::plan::facts::Value;
use crate::systems::probe::Told;

/// How long may be looked at indexes, and at tables, each time.
const TIME: Duration = Duration::from_secs(3);
/// How long one of them may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// Who has more pages than this is not looked at: 100 MB is read from disk in a moment.
const LARGEST: u64 = 12_800;
/// How many are listed at once.
const AT_ONCE: usize = 300;

/// Whether it is there, and what this login may do with it.
const EXTENSION: &str = "SELECT format('%I', n.nspname) AS schema, \
    has_function_privilege(to_regprocedure(format('%I.bt_index_check(regclass)', n.nspname))::oid, 'EXECUTE') \
      AS indexes, \
    has_function_privilege(to_regprocedure(format('%I.verify_heapam(regclass,boolean,boolean,text,bigint,bigint)', \
      n.nspname))::oid, 'EXECUTE') AS tables \
    FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'amcheck'";

/// What has been looked at so far.
#[derive(Debug, Default)]
pub struct LookedAt {
    indexes: Round,
    tables: Round,
}

/// What has been looked at of one sort.
#[derive(Debug, Default)]
struct Round {
    /// Why it cannot be looked at.
    barred: Option<&'static str>,
    /// The last one that was looked at, by its number.
    last: u32,
    /// How many were looked at in this round, and in the one before.
    count: u64,
    whole: Option<u64>,
    /// What is damaged, by its number.
    damaged: BTreeMap<u32, Damaged>,
}

#[derive(Debug)]
struct Damaged {
    name: String,
    what: String,
    /// It was among those listed in this round.
    listed: bool,
}

/// Indexes, or tables.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Indexes,
    Tables,
}

/// Looks at some more.
pub async fn look(looked_at: &mut LookedAt, session: &Session) -> Result<(), Error> {
    let answers = ask(session, EXTENSION).await?.ok();
    let Some(row) = answers.as_ref().and_then(|answers| answers.first()) else {
        looked_at.indexes.barred = Some("the extension amcheck is not installed");
        looked_at.tables.barred = looked_at.indexes.barred;
        return Ok(());
    };
    let bar = |allowed: Option<bool>| match allowed {
        Some(true) => None,
        Some(false) => Some("this login may not use amcheck"),
        None => Some("this version of amcheck cannot look at it"),
    };
    looked_at.indexes.barred = bar(row.flag("indexes"));
    looked_at.tables.barred = bar(row.flag("tables"));
    looked_at.indexes.go_on(Sort::Indexes, row.word("schema"), session).await?;
    looked_at.tables.go_on(Sort::Tables, row.word("schema"), session).await
}

impl Sort {
    /// Those that come next, in the order of their numbers.
    fn next(self, after: u32) -> String {
        let which = match self {
            Sort::Indexes => {
                "c.relkind = 'i' AND EXISTS (SELECT FROM pg_index i JOIN pg_am a ON a.oid = c.relam \
                 WHERE i.indexrelid = c.oid AND i.indisvalid AND i.indisready AND a.amname = 'btree')"
            }
            Sort::Tables => "c.relkind IN ('r', 't', 'm')",
        };
        format!(
            "SELECT c.oid, n.nspname || '.' || c.relname AS name FROM pg_class c \
             JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {which} AND c.relpersistence <> 't' \
             AND c.oid > {after} AND c.relpages <= {LARGEST} ORDER BY c.oid LIMIT {AT_ONCE}"
        )
    }

    fn question(self, schema: &str) -> String {
        match self {
            Sort::Indexes => format!("SELECT {schema}.bt_index_check($1::oid::regclass)::text"),
            Sort::Tables => format!("SELECT msg FROM {schema}.verify_heapam($1::oid::regclass) LIMIT 1"),
        }
    }
}

impl Round {
    async fn go_on(&mut self, sort: Sort, schema: &str, session: &Session) -> Result<(), Error> {
        if self.barred.is_some() {
            return Ok(());
        }
        let begun = Instant::now();
        let Ok(answers) = ask(session, &sort.next(self.last)).await? else { return Ok(()) };
        let rows = answers.rows(0);
        let question = sort.question(schema);
        for row in rows {
            if begun.elapsed() > TIME {
                return Ok(());
            }
            let Some(oid) = row.count("oid").and_then(|oid| u32::try_from(oid).ok()) else { continue };
            match look_at(oid, sort, &question, session).await? {
                Found::Nothing => drop(self.damaged.remove(&oid)),
                Found::Damage(what) => {
                    let name = row.word("name").to_owned();
                    self.damaged.insert(oid, Damaged { name, what, listed: true });
                }
                Found::Unknown => {
                    if let Some(known) = self.damaged.get_mut(&oid) {
                        known.listed = true;
                    }
                }
            }
            self.last = oid;
            self.count += 1;
        }
        if rows.len() < AT_ONCE {
            self.whole = Some(self.count);
            (self.last, self.count) = (0, 0);
            // What was not even listed is gone.
            self.damaged.retain(|_, known| std::mem::take(&mut known.listed));
        }
        Ok(())
    }

    fn looked(&self) -> bool {
        self.barred.is_none() && (self.count > 0 || self.whole.is_some())
    }
}

/// What was found of one of them.
enum Found {
    Nothing,
    Damage(String),
    /// It was locked, took too long, or is gone.
    Unknown,
}

async fn look_at(oid: u32, sort: Sort, question: &str, session: &Session) -> Result<Found, Error> {
    match session.ask_one(question, &[(&oid, Type::OID)], PATIENCE).await {
        Ok(rows) => {
            let found = rows.first().and_then(|row| row.try_get::<_, Option<String>>(0).ok().flatten());
            Ok(found.filter(|_| sort == Sort::Tables).map_or(Found::Nothing, |what| Found::Damage(quoted(&what))))
        }
        Err(error) if trouble::is_dead(&error) => Err(error),
        Err(error) => {
            let said = error.as_db_error().filter(|said| damage(said.code().code()).is_some());
            Ok(said.map_or(Found::Unknown, |said| Found::Damage(quoted(said.message()))))
        }
    }
}

impl LookedAt {
    /// How many are damaged, of those that were looked at; `None` if none were.
    pub fn damaged(&self) -> Option<u64> {
        let sorts = [&self.indexes, &self.tables].into_iter().filter(|round| round.looked());
        sorts.map(|round| round.damaged.len() as u64).reduce(|some, more| some + more)
    }
}

/// Says what was found.
pub fn told(looked_at: &LookedAt, told: &mut Told) {
    let mut coverage = Vec::new();
    let sorts = [
        ("damaged_indexes", "indexes", "Damaged indexes", &looked_at.indexes),
        ("damaged_tables", "tables", "Damaged tables", &looked_at.tables),
    ];
    for (fact, sort, title, round) in sorts {
        match round.barred {
            Some(why) => told.facts.hide(fact, why),
            None if round.looked() => told.facts.set(fact, Value::Count(round.damaged.len() as u64)),
            None => told.facts.hide(fact, "none was looked at yet"),
        }
        if !round.damaged.is_empty() {
            let rows = round.damaged.values().map(|damaged| vec![damaged.name.clone(), damaged.what.clone()]);
            told.facts.list(title, &["name", "what was found"], rows.collect());
        }
        if round.looked() {
            let whole = round.whole.map_or_else(|| "not all yet".to_owned(), |count| Value::Count(count).to_string());
            coverage.push(vec![sort.to_owned(), Value::Count(round.count).to_string(), whole]);
        }
    }
    if !coverage.is_empty() {
        told.facts.list("Looked at with amcheck", &["what", "in this round", "in the whole one before"], coverage);
    }
}
