#!/usr/bin/env bash
# What a careful administrator would write to learn what `lifeboat status` tells of a lab: psql, redis-cli,
# rabbitmqctl and curl, one server after the other.
#
#   status.sh LAB-FOLDER PLAN.json
set -u
export LC_ALL=C
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
lab=$1 plan=$2

addresses() { # KIND
    python3 - "$plan" "$1" <<'PY'
import json, sys
for component in json.load(open(sys.argv[1]))["component"]:
    if component["kind"] == sys.argv[2]:
        print(component["name"], component.get("address", "-"))
PY
}

# PostgreSQL: role, sizes, connections, transactions, replication, slots, archiving, checksums, indexes, age.
while read -r name address; do
    echo "== $name"
    PGPASSWORD=$(<"$lab/secrets/postgres-lifeboat") psql -X -A -t "$address" <<'SQL'
SELECT version(), pg_is_in_recovery(), system_identifier FROM pg_control_system();
SELECT datname, pg_database_size(datname) FROM pg_database;
SELECT count(*), sum(reltuples) FROM pg_class WHERE relkind = 'r';
SELECT count(*), current_setting('max_connections') FROM pg_stat_activity;
SELECT max(now() - xact_start) FROM pg_stat_activity;
SELECT count(*) FROM pg_stat_activity WHERE cardinality(pg_blocking_pids(pid)) > 0;
SELECT application_name, state, replay_lsn, replay_lag FROM pg_stat_replication;
SELECT slot_name, active, restart_lsn FROM pg_replication_slots;
SELECT * FROM pg_stat_archiver;
SELECT datname, checksum_failures, age(datfrozenxid) FROM pg_stat_database JOIN pg_database USING (datname);
SELECT count(*) FROM pg_index WHERE NOT indisvalid;
SQL
done < <(addresses postgres)

while read -r name address; do
    echo "== $name"
    hostport=${address#*@}
    REDISCLI_AUTH=$(<"$lab/secrets/redis") redis-cli -h "${hostport%:*}" -p "${hostport#*:}" INFO everything
    REDISCLI_AUTH=$(<"$lab/secrets/redis") redis-cli -h "${hostport%:*}" -p "${hostport#*:}" CONFIG GET maxmemory
done < <(addresses redis)

of_process() { tr '\0' '\n' <"/proc/$1/environ" | sed -n "s/^$2=//p"; }

for folder in "$lab"/sites/*/rabbitmq*; do
    [[ -r $folder/pid ]] || continue
    pid=$(<"$folder/pid")
    echo "== $folder"
    export ERL_EPMD_PORT; ERL_EPMD_PORT=$(of_process "$pid" ERL_EPMD_PORT)
    node=$(of_process "$pid" RABBITMQ_NODENAME) cookie=$(<"$folder/.erlang.cookie")
    for question in status "list_queues name messages consumers durable" list_connections list_vhosts; do
        # shellcheck disable=SC2086
        HOME=$home /usr/lib/rabbitmq/bin/rabbitmqctl --erlang-cookie "$cookie" --node "$node" $question
    done
done

for kind in http load-balancer prometheus alertmanager; do
    while read -r name address; do
        echo "== $name"
        curl --insecure --silent --show-error --max-time 5 --write-out '%{http_code} %{time_total}\n' "${address%/}/health"
    done < <(addresses "$kind")
done

find "$lab" -name '*.pem' -path '*certificates*' | while read -r file; do
    echo "== $file"
    openssl x509 -in "$file" -noout -enddate -subject
done

df -P "$lab"
