//! Document 002: what was reached, and what it asks of people.

use super::query::Expected::{Text, Texts};
use super::{Figure, figure};

pub const FIGURES: &[Figure] = &[
    figure(
        183,
        "60min; 45-60min",
        &[("component.postgres.rto", Text("1h")), ("component.postgres.actual", Text("45min to 1h"))],
    ),
    figure(
        184,
        "30min; 10-15min",
        &[("component.redis.rto", Text("30min")), ("component.redis.actual", Text("10min to 15min"))],
    ),
    figure(
        185,
        "45min; 20-30min",
        &[("component.rabbitmq.rto", Text("45min")), ("component.rabbitmq.actual", Text("20min to 30min"))],
    ),
    figure(
        186,
        "30d",
        &[
            ("stated.of=offsite,by=Disaster Recovery Implementation Summary (002).key", Text("keep.age")),
            ("stated.of=offsite,by=Disaster Recovery Implementation Summary (002).value", Text("30d")),
        ],
    ),
    figure(
        187,
        "read documents; hands-on practice; test; monthly drills; current knowledge",
        &[
            ("certification.of", Texts(&["on-call-engineer"])),
            (
                "certification.requires",
                Texts(&[
                    "has read all recovery documents",
                    "has practised recoveries with their own hands",
                    "has passed the test",
                    "takes part in the monthly drills",
                    "keeps their knowledge current",
                ]),
            ),
        ],
    ),
    figure(
        188,
        "backup-all; backup-verify; restore-from-backup; failover-to-dr; dr-status-check",
        &[(
            "script.*.name",
            Texts(&["backup-all", "backup-verify", "restore-from-backup", "failover-to-dr", "dr-status-check"]),
        )],
    ),
    figure(
        189,
        "PostgreSQL tables, rows, replication; Redis keys, memory, role; RabbitMQ queues, messages, cluster; backup completeness and age; services; disk; RTO and RPO validation",
        &[(
            "report.status.contains",
            Texts(&[
                "PostgreSQL: connection, tables, rows, replication",
                "Redis: connection, keys, memory, role",
                "RabbitMQ: connection, queues, messages, cluster",
                "backups: all there, and how old",
                "services of the application",
                "disk space",
                "RTO and RPO: kept or not",
            ]),
        )],
    ),
    figure(190, "2025-02-18", &[("platform.next_review", Text("2025-02-18"))]),
    figure(191, "6 months", &[("cost.break_even", Text("6 months"))]),
];
