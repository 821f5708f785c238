//! Document 003: scenarios, their ways out, and checklists.

use super::query::Expected::{Count, Has, Text, Texts};
use super::{Figure, figure};

pub const FIGURES: &[Figure] = &[
    figure(
        81,
        "35min",
        &[
            ("procedure.restore-postgres-to-time.total", Text("35min")),
            ("scenario.database-corruption.procedure", Text("restore-postgres-to-time")),
        ],
    ),
    figure(
        82,
        "5, 15, 10, 5 min",
        &[("procedure.restore-postgres-to-time.step.*.budget", Texts(&["5min", "15min", "10min", "5min"]))],
    ),
    figure(
        83,
        "20min",
        &[
            ("procedure.restore-redis-snapshot.total", Text("20min")),
            ("scenario.redis-failure.procedure", Text("restore-redis-snapshot")),
        ],
    ),
    figure(
        84,
        "2, 5, 10 parallel, 5 min",
        &[
            ("procedure.restore-redis-snapshot.step.*.budget", Texts(&["2min", "5min", "10min", "5min"])),
            ("procedure.restore-redis-snapshot.step.fill-the-cache.needs", Texts(&["restore-snapshot"])),
            ("procedure.restore-redis-snapshot.step.validate.needs", Texts(&["restore-snapshot"])),
        ],
    ),
    figure(85, "50%", &[("scenario.redis-failure.triggers", Has("redis.miss_rate > 50%"))]),
    figure(
        86,
        "30min",
        &[
            ("procedure.restore-queues.total", Text("30min")),
            ("scenario.rabbitmq-queue-loss.procedure", Text("restore-queues")),
        ],
    ),
    figure(87, "10, 15, 10 min", &[("procedure.restore-queues.step.*.budget", Texts(&["10min", "15min", "10min"]))]),
    figure(
        88,
        "40min",
        &[
            ("procedure.rebuild-node.total", Text("40min")),
            ("scenario.application-node-failure.procedure", Text("rebuild-node")),
        ],
    ),
    figure(
        89,
        "2, 20, 10, 5 min",
        &[("procedure.rebuild-node.step.*.budget", Texts(&["2min", "20min", "10min", "5min"]))],
    ),
    figure(
        90,
        "75min",
        &[
            ("procedure.fail-over-to-dr.total", Text("1h 15min")),
            ("scenario.data-center-failure.procedure", Text("fail-over-to-dr")),
        ],
    ),
    figure(
        91,
        "30, 20, 10, 15 min",
        &[
            ("procedure.fail-over-to-dr.step.activate-the-site.budget", Text("30min")),
            ("procedure.fail-over-to-dr.step.restore-data.budget", Text("20min")),
            ("procedure.fail-over-to-dr.step.start-the-application.budget", Text("10min")),
            ("procedure.fail-over-to-dr.step.verify-data.budget", Text("15min")),
            ("computed.procedure.fail-over-to-dr.takes", Text("1h 15min")),
        ],
    ),
    figure(
        92,
        "us-west-2",
        &[
            ("scenario.data-center-failure.region", Text("us-west-2")),
            ("site.dr.region", Text("us-west-2")),
            ("procedure.fail-over-to-dr.site", Text("dr")),
        ],
    ),
    figure(
        93,
        "integrity check fails; application database errors; constraint violations; consistency check fails",
        &[(
            "scenario.database-corruption.triggers",
            Texts(&[
                "postgres.integrity == failed",
                "application.database_errors > 0 for 1min",
                "postgres.constraint_violations > 0",
                "postgres.consistency == failed",
            ]),
        )],
    ),
    figure(
        94,
        "connection timeouts; miss rate; memory errors; persistence file corruption",
        &[(
            "scenario.redis-failure.triggers",
            Texts(&[
                "redis.connection == timeout for 1min",
                "redis.miss_rate > 50%",
                "redis.memory_errors > 0",
                "redis.persistence == damaged",
            ]),
        )],
    ),
    figure(
        95,
        "definitions missing; consumer lag; publisher no route; message loss",
        &[(
            "scenario.rabbitmq-queue-loss.triggers",
            Texts(&[
                "rabbitmq.definitions == missing",
                "rabbitmq.consumer_lag > 5min",
                "rabbitmq.no_route > 0",
                "rabbitmq.messages_lost > 0",
            ]),
        )],
    ),
    figure(
        96,
        "health checks fail; ping fails; all services down; container runtime failure",
        &[(
            "scenario.application-node-failure.triggers",
            Texts(&[
                "any of app-*.verdict == down for 1min",
                "any of node-*.ping == failed for 1min",
                "any of node-*.services == down",
                "any of node-*.container_runtime == failed",
            ]),
        )],
    ),
    figure(
        97,
        "multiple nodes unreachable; network partition; all services failing; regional outage",
        &[(
            "scenario.data-center-failure.triggers",
            Texts(&[
                "at least 2 of node-*.ping == failed for 5min",
                "network.partition == detected",
                "all of app-*.verdict == down for 5min",
                "primary.region == lost",
            ]),
        )],
    ),
    figure(98, "15 items", &[("checklist.restore-verification.item", Count(15))]),
    figure(
        99,
        "8 before, 8 during, 8 after",
        &[
            ("checklist.drill-before.item", Count(8)),
            ("checklist.drill-during.item", Count(8)),
            ("checklist.drill-after.item", Count(8)),
        ],
    ),
];
