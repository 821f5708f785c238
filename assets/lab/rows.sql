-- Rows for the schema. How many, and what time it is, come from the settings lab.runs and lab.now; what
-- looks like chance is a hash of the row's number, so that the same settings give the same rows.

CREATE FUNCTION pg_temp.pick(n bigint, salt integer, choices integer) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (((hashint8extended(n, salt) % choices) + choices) % choices)::integer
$$;

CREATE FUNCTION pg_temp.one(n bigint, salt integer, VARIADIC words text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT words[1 + pg_temp.pick(n, salt, cardinality(words))]
$$;

-- A partition for each month that rows fall into, and two to come.
DO $$
DECLARE
    lab_now timestamptz := current_setting('lab.now')::timestamptz;
    month date;
BEGIN
    FOR month IN SELECT generate_series(date_trunc('month', lab_now - interval '61 days'),
                                        date_trunc('month', lab_now + interval '2 months'), '1 month')::date LOOP
        EXECUTE format('CREATE TABLE %I PARTITION OF audit FOR VALUES FROM (%L) TO (%L)',
                       'audit_' || to_char(month, 'YYYY_MM'), month, month + interval '1 month');
        EXECUTE format('ALTER TABLE %I OWNER TO platform', 'audit_' || to_char(month, 'YYYY_MM'));
        EXECUTE format('GRANT SELECT ON %I TO readonly, lifeboat', 'audit_' || to_char(month, 'YYYY_MM'));
    END LOOP;
END
$$;

INSERT INTO tenants (slug, name, tier, created_at)
SELECT 'tenant-' || n,
       pg_temp.one(n, 1, 'Alder', 'Birch', 'Cedar', 'Elm', 'Hazel', 'Juniper', 'Larch', 'Maple', 'Oak', 'Rowan')
           || pg_temp.one(n, 2, ' Logistics', ' Insurance', ' Energy', ' Clinics', ' Retail') || ' ' || n,
       pg_temp.one(n, 3, 'free', 'team', 'team', 'enterprise'),
       current_setting('lab.now')::timestamptz - make_interval(days => 400 - n)
FROM generate_series(1, 20) AS n;

INSERT INTO agents (tenant_id, name, model, enabled, budget, settings, created_at, updated_at)
SELECT 1 + n % 20,
       pg_temp.one(n, 4, 'Research', 'Support', 'Billing', 'Triage', 'Review', 'Planning') || '-' || n,
       pg_temp.one(n, 5, 'small-2', 'medium-3', 'large-3'),
       pg_temp.pick(n, 6, 20) > 0,
       50 + pg_temp.pick(n, 7, 5000) / 10.0,
       jsonb_build_object('temperature', pg_temp.pick(n, 8, 10) / 10.0, 'max_steps', 4 + pg_temp.pick(n, 9, 12),
                          'tools', jsonb_build_array('search', 'sql', pg_temp.one(n, 10, 'mail', 'calendar', 'browser'))),
       current_setting('lab.now')::timestamptz - make_interval(days => 120 + pg_temp.pick(n, 11, 200)),
       current_setting('lab.now')::timestamptz - make_interval(days => pg_temp.pick(n, 12, 100))
FROM generate_series(1, 120) AS n;

WITH drawn AS (
    SELECT n,
           1 + pg_temp.pick(n, 20, 120) AS agent_id,
           CASE
               WHEN n > current_setting('lab.runs')::bigint - 40 THEN pg_temp.one(n, 21, 'queued', 'running')
               WHEN pg_temp.pick(n, 22, 100) < 5 THEN 'failed'
               WHEN pg_temp.pick(n, 22, 100) < 7 THEN 'cancelled'
               ELSE 'completed'
           END::run_status AS status,
           current_setting('lab.now')::timestamptz
               - make_interval(secs => (current_setting('lab.runs')::bigint - n)
                                       * (60.0 * 86400 / current_setting('lab.runs')::bigint)
                                       + pg_temp.pick(n, 23, 100) / 10.0) AS created_at
    FROM generate_series(1, current_setting('lab.runs')::bigint) AS n
)
INSERT INTO runs (agent_id, parent_id, session, status, input, output, error, tokens, created_at, started_at, finished_at)
SELECT agent_id,
       CASE WHEN pg_temp.pick(n, 24, 15) = 0 AND n > 50 THEN n - 1 - pg_temp.pick(n, 25, 40) END,
       md5('session ' || n / 3)::uuid,
       status,
       jsonb_build_object('task', pg_temp.one(n, 26, 'summarise the report', 'answer the ticket', 'reconcile the invoice',
                                              'plan the route', 'compare the offers'),
                          'priority', pg_temp.one(n, 27, 'low', 'normal', 'normal', 'high'),
                          'document', md5('document ' || n)),
       CASE WHEN status = 'completed'
            THEN jsonb_build_object('summary', repeat(md5('output ' || n) || ' ', 1 + pg_temp.pick(n, 28, 6)), 'confidence', 0.5 + pg_temp.pick(n, 29, 50) / 100.0) END,
       CASE WHEN status = 'failed'
            THEN pg_temp.one(n, 30, 'the model did not answer in time', 'the tool refused', 'the budget is used up') END,
       CASE WHEN status = 'queued' THEN 0 ELSE 200 + pg_temp.pick(n, 31, 9000) END,
       created_at,
       CASE WHEN status <> 'queued' THEN created_at + interval '1 second' END,
       CASE WHEN status NOT IN ('queued', 'running')
            THEN created_at + make_interval(secs => 2 + pg_temp.pick(n, 32, 6000) / 100.0) END
FROM drawn ORDER BY n;

INSERT INTO steps (run_id, number, kind, tool, detail, tokens, duration, at)
SELECT r.id, step, k.kind::step_kind,
       CASE WHEN k.kind = 'tool' THEN pg_temp.one(r.id * 16 + step, 41, 'search', 'sql', 'mail', 'calendar', 'browser') END,
       jsonb_build_object('hash', md5(r.id || '.' || step)),
       CASE WHEN k.kind = 'model' THEN pg_temp.pick(r.id * 16 + step, 42, 2000) ELSE 0 END,
       make_interval(secs => pg_temp.pick(r.id * 16 + step, 43, 900) / 100.0),
       r.started_at + make_interval(secs => step / 10.0)
FROM runs r
CROSS JOIN LATERAL generate_series(1, 3 + pg_temp.pick(r.id, 40, 6)) AS step
CROSS JOIN LATERAL (SELECT CASE WHEN step = 1 THEN 'plan'
                                ELSE pg_temp.one(r.id * 16 + step, 44, 'model', 'tool', 'model', 'review', 'answer') END AS kind) AS k
WHERE r.started_at IS NOT NULL;

INSERT INTO state (run_id, version, checkpoint, updated_at)
SELECT id, 1 + pg_temp.pick(id, 50, 9),
       jsonb_build_object('cursor', pg_temp.pick(id, 51, 100000), 'memory', repeat(md5('memory ' || id), 1 + pg_temp.pick(id, 52, 8)),
                          'next', pg_temp.one(id, 53, 'plan', 'model', 'tool', 'done')),
       coalesce(finished_at, started_at, created_at)
FROM runs;

INSERT INTO configuration (key, value, secret)
SELECT pg_temp.one(n, 60, 'limits', 'routing', 'models', 'tools', 'notifications') || '.item-' || n,
       jsonb_build_object('value', pg_temp.pick(n, 61, 1000), 'comment', md5('configuration ' || n)),
       pg_temp.pick(n, 62, 10) = 0
FROM generate_series(1, 200) AS n;
UPDATE configuration SET value = value || '{"revised": true}' WHERE pg_temp.pick(hashtext(key), 63, 4) = 0;

INSERT INTO audit (at, actor, action, subject, detail)
SELECT current_setting('lab.now')::timestamptz - make_interval(secs => 60.0 * 86400 * n / (current_setting('lab.runs')::bigint * 2)),
       pg_temp.one(n, 70, 'app', 'app', 'app', 'operator', 'auditor'),
       pg_temp.one(n, 71, 'login', 'run.start', 'run.end', 'agent.read', 'configuration.read'),
       'runs:' || 1 + pg_temp.pick(n, 72, current_setting('lab.runs')::integer),
       jsonb_build_object('address', '10.0.' || pg_temp.pick(n, 73, 256) || '.' || pg_temp.pick(n, 74, 256))
FROM generate_series(1, current_setting('lab.runs')::bigint * 2) AS n;

REFRESH MATERIALIZED VIEW usage_by_day;
SET default_statistics_target = 20;
ANALYZE;
