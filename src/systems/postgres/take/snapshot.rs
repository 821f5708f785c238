//! One moment of a database, kept for as long as it is dumped, and what is in it then.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio_postgres::Error;

use crate::plan::types::Component;
use crate::systems::contact::Contact;
use crate::systems::postgres::answers::{Answers, Row};
use crate::systems::postgres::login::Address;
use crate::systems::postgres::session::Session;
use crate::systems::postgres::trouble;
use crate::systems::take::TakeError;
use crate::text::Span;
use crate::vault::Account;

const RIGHTS: &str = "Give its login the role pg_read_all_data, and BYPASSRLS where rows are secured, or name one that has \
    them (`backup_as`).";
/// How long a server may take to let us in.
const LOGIN: Duration = Duration::from_secs(30);
/// How long it may take to tell of itself: how large a database of many files is takes a while.
const BEGINS: Duration = Duration::from_mins(3);

/// Nothing but our own patience ends it, nobody's function is called, and names are written in full.
const BEGIN: &str = "SET idle_in_transaction_session_timeout = 0; SET statement_timeout = 0; SET lock_timeout = '60s'; \
    BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL search_path = pg_catalog; SET LOCAL jit = off";

const ABOUT: &str = "SELECT pg_export_snapshot() AS snapshot, extract(epoch FROM clock_timestamp()) AS now, \
    current_setting('server_version') AS version, current_setting('server_version_num') AS number, \
    pg_is_in_recovery() AS standby, current_database() AS database, pg_encoding_to_char(d.encoding) AS encoding, \
    d.datcollate AS collation, d.datctype AS ctype, pg_database_size(d.oid) AS size, \
    (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END)::text AS lsn, \
    (SELECT string_agg(extname || ' ' || extversion, ', ' ORDER BY extname) FROM pg_extension) AS extensions \
    FROM pg_database d WHERE d.datname = current_database()";

/// The version of what sorts texts: indexes made under another one are wrong.
const SORTED_BY: &str = "SELECT pg_database_collation_actual_version(oid) AS version \
    FROM pg_database WHERE datname = current_database()";

/// The version of the C library's rules by which texts are sorted, whatever this database uses.
const LIBC: &str = "SELECT pg_collation_actual_version(oid) AS version FROM pg_collation \
    WHERE collprovider = 'c' AND pg_collation_actual_version(oid) IS NOT NULL LIMIT 1";

const SYSTEM: &str = "SELECT system_identifier FROM pg_control_system()";

/// Tables whose rows are dumped: nobody's own, and none that an extension brings along. A standby does not have the rows
/// of those that are not logged.
const TABLES: &str = "SELECT n.nspname || '.' || c.relname AS name, format('%I.%I', n.nspname, c.relname) AS quoted, \
    c.relpersistence = 'u' AND pg_is_in_recovery() AS away FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
    WHERE c.relkind = 'r' AND c.relpersistence <> 't' \
    AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)' \
    AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid \
      AND e.deptype = 'e') ORDER BY 1";

/// One moment of a database. It lasts as long as this does.
pub struct Snapshot {
    session: Session,
    /// By what others join it.
    pub id: String,
    /// The major version of the server.
    pub major: u32,
    /// The tables, and how SQL writes their names.
    tables: Vec<(String, String)>,
    account: Account,
}

impl Snapshot {
    /// The present moment.
    pub async fn begin(component: &Component, with: &Contact<'_>) -> Result<Snapshot, TakeError> {
        let address = Address::of(component)?;
        let opened = answered(component, LOGIN, address.open(component, with)).await?;
        let session = opened.map_err(|failure| failure.into_error(component))?;
        let begun = answered(component, BEGINS, begin(&session)).await?;
        let Begun { about, sorted_by, libc, system, tables } =
            begun.map_err(|error| asking(component, &error, &session))?;
        let Some((snapshot, about)) = about.first().and_then(|row| Some((row.text("snapshot")?.to_owned(), row)))
        else {
            return Err(TakeError::refused(component, "it gives no snapshot", "Look at its log."));
        };
        let versions = [("collation_version", sorted_by), ("libc_collation", libc)];
        let account = account(about, &versions, system.as_ref(), with.clock.now());
        let major = about.count("number").map_or(0, |number| u32::try_from(number / 10_000).unwrap_or(0));
        let named = |row: &Row| Some((row.text("name")?.to_owned(), row.text("quoted")?.to_owned()));
        let is_away = |row: &&Row| row.flag("away") == Some(true);
        let away = tables.rows(0).iter().filter(is_away).filter_map(|row| row.text("name"));
        let left_out =
            away.map(|name| format!("the rows of {name}: it is not logged, and a standby does not have them"));
        let account = Account { left_out: left_out.collect(), ..account };
        let tables = tables.rows(0).iter().filter(|row| !is_away(row)).filter_map(named).collect();
        Ok(Snapshot { id: snapshot, major, tables, account, session })
    }

    /// Where the same server answers.
    pub fn server(&self) -> Option<&(String, u16)> {
        self.session.server.as_ref()
    }

    /// How many rows each table has in this moment.
    pub async fn count(&self, component: &Component) -> Result<BTreeMap<String, u64>, TakeError> {
        let mut counts = BTreeMap::new();
        for (name, quoted) in &self.tables {
            let answer = self.session.simple(&format!("SELECT count(*) AS rows FROM ONLY {quoted}")).await;
            let answer = answer.map_err(|error| self.not_counted(component, name, &error))?;
            let rows = answer.first().and_then(|row| row.count("rows"));
            let rows =
                rows.ok_or_else(|| TakeError::refused(component, "it does not count its rows", "Look at its log."))?;
            counts.insert(name.clone(), rows);
        }
        Ok(counts)
    }

    /// Why a table was not counted. Who may not read it cannot dump it either, and is told something else then.
    fn not_counted(&self, component: &Component, table: &str, error: &Error) -> TakeError {
        match error.as_db_error().filter(|_| !trouble::is_dead(error)) {
            Some(said) => {
                let why = format!("it does not let us read {table}: {}", said.message());
                TakeError::refused(component, why, RIGHTS)
            }
            None => asking(component, error, &self.session),
        }
    }

    /// What is told of it, with the rows that are in it.
    pub fn account(self, counts: BTreeMap<String, u64>) -> Account {
        self.session.close();
        Account { counts, ..self.account }
    }
}

/// What it answers in time. A server that was stopped takes connections, and says nothing.
async fn answered<T>(component: &Component, most: Duration, asked: impl Future<Output = T>) -> Result<T, TakeError> {
    tokio::time::timeout(most, asked).await.map_err(|_| {
        let why = format!("it takes connections and says nothing for {}", Span::from(most));
        TakeError::refused(component, why, "Look whether its processes are stopped, or its disk hangs.")
    })
}

/// What was asked at the beginning.
struct Begun {
    about: Answers,
    sorted_by: Option<Answers>,
    libc: Option<Answers>,
    system: Option<Answers>,
    tables: Answers,
}

async fn begin(session: &Session) -> Result<Begun, Error> {
    session.simple(BEGIN).await?;
    let about = session.simple(ABOUT).await?;
    let sorted_by = optional(session, SORTED_BY).await?;
    let libc = optional(session, LIBC).await?;
    let system = if session.rights.control { optional(session, SYSTEM).await? } else { None };
    let tables = session.simple(TABLES).await?;
    Ok(Begun { about, sorted_by, libc, system, tables })
}

/// What an older server, or a lesser login, is not asked in vain: the transaction goes on.
async fn optional(session: &Session, question: &str) -> Result<Option<Answers>, Error> {
    session.simple("SAVEPOINT asked").await?;
    let answer = session.simple(question).await;
    let after = if answer.is_ok() { "RELEASE asked" } else { "ROLLBACK TO asked" };
    session.simple(after).await?;
    Ok(answer.ok())
}

fn asking(component: &Component, error: &Error, session: &Session) -> TakeError {
    trouble::contact(component, error, session).into()
}

fn account(about: &Row, versions: &[(&str, Option<Answers>)], system: Option<&Answers>, now: DateTime<Utc>) -> Account {
    let mut more = BTreeMap::new();
    let mut tell = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            more.insert(name.to_owned(), value.to_owned());
        }
    };
    for name in ["database", "encoding", "collation", "ctype", "lsn", "extensions", "size"] {
        tell(name, about.text(name));
    }
    for (name, answer) in versions {
        tell(name, answer.as_ref().and_then(|answer| answer.first()?.text("version")));
    }
    tell("role", Some(if about.flag("standby") == Some(true) { "standby" } else { "primary" }));
    Account {
        system: format!("PostgreSQL {}", about.word("version")),
        identity: system.and_then(|system| system.first()?.text("system_identifier").map(str::to_owned)),
        as_of: about.moment("now").or(Some(now)),
        about: more,
        ..Account::default()
    }
}
