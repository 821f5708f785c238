//! Document 003: the schedules.

use super::query::Expected::{Flag, Text, Texts};
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
];
