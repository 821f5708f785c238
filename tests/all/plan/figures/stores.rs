//! Document 003: stores, verification, tests and drills.

use super::query::Expected::{Number, Text, Texts};
use super::{Figure, figure};

pub const FIGURES: &[Figure] = &[
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
