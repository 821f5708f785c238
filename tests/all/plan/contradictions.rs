//! What `plan check` must find in the plans that come with the program: the places where the source
//! documents contradict themselves. Each is named by its rule, by what is underlined first, and by a
//! part of what is said.

use chrono::{DateTime, Utc};
use lifeboat::plan::beginning::Shipped;
use lifeboat::plan::{Finding, Level, Loaded, assemble, check};

/// The day after the orchestrator's plan was finished.
fn now() -> DateTime<Utc> {
    "2024-11-19T12:00:00Z".parse().unwrap()
}

fn loaded(name: &str) -> Loaded {
    assemble(Shipped::named(name).unwrap().files(now().date_naive()), Vec::new())
}

/// A contradiction: rule, the text that is underlined first, and a part of the message.
type Contradiction = (&'static str, &'static str, &'static str);

const ORCHESTRATOR: [Contradiction; 38] = [
    // Named in so many words: steps and total, availability, the two costs of an hour.
    ("total", "total = \"30min\"", "the steps of restore-queues add up to 35min, not to 30min"),
    ("availability", "downtime_per_year = \"22min\"", "99.95% allows 4h 23min of downtime a year, not 22min"),
    ("downtime-cost", "downtime_cost_per_hour = 50_000", "EUR 50,000 here and EUR 45,000 there"),
    (
        "stated-otherwise",
        "downtime_cost_per_hour = 50_000",
        "and 45000 in Disaster Recovery Implementation Summary (002)",
    ),
    // Applications may be away for two hours, in the class that is back within one.
    ("priority-rto", "rto = \"2h\"", "application may be away for 2h, and everything in critical is back within 1h"),
    // Verification at 03:00 of uploads at 04:00.
    (
        "verify-before-upload",
        "cron = \"0 3 * * *\"",
        "redis-upload, rabbitmq-messages, rabbitmq-upload, config-archive and config-upload",
    ),
    // Local storage of 7 and of 30 days; clean-ups over 30 days on the tier of seven.
    (
        "stated-otherwise",
        "age = \"7d\"",
        "`keep.age` of local is 7d here, and 30d in Enterprise Disaster Recovery Plan (003)",
    ),
    ("clean-up", "older_than = \"30d\"", "redis-cleanup throws away after 30d what local keeps for 7d"),
    ("clean-up", "older_than = \"30d\"", "rabbitmq-cleanup throws away after 30d what local keeps for 7d"),
    ("clean-up", "older_than = \"14d\"", "config-cleanup throws away after 14d"),
    // Daily definitions and message dumps for an hour; hourly snapshots of Redis for a quarter.
    ("rpo", "rpo = \"1h\"", "message-queue-data may lose more than 25h, and its RPO is 1h"),
    ("rpo", "rpo = \"15min\"", "session-data may lose 1h 8min, and its RPO is 15min"),
    ("rpo", "rpo = \"1h\"", "agent-state may lose 1h 5min, and its RPO is 1h"),
    ("rpo", "rpo = \"24h\"", "audit-logs may lose more than 24h, and its RPO is 24h"),
    // Sunday at 00:00 and at 01:00.
    ("same-work-twice", "cron = \"0 1 * * 0\"", "postgres-weekly-verification and weekly-restore-test"),
    // What nobody asked for by name, and the documents contain all the same.
    (
        "stated-otherwise",
        "rpo = \"24h\"",
        "`rpo` of audit-logs is 24h here, and 7d in RTO/RPO Analysis & Definition (000) and in Disaster Recovery \
         Implementation Summary (002)",
    ),
    ("stated-otherwise", "age = \"90d\"", "60d in Enterprise Disaster Recovery Plan (003), drawing of the backups"),
    ("retention-store", "local = \"30d\"", "audit-logs is to be kept in local for 30d, and local keeps 7d"),
    ("retention-store", "local = \"14d\"", "configuration is to be kept in local for 14d, and local keeps 7d"),
    ("retention-store", "offsite = \"1y\"", "audit-logs is to be kept in offsite for 1y, and offsite keeps 90d"),
    ("wal-base", "base = \"postgres-daily\"", "postgres-wal cannot be replayed onto postgres-daily, which is a dump"),
    ("not-in-store", "\"postgres-wal\"", "its copies never reach offsite"),
    ("store-size", "size = \"300GB\"", "local has room for 300GB"),
    ("over-limit", "size = \"20GB\"", "redis holds 20GB, and its limit is 512MB"),
    ("fills-up", "growth = \"10MB/month\"", "redis is full on 2025-05-25: 450MB of 512MB"),
    ("proof-too-short", "duration = \"30min\"", "a restore of postgres takes 35min"),
    ("rto", "name = \"restore-redis\"", "restore-redis takes 30min, and redis-complete-loss leaves 15min"),
    ("rto", "name = \"recover-from-archive\"", "recover-from-archive takes 13h 15min, and postgres leaves 1h"),
    ("thaw", "from = \"archive\"", "waits 12h for archive to thaw, and postgres leaves 1h"),
    // Ways out that go back further than their scenarios allow.
    ("scenario-rpo", "rpo = \"1h\"", "1h of session-data to be lost, and fail-over-to-dr goes back to redis-upload"),
    (
        "scenario-rpo",
        "rpo = \"1h\"",
        "1h of message-queue-data to be lost, and fail-over-to-dr goes back to rabbitmq-upload",
    ),
    (
        "scenario-rpo",
        "rpo = \"1h\"",
        "database-loss allows 1h of agent-state to be lost, and restore-postgres goes back to postgres-daily",
    ),
    (
        "scenario-rpo",
        "rpo = \"1h\"",
        "cascading-failure allows 1h of agent-state to be lost, and recover-platform goes back to postgres-daily",
    ),
    (
        "scenario-rpo",
        "rpo = \"7d\"",
        "recover-from-archive goes back to postgres-monthly-archive, which may lose more than 31d",
    ),
    ("break-even", "break_even = \"6 months\"", "saves EUR 12,450 in a mean year"),
    ("storage-cost", "per_month = 25.0", "600GB in archive cost 2.40 a month, not 25.00"),
    ("unsigned", "role = \"cio\"", "vp-engineering"),
    ("unfilled-variable", "{aws_account}", "nothing fills {aws_account} in support-case"),
];

const FACTORY: [Contradiction; 8] = [
    // Nothing may be lost, and an hour, a quarter of an hour, five minutes may.
    ("no-data-loss", "no_data_loss = true", "data-center-failure promises that nothing is lost, and allows 1h"),
    ("no-data-loss", "no_data_loss = true", "database-corruption promises that nothing is lost, and allows 15min"),
    ("no-data-loss", "no_data_loss = true", "application-failure promises that nothing is lost, and allows 5min"),
    ("rpo", "rpo = \"1h\"", "configuration may lose more than 24h"),
    ("platform-rto", "rto = \"8h\"", "security-breach may take 8h, and the whole platform only 4h"),
    ("retention-wal", "age = \"24h\"", "transaction-logs is kept for 24h"),
    (
        "scenario-rpo",
        "rpo = \"immediate\"",
        "contain-and-rebuild goes back to full-backup, which may lose more than 24h",
    ),
    ("wal-lag", "continuous = true", "transaction-logs does not say for how long WAL may lie on its server"),
];

const FRAMEWORK: [Contradiction; 2] = [
    // Snapshots every quarter of an hour, for a quarter of an hour.
    ("rpo", "rpo = \"15min\"", "memory-store may lose more than 15min, and its RPO is 15min"),
    // Queues are in scope, and no backup is.
    ("unprotected-component", "name = \"queues\"", "no [[data]] says what queues keeps"),
];

fn underlined<'l>(loaded: &'l Loaded, finding: &Finding) -> Option<&'l str> {
    let (place, _) = finding.places.first()?;
    loaded.sources.get(place.file)?.text.get(place.start..place.end)
}

fn must_find(name: &str, contradictions: &[Contradiction]) {
    let loaded = loaded(name);
    let found = check(&loaded, now());
    let told: Vec<_> = found
        .iter()
        .map(|finding| (finding.rule, underlined(&loaded, finding).unwrap_or(""), &finding.message))
        .collect();
    for (rule, text, says) in contradictions {
        let is_it = |told: &&(&str, &str, &String)| told.0 == *rule && told.1 == *text && told.2.contains(says);
        assert_eq!(told.iter().filter(is_it).count(), 1, "{name}: {rule} {text} {says}\nfound: {told:#?}");
    }
}

#[test]
fn the_orchestrators_documents_contradict_themselves() {
    must_find("agent-orchestrator", &ORCHESTRATOR);
}

#[test]
fn the_factorys_document_contradicts_itself() {
    must_find("agent-factory", &FACTORY);
}

#[test]
fn the_frameworks_document_contradicts_itself() {
    must_find("agent-framework", &FRAMEWORK);
}

#[test]
fn no_plan_that_comes_with_the_program_has_a_mistake() {
    for name in ["agent-orchestrator", "agent-factory", "agent-framework", "starter"] {
        let found = check(&loaded(name), now());
        let mistakes: Vec<_> = found.iter().filter(|finding| finding.level == Level::Error).collect();
        assert!(mistakes.is_empty(), "{name}: {mistakes:#?}");
        for finding in found {
            assert!(!finding.why.is_empty() && !finding.mend.is_empty() && !finding.places.is_empty(), "{finding:?}");
        }
    }
}

#[test]
fn the_starter_has_nothing_to_find_fault_with() {
    let found = check(&loaded("starter"), now());
    assert!(found.is_empty(), "{found:#?}");
}

/// All that is said of a shipped plan, to be read as a whole: what is noise or unclear shows here.
#[test]
fn all_that_is_said_of_the_shipped_plans() {
    for name in ["agent-orchestrator", "agent-factory", "agent-framework"] {
        let loaded = loaded(name);
        let told = check(&loaded, now()).into_iter().map(|finding| format!("{}: {}", finding.rule, finding.message));
        insta::assert_snapshot!(format!("said-of-{name}"), told.collect::<Vec<_>>().join("\n"));
    }
}

#[test]
fn findings_come_by_file_and_position() {
    let found = check(&loaded("agent-orchestrator"), now());
    let places: Vec<_> = found.iter().map(|finding| (finding.places[0].0.file, finding.places[0].0.start)).collect();
    assert!(places.is_sorted(), "{places:?}");
}
