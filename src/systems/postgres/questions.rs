//! What is asked of a server, as SQL. Moments are asked for as seconds, places in the log as numbers of bytes: so no
//! setting of the server changes how an answer is written.

use super::rights::Rights;

/// Who it is; works with any login and any version.
pub const CORE: &str = "SELECT extract(epoch FROM clock_timestamp()) AS now, \
    current_setting('server_version') AS version, current_setting('server_version_num') AS number, \
    pg_is_in_recovery() AS standby, current_database() AS database, current_user AS login, \
    pg_backend_pid() AS backend, inet_client_port() AS port, \
    extract(epoch FROM pg_postmaster_start_time()) AS started, \
    current_setting('default_transaction_read_only') AS read_only";

/// What this login may ask, and what does not change while it lasts.
pub const RIGHTS: &str = "SELECT current_setting('server_version_num') AS number, \
    pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS statistics, \
    has_function_privilege(to_regprocedure('pg_catalog.pg_ls_archive_statusdir()')::oid, 'EXECUTE') AS backlog, \
    has_function_privilege(to_regprocedure('pg_catalog.pg_control_system()')::oid, 'EXECUTE') AS control, \
    current_setting('track_commit_timestamp') AS commits, current_setting('data_checksums') AS checksums, \
    (SELECT extract(epoch FROM rolvaliduntil) FROM pg_catalog.pg_roles \
      WHERE rolname = current_user AND isfinite(rolvaliduntil)) AS login_ends, \
    (SELECT string_agg(rolname, ' ' ORDER BY rolname) FROM pg_catalog.pg_roles \
      WHERE rolname IN ('rdsadmin', 'cloudsqladmin', 'azure_superuser', 'alloydbadmin')) AS cloud";

/// Where each answer to the vital questions is found.
pub const WHO: usize = 0;
pub const SESSIONS: usize = 1;
pub const DATABASES: usize = 2;
pub const ARCHIVER: usize = 3;
pub const RECEIVER: usize = 4;
pub const REPLICAS: usize = 5;
pub const SLOTS: usize = 6;
pub const BACKLOG: usize = 7;

/// The place in the log up to which this server has something.
const HERE: &str = "(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END)";

/// What is asked every interval, for this login; the list of what waits to be archived may be left out.
pub fn vital(rights: &Rights, list_backlog: bool) -> String {
    let system = if rights.control { "(SELECT system_identifier FROM pg_control_system())" } else { "NULL::bigint" };
    let commit = if rights.commits && rights.number >= 90_500 {
        "(CASE WHEN pg_is_in_recovery() THEN pg_last_xact_replay_timestamp() \
          ELSE (SELECT timestamp FROM pg_last_committed_xact()) END)"
    } else {
        "(CASE WHEN pg_is_in_recovery() THEN pg_last_xact_replay_timestamp() END)"
    };
    let who = format!(
        "{CORE}, {system} AS system, extract(epoch FROM {commit}) AS last_commit, {HERE} - '0/0'::pg_lsn AS here, \
         pg_last_wal_receive_lsn() - '0/0'::pg_lsn AS received, \
         extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) AS replayed_ago, \
         CASE WHEN pg_is_in_recovery() THEN pg_is_wal_replay_paused() END AS paused, \
         current_setting('synchronous_standby_names') AS synchronous"
    );
    let archiver = format!(
        "SELECT last_archived_wal, extract(epoch FROM last_archived_time) AS archived, \
         extract(epoch FROM last_failed_time) AS failed, last_failed_wal, \
         current_setting('archive_mode') AS mode, current_setting('archive_command') AS command, \
         {} AS library FROM pg_stat_archiver",
        if rights.number >= 150_000 { "current_setting('archive_library')" } else { "''" }
    );
    let replicas = format!(
        "SELECT r.application_name AS name, host(r.client_addr) AS address, r.client_hostname AS host, r.state, \
         r.sync_state, {HERE} - r.replay_lsn AS behind, r.replay_lsn - '0/0'::pg_lsn AS replayed, \
         extract(epoch FROM r.replay_lag) AS lag, \
         extract(epoch FROM clock_timestamp() - r.reply_time) AS silent, s.slot_type \
         FROM pg_stat_replication r LEFT JOIN pg_replication_slots s ON s.active_pid = r.pid \
         ORDER BY behind DESC NULLS FIRST LIMIT 200"
    );
    let kept = if rights.number >= 130_000 { "wal_status" } else { "NULL::text" };
    let slots = format!(
        "SELECT slot_name AS name, slot_type, active, database, {kept} AS kept, {HERE} - restart_lsn AS holds \
         FROM pg_replication_slots ORDER BY holds DESC NULLS LAST LIMIT 200"
    );
    let reserved = if rights.number >= 160_000 { "current_setting('reserved_connections')::int" } else { "0" };
    let databases = format!(
        "SELECT sum(s.numbackends) AS connected, sum(s.numbackends) FILTER (WHERE mine) AS connected_here, \
         max(d.datconnlimit) FILTER (WHERE mine) AS limit_here, \
         current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int \
           - {reserved} AS connection_limit, \
         max(s.xact_commit) FILTER (WHERE mine) AS commits, max(s.xact_rollback) FILTER (WHERE mine) AS rollbacks, \
         max(s.deadlocks) FILTER (WHERE mine) AS deadlocks, max(s.blks_hit) FILTER (WHERE mine) AS hits, \
         max(s.blks_read) FILTER (WHERE mine) AS reads, \
         sum(s.checksum_failures) AS checksum_failures, \
         extract(epoch FROM max(s.checksum_last_failure)) AS checksum_last, \
         max(age(d.datfrozenxid)) AS age, current_setting('autovacuum_freeze_max_age') AS freeze_age \
         FROM pg_stat_database s LEFT JOIN pg_database d ON d.oid = s.datid, \
         LATERAL (SELECT coalesce(d.datname = current_database(), false)) AS m(mine)"
    );
    let mut questions = vec![who, SESSION_SUMS.to_owned(), databases, archiver, RECEIVED.to_owned(), replicas, slots];
    if rights.backlog && list_backlog {
        questions.push(WAITING.to_owned());
    }
    questions.join("; ")
}

const SESSION_SUMS: &str = "SELECT count(*) FILTER (WHERE backend_type = 'client backend') AS used, \
    max(extract(epoch FROM clock_timestamp() - xact_start)) FILTER (WHERE backend_type = 'client backend' \
      AND pid <> pg_backend_pid() AND state <> 'idle') AS longest, \
    count(*) FILTER (WHERE wait_event_type = 'Lock') AS blocked, \
    count(*) FILTER (WHERE wait_event = 'SyncRep') AS commits_waiting, \
    string_agg(DISTINCT left(application_name, 63), E'\\n') FILTER (WHERE application_name ~* \
      '^(patroni|repmgr|cnpg|pg_?auto_?failover|stolon)') AS managers \
    FROM pg_stat_activity";

const RECEIVED: &str = "SELECT pid, status, latest_end_lsn - '0/0'::pg_lsn AS sent, sender_host AS host, \
    sender_port AS port, extract(epoch FROM clock_timestamp() - last_msg_receipt_time) AS silent \
    FROM pg_stat_wal_receiver";

const WAITING: &str = "SELECT count(*) AS waiting, extract(epoch FROM clock_timestamp() - min(modification)) AS oldest \
    FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready'";

/// Who waits for whom; asked only when somebody waits.
pub fn blocked(rights: &Rights) -> String {
    let since = if rights.number >= 140_000 { "min(waitstart)" } else { "NULL::timestamptz" };
    format!(
        "SELECT b.pid, b.usename AS login, b.datname AS database, b.application_name AS name, \
         extract(epoch FROM clock_timestamp() - coalesce(w.since, b.query_start)) AS waited, \
         array_to_string(h.pids[1:5], ', ') AS holders, a.usename AS holder_login, a.application_name AS holder_name, \
         a.state AS holder_state, extract(epoch FROM clock_timestamp() - a.xact_start) AS holder_age \
         FROM (SELECT * FROM pg_stat_activity WHERE wait_event_type = 'Lock' ORDER BY query_start LIMIT 50) b \
         CROSS JOIN LATERAL (SELECT pg_blocking_pids(b.pid)) AS h(pids) \
         LEFT JOIN LATERAL (SELECT {since} FROM pg_locks WHERE pid = b.pid AND NOT granted) AS w(since) ON true \
         LEFT JOIN pg_stat_activity a ON a.pid = h.pids[1] ORDER BY waited DESC NULLS LAST"
    )
}
