//! Document 000: phases, failures, the timeline.

use super::query::Expected::{Text, Texts};
use super::{Figure, figure};

pub const FIGURES: &[Figure] = &[
    figure(
        126,
        "Preparation 5; Restoration 30 (extract 5, objects 15, index 10); Verification 15; Integration 10 min",
        &[
            (
                "procedure.restore-postgres.step.*.phase",
                Texts(&["Preparation", "Restoration", "Restoration", "Restoration", "Verification", "Integration"]),
            ),
            (
                "procedure.restore-postgres.step.*.name",
                Texts(&["prepare", "extract", "objects", "indexes", "verify", "integrate"]),
            ),
            ("procedure.restore-postgres.step.*.budget", Texts(&["5min", "5min", "15min", "10min", "15min", "10min"])),
            ("procedure.restore-postgres.total", Text("1h")),
        ],
    ),
    figure(
        127,
        "Assessment 2; Restoration 10 (stop 1, RDB 5, AOF 3, start 1); Verification 5; Warming 10; Reconnection 3 min",
        &[
            (
                "procedure.restore-redis.step.*.phase",
                Texts(&[
                    "Assessment",
                    "Restoration",
                    "Restoration",
                    "Restoration",
                    "Restoration",
                    "Verification",
                    "Warming",
                    "Reconnection",
                ]),
            ),
            (
                "procedure.restore-redis.step.*.name",
                Texts(&["assess", "stop", "snapshot", "append-only-file", "start", "verify", "warm", "reconnect"]),
            ),
            (
                "procedure.restore-redis.step.*.budget",
                Texts(&["2min", "1min", "5min", "3min", "1min", "5min", "10min", "3min"]),
            ),
            ("procedure.restore-redis.total", Text("30min")),
        ],
    ),
    figure(
        128,
        "Assessment 3; Restart 15 (stop 2, clear 5, start 3, cluster 5); Definitions 15 (5, 5, 5); Messages 10 (8, 2); Consumers 2 min",
        &[
            (
                "procedure.restore-rabbitmq.step.*.phase",
                Texts(&[
                    "Assessment",
                    "Restart",
                    "Restart",
                    "Restart",
                    "Restart",
                    "Definitions",
                    "Definitions",
                    "Definitions",
                    "Messages",
                    "Messages",
                    "Consumers",
                ]),
            ),
            (
                "procedure.restore-rabbitmq.step.*.name",
                Texts(&[
                    "assess",
                    "stop",
                    "clear",
                    "start",
                    "cluster",
                    "queues",
                    "bindings",
                    "policies",
                    "messages",
                    "no-loss",
                    "consumers",
                ]),
            ),
            (
                "procedure.restore-rabbitmq.step.*.budget",
                Texts(&["3min", "2min", "5min", "3min", "5min", "5min", "5min", "5min", "8min", "2min", "2min"]),
            ),
            ("procedure.restore-rabbitmq.total", Text("45min")),
        ],
    ),
    figure(
        129,
        "PITR and table swap, 30min, 0 loss",
        &[
            ("scenario.corrupted-table.rto", Text("30min")),
            ("scenario.corrupted-table.method", Text("PITR and table swap")),
            ("scenario.corrupted-table.rpo", Text("0s")),
        ],
    ),
    figure(
        130,
        "rebuild index, 15min",
        &[
            ("scenario.index-corruption.rto", Text("15min")),
            ("scenario.index-corruption.method", Text("rebuild the index")),
        ],
    ),
    figure(
        131,
        "restart and vacuum, 10min",
        &[
            ("scenario.connection-overflow.rto", Text("10min")),
            ("scenario.connection-overflow.method", Text("restart and vacuum")),
        ],
    ),
    figure(
        132,
        "full restore, 60min, 1h loss",
        &[
            ("scenario.database-loss.rto", Text("1h")),
            ("scenario.database-loss.method", Text("full restore")),
            ("scenario.database-loss.rpo", Text("1h")),
        ],
    ),
    figure(
        133,
        "failover to standby, 5min, 0 loss",
        &[
            ("scenario.storage-failure.rto", Text("5min")),
            ("scenario.storage-failure.method", Text("failover to the standby")),
            ("scenario.storage-failure.rpo", Text("0s")),
        ],
    ),
    figure(134, "5min", &[("scenario.redis-memory-exhaustion.rto", Text("5min"))]),
    figure(
        135,
        "AOF restore, 10min",
        &[
            ("scenario.redis-snapshot-corruption.rto", Text("10min")),
            ("scenario.redis-snapshot-corruption.method", Text("restore from the append-only file")),
        ],
    ),
    figure(136, "15min", &[("scenario.redis-complete-loss.rto", Text("15min"))]),
    figure(137, "20min", &[("scenario.redis-cluster-rebuild.rto", Text("20min"))]),
    figure(138, "5min", &[("scenario.rabbitmq-definition-loss.rto", Text("5min"))]),
    figure(139, "15min", &[("scenario.rabbitmq-message-loss.rto", Text("15min"))]),
    figure(140, "30min", &[("scenario.rabbitmq-broker-crash.rto", Text("30min"))]),
    figure(141, "45min", &[("scenario.rabbitmq-complete-loss.rto", Text("45min"))]),
    figure(
        142,
        "T+0:05 assessed; T+0:30 database begun; T+0:35 cache done; T+0:45 broker done; T+1:05 database done; T+1:15 integration; T+1:45 traffic; T+2:00 recovered; 15min buffer",
        &[
            (
                "procedure.recover-platform.milestone.*.at",
                Texts(&["0s", "5min", "30min", "35min", "45min", "1h 5min", "1h 15min", "1h 45min", "2h"]),
            ),
            (
                "procedure.recover-platform.milestone.*.title",
                Texts(&[
                    "detected; the on-call engineer knows",
                    "assessed: the extent is known, the way out chosen, everybody told",
                    "database recovery begun",
                    "cache recovered",
                    "broker recovered",
                    "database recovered",
                    "integration tests",
                    "traffic back",
                    "platform recovered",
                ]),
            ),
            ("procedure.recover-platform.total", Text("2h")),
            ("procedure.recover-platform.buffer", Text("15min")),
        ],
    ),
    figure(143, "99.95%", &[("platform.availability", Text("99.95%")), ("platform.downtime_per_year", Text("22min"))]),
    figure(
        144,
        "7d",
        &[
            ("stated.of=audit-logs,by=RTO/RPO Analysis & Definition (000).key", Text("rpo")),
            ("stated.of=audit-logs,by=RTO/RPO Analysis & Definition (000).value", Text("7d")),
        ],
    ),
];
