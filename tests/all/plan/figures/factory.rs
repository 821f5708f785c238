//! Document 001: the Agent Factory.

use super::query::Expected::{Count, Flag, Text, Texts};
use super::{Figure, figure};

pub const FIGURES: &[Figure] = &[
    figure(192, "4h", &[("platform.rto", Text("4h"))]),
    figure(193, "1h", &[("platform.rpo", Text("1h"))]),
    figure(
        194,
        "low probability, rto 4h, rpo 1h, 5 steps",
        &[
            ("scenario.data-center-failure.probability", Text("low")),
            ("scenario.data-center-failure.rto", Text("4h")),
            ("scenario.data-center-failure.rpo", Text("1h")),
            ("scenario.data-center-failure.procedure", Text("activate-backup-data-center")),
            (
                "procedure.activate-backup-data-center.step.*.name",
                Texts(&["activate", "restore", "verify", "resume", "watch"]),
            ),
        ],
    ),
    figure(
        195,
        "medium, rto 2h, rpo 15min, 5 steps",
        &[
            ("scenario.database-corruption.probability", Text("medium")),
            ("scenario.database-corruption.rto", Text("2h")),
            ("scenario.database-corruption.rpo", Text("15min")),
            ("scenario.database-corruption.procedure", Text("restore-database")),
            (
                "procedure.restore-database.step.*.name",
                Texts(&["identify", "stop-services", "restore", "verify", "resume"]),
            ),
        ],
    ),
    figure(
        196,
        "medium, rto 8h, rpo immediate, 6 steps",
        &[
            ("scenario.security-breach.probability", Text("medium")),
            ("scenario.security-breach.rto", Text("8h")),
            ("scenario.security-breach.rpo", Text("0s")),
            ("scenario.security-breach.procedure", Text("contain-and-rebuild")),
            (
                "procedure.contain-and-rebuild.step.*.name",
                Texts(&["contain", "assess", "restore", "patch", "resume", "notify"]),
            ),
        ],
    ),
    figure(
        197,
        "medium, rto 1h, rpo 5min, 5 steps",
        &[
            ("scenario.application-failure.probability", Text("medium")),
            ("scenario.application-failure.rto", Text("1h")),
            ("scenario.application-failure.rpo", Text("5min")),
            ("scenario.application-failure.procedure", Text("roll-back-application")),
            (
                "procedure.roll-back-application.step.*.name",
                Texts(&["identify", "roll-back", "verify", "resume", "find-the-cause"]),
            ),
        ],
    ),
    figure(198, "daily, 30d", &[("job.full-backup.every", Text("24h")), ("job.full-backup.keep.age", Text("30d"))]),
    figure(
        199,
        "every 4h, 7d",
        &[("job.incremental-backup.every", Text("4h")), ("job.incremental-backup.keep.age", Text("7d"))],
    ),
    figure(
        200,
        "continuous, 24h",
        &[("job.transaction-logs.continuous", Flag(true)), ("job.transaction-logs.keep.age", Text("24h"))],
    ),
    figure(
        201,
        "primary data centre; backup data centre; cloud, encrypted",
        &[
            ("store.*.site", Texts(&["primary", "backup", "cloud"])),
            ("store.cloud-store.encryption", Text("AES-256")),
            ("site.*.title", Texts(&["Production data centre", "Backup data centre", "Cloud"])),
        ],
    ),
    figure(
        202,
        "monthly, 5 steps",
        &[
            ("job.backup-test.every", Text("1 month")),
            ("job.backup-test.do", Text("prove")),
            ("job.backup-test.steps", Count(5)),
        ],
    ),
    figure(203, "every 30min", &[("message.status-update.every", Text("30min"))]),
    figure(
        204,
        "customers; partners; media",
        &[
            ("message.customers.to", Texts(&["customers"])),
            ("message.partners.to", Texts(&["partners"])),
            ("message.media.to", Texts(&["media"])),
        ],
    ),
    figure(
        205,
        "quarterly: tabletop, partial failover, full",
        &[
            ("job.recovery-test.every", Text("3 months")),
            ("job.recovery-test.do", Text("drill")),
            ("job.recovery-test.kinds", Texts(&["tabletop", "partial failover", "full recovery"])),
        ],
    ),
    figure(
        206,
        "Incident Commander; Technical Lead; Database Administrator; System Administrator; Communications Lead",
        &[
            ("role.incident-commander.title", Text("Incident commander")),
            ("role.technical-lead.title", Text("Technical lead")),
            ("role.database-administrator.title", Text("Database administrator")),
            ("role.system-administrator.title", Text("System administrator")),
            ("role.communications-lead.title", Text("Communications lead")),
            ("role.incident-commander.during", Count(3)),
            ("role.database-administrator.during", Count(2)),
            ("role.communications-lead.during", Count(3)),
        ],
    ),
    figure(
        207,
        "monthly procedure, quarterly test, annual plan",
        &[
            ("review.procedures.every", Text("1 month")),
            ("review.tests.every", Text("3 months")),
            ("review.this plan.every", Text("1y")),
        ],
    ),
    figure(
        208,
        "rto below 2h, rpo below 30min",
        &[("platform.stretch.rto", Text("2h")), ("platform.stretch.rpo", Text("30min"))],
    ),
    figure(
        209,
        "rto met; rpo met; integrity verified; services functional; no data loss",
        &[
            (
                "job.recovery-test.success",
                Texts(&["the RTO was met", "the RPO was met", "data are right", "services work", "no data are lost"]),
            ),
            ("checklist.recovery-success.item", Count(6)),
            ("scenario.data-center-failure.no_data_loss", Flag(true)),
        ],
    ),
];
