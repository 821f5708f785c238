//! Document 003: schedules, stores, verification, tests and drills.

use super::query::Expected::{Flag, Number, Text, Texts};
use super::{Figure, figure};

pub const FIGURES: &[Figure] = &[
    figure(
        39,
        "0 2 * * *",
        &[
            ("job.postgres-daily.cron", Text("0 2 * * *")),
            ("job.postgres-daily.do", Text("backup")),
            ("job.postgres-daily.of", Text("postgres")),
            ("job.postgres-daily.method", Text("dump")),
        ],
    ),
    figure(
        40,
        "30 2 * * *",
        &[
            ("job.postgres-daily-sql.cron", Text("30 2 * * *")),
            ("job.postgres-daily-sql.do", Text("backup")),
            ("job.postgres-daily-sql.of", Text("postgres")),
            ("job.postgres-daily-sql.method", Text("sql")),
        ],
    ),
    figure(
        41,
        "0 3 * * *",
        &[
            ("job.postgres-wal-cleanup.cron", Text("0 3 * * *")),
            ("job.postgres-wal-cleanup.do", Text("expire")),
            ("job.postgres-wal-cleanup.of", Text("postgres")),
        ],
    ),
    figure(
        42,
        "0 * * * *",
        &[
            ("job.postgres-hourly.cron", Text("0 * * * *")),
            ("job.postgres-hourly.do", Text("backup")),
            ("job.postgres-hourly.of", Text("postgres")),
            ("job.postgres-hourly.method", Text("incremental")),
        ],
    ),
    figure(
        43,
        "*/5 * * * * (continuous)",
        &[
            ("job.postgres-wal.cron", Text("*/5 * * * *")),
            ("job.postgres-wal.continuous", Flag(true)),
            ("job.postgres-wal.lag", Text("5min")),
            ("job.postgres-wal.do", Text("backup")),
            ("job.postgres-wal.method", Text("wal")),
        ],
    ),
    figure(
        44,
        "0 4 1 * *",
        &[
            ("job.postgres-monthly-archive.cron", Text("0 4 1 * *")),
            ("job.postgres-monthly-archive.do", Text("backup")),
            ("job.postgres-monthly-archive.of", Text("postgres")),
            ("job.postgres-monthly-archive.method", Text("dump")),
            ("job.postgres-monthly-archive.to", Texts(&["archive"])),
        ],
    ),
    figure(
        45,
        "0 0 * * 0",
        &[
            ("job.postgres-weekly-verification.cron", Text("0 0 * * 0")),
            ("job.postgres-weekly-verification.do", Text("prove")),
            ("job.postgres-weekly-verification.of", Text("postgres")),
        ],
    ),
    figure(
        46,
        "0 * * * *",
        &[
            ("job.redis-hourly.cron", Text("0 * * * *")),
            ("job.redis-hourly.do", Text("backup")),
            ("job.redis-hourly.of", Text("redis")),
            ("job.redis-hourly.method", Text("snapshot")),
        ],
    ),
    figure(
        47,
        "0 2 * * *",
        &[
            ("job.redis-daily.cron", Text("0 2 * * *")),
            ("job.redis-daily.do", Text("backup")),
            ("job.redis-daily.of", Text("redis")),
            ("job.redis-daily.method", Text("snapshot")),
        ],
    ),
    figure(
        48,
        "0 3 * * *",
        &[
            ("job.redis-aof-rewrite.cron", Text("0 3 * * *")),
            ("job.redis-aof-rewrite.do", Text("rewrite-aof")),
            ("job.redis-aof-rewrite.of", Text("redis")),
        ],
    ),
    figure(
        49,
        "0 4 * * *",
        &[
            ("job.redis-upload.cron", Text("0 4 * * *")),
            ("job.redis-upload.do", Text("upload")),
            ("job.redis-upload.of", Text("redis")),
            ("job.redis-upload.to", Texts(&["offsite"])),
        ],
    ),
    figure(
        50,
        "0 5 * * *",
        &[
            ("job.redis-cleanup.cron", Text("0 5 * * *")),
            ("job.redis-cleanup.do", Text("expire")),
            ("job.redis-cleanup.of", Text("redis")),
            ("job.redis-cleanup.older_than", Text("30d")),
        ],
    ),
    figure(
        51,
        "0 0 * * 0",
        &[
            ("job.redis-weekly-verification.cron", Text("0 0 * * 0")),
            ("job.redis-weekly-verification.do", Text("prove")),
            ("job.redis-weekly-verification.of", Text("redis")),
        ],
    ),
    figure(
        52,
        "0 2 * * *",
        &[
            ("job.rabbitmq-configuration.cron", Text("0 2 * * *")),
            ("job.rabbitmq-configuration.do", Text("backup")),
            ("job.rabbitmq-configuration.of", Text("rabbitmq")),
            ("job.rabbitmq-configuration.method", Text("definitions")),
        ],
    ),
    figure(
        53,
        "30 2 * * *",
        &[
            ("job.rabbitmq-queues.cron", Text("30 2 * * *")),
            ("job.rabbitmq-queues.do", Text("backup")),
            ("job.rabbitmq-queues.of", Text("rabbitmq")),
            ("job.rabbitmq-queues.method", Text("queues")),
        ],
    ),
    figure(
        54,
        "0 3 * * *",
        &[
            ("job.rabbitmq-messages.cron", Text("0 3 * * *")),
            ("job.rabbitmq-messages.do", Text("backup")),
            ("job.rabbitmq-messages.of", Text("rabbitmq")),
            ("job.rabbitmq-messages.method", Text("messages")),
        ],
    ),
    figure(
        55,
        "0 4 * * *",
        &[
            ("job.rabbitmq-upload.cron", Text("0 4 * * *")),
            ("job.rabbitmq-upload.do", Text("upload")),
            ("job.rabbitmq-upload.of", Text("rabbitmq")),
            ("job.rabbitmq-upload.to", Texts(&["offsite"])),
        ],
    ),
    figure(
        56,
        "0 5 * * *",
        &[
            ("job.rabbitmq-cleanup.cron", Text("0 5 * * *")),
            ("job.rabbitmq-cleanup.do", Text("expire")),
            ("job.rabbitmq-cleanup.of", Text("rabbitmq")),
            ("job.rabbitmq-cleanup.older_than", Text("30d")),
        ],
    ),
    figure(
        57,
        "0 0 * * 0",
        &[
            ("job.rabbitmq-weekly-test.cron", Text("0 0 * * 0")),
            ("job.rabbitmq-weekly-test.do", Text("prove")),
            ("job.rabbitmq-weekly-test.of", Text("rabbitmq")),
        ],
    ),
    figure(
        58,
        "*/15 * * * *",
        &[
            ("job.config-commit.cron", Text("*/15 * * * *")),
            ("job.config-commit.do", Text("git-commit")),
            ("job.config-commit.of", Text("configuration")),
        ],
    ),
    figure(
        59,
        "0 3 * * *",
        &[
            ("job.config-archive.cron", Text("0 3 * * *")),
            ("job.config-archive.do", Text("backup")),
            ("job.config-archive.of", Text("configuration")),
            ("job.config-archive.method", Text("files")),
        ],
    ),
    figure(
        60,
        "0 4 * * *",
        &[
            ("job.config-upload.cron", Text("0 4 * * *")),
            ("job.config-upload.do", Text("upload")),
            ("job.config-upload.of", Text("configuration")),
            ("job.config-upload.to", Texts(&["offsite"])),
        ],
    ),
    figure(
        61,
        "0 5 * * *",
        &[
            ("job.config-cleanup.cron", Text("0 5 * * *")),
            ("job.config-cleanup.do", Text("expire")),
            ("job.config-cleanup.of", Text("configuration")),
        ],
    ),
    figure(
        62,
        ".env encrypted; docker-compose.yml; *.conf *.yml *.json; TLS certificates and keys; secrets by Vault or KMS",
        &[
            (
                "data.configuration.includes",
                Texts(&[
                    ".env, encrypted",
                    "docker-compose.yml",
                    "*.conf, *.yml and *.json",
                    "TLS certificates and keys",
                    "secrets, by Vault or KMS",
                ]),
            ),
            (
                "component.configuration.files.include",
                Texts(&[".env", "docker-compose.yml", "*.conf", "*.yml", "*.json", "certs/*"]),
            ),
        ],
    ),
    figure(
        63,
        "/backups, 7d (30d in the architecture drawing)",
        &[
            ("store.local.path", Text("/backups")),
            ("store.local.keep.age", Text("7d")),
            ("stated.of=local.value", Text("30d")),
            ("stated.of=local.key", Text("keep.age")),
        ],
    ),
    figure(64, "backup-agent-platform-prod", &[("store.offsite.bucket", Text("backup-agent-platform-prod"))]),
    figure(65, "90d", &[("store.offsite.keep.age", Text("90d"))]),
    figure(66, "STANDARD_IA", &[("store.offsite.storage_class", Text("STANDARD_IA"))]),
    figure(67, "us-west-2", &[("store.offsite.replicated_to", Text("us-west-2"))]),
    figure(68, "AES-256 with KMS", &[("store.offsite.encryption", Text("AES-256 with KMS"))]),
    figure(69, "2 previous versions", &[("store.offsite.previous_versions", Number(2.0))]),
    figure(
        70,
        "agent-platform-compliance-archive",
        &[("store.archive.vault", Text("agent-platform-compliance-archive"))],
    ),
    figure(71, "7y", &[("store.archive.keep.age", Text("7y"))]),
    figure(
        72,
        "1-12h; Deep Archive 12h and more",
        &[("store.archive.thaw", Text("1h to 12h")), ("store.archive.deep_thaw", Text("12h"))],
    ),
    figure(73, "10%", &[("job.backup-verify.tolerance.size", Text("10%"))]),
    figure(74, "24h", &[("job.backup-verify.newest", Text("24h"))]),
    figure(75, "03:00", &[("job.backup-verify.cron", Text("0 3 * * *")), ("job.backup-verify.do", Text("verify"))]),
    figure(
        76,
        "Sunday 01:00",
        &[("job.weekly-restore-test.cron", Text("0 1 * * 0")), ("job.weekly-restore-test.do", Text("prove"))],
    ),
    figure(
        77,
        "30min per database",
        &[("job.weekly-restore-test.expect.duration", Text("30min")), ("job.weekly-restore-test.of", Text("postgres"))],
    ),
    figure(78, "1%", &[("job.weekly-restore-test.tolerance.rows", Text("1%"))]),
    figure(
        79,
        "first Thursday 10:00, 2-4h",
        &[
            ("job.monthly-drill.cron", Text("0 10 * * THU#1")),
            ("job.monthly-drill.expect.duration", Text("2h to 4h")),
            ("job.monthly-drill.do", Text("drill")),
        ],
    ),
    figure(
        80,
        "Q4 November, 2-3 days",
        &[
            ("job.annual-exercise.cron", Text("0 10 * 11 MON#1")),
            ("job.annual-exercise.expect.duration", Text("2d to 3d")),
            ("job.annual-exercise.do", Text("drill")),
        ],
    ),
];
