//! Document 000: phases, failures, capacity, costs, tiers, retention.

use super::query::Expected::{Number, Numbers, Text, Texts};
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
        &[("stated.of=audit-logs,by=000.key", Text("rpo")), ("stated.of=audit-logs,by=000.value", Text("7d"))],
    ),
    figure(145, "500GB", &[("component.postgres.capacity.size", Text("500GB"))]),
    figure(146, "10000 TPS", &[("component.postgres.capacity.transactions_per_second", Number(10000.0))]),
    figure(147, "25min", &[("component.postgres.capacity.backup", Text("25min"))]),
    figure(148, "35min", &[("component.postgres.capacity.restore", Text("35min"))]),
    figure(149, "50GB", &[("component.postgres.capacity.compressed", Text("50GB"))]),
    figure(150, "5GB/h", &[("component.postgres.capacity.log_rate", Text("5GB/h"))]),
    figure(151, "20GB", &[("component.redis.capacity.size", Text("20GB"))]),
    figure(152, "8min", &[("component.redis.capacity.backup", Text("8min"))]),
    figure(153, "5min", &[("component.redis.capacity.restore", Text("5min"))]),
    figure(154, "94%", &[("component.redis.capacity.hit_rate", Text("94%"))]),
    figure(
        155,
        "450MB of 512MB, 10MB a month; raise to 2GB",
        &[
            ("component.redis.capacity.used", Text("450MB")),
            ("component.redis.capacity.limit", Text("512MB")),
            ("component.redis.capacity.growth", Text("10MB/month")),
            ("component.redis.capacity.raise_to", Text("2GB")),
        ],
    ),
    figure(156, "150", &[("component.rabbitmq.capacity.queues", Number(150.0))]),
    figure(
        157,
        "5 million of 2KB",
        &[
            ("component.rabbitmq.capacity.messages_per_day", Number(5_000_000.0)),
            ("component.rabbitmq.capacity.message_size", Text("2KB")),
        ],
    ),
    figure(158, "20min", &[("component.rabbitmq.capacity.restore", Text("20min"))]),
    figure(
        159,
        "30000 EUR/h",
        &[("cost.downtime.line.lost transactions.amount", Number(30000.0)), ("platform.currency", Text("EUR"))],
    ),
    figure(
        160,
        "10000 EUR/h",
        &[("cost.downtime.line.SLA penalties.amount", Number(10000.0)), ("platform.currency", Text("EUR"))],
    ),
    figure(
        161,
        "5000 EUR/h",
        &[("cost.downtime.line.engineering.amount", Number(5000.0)), ("platform.currency", Text("EUR"))],
    ),
    figure(
        162,
        "45000 EUR/h (50000+ in the summary)",
        &[("cost.downtime.per_hour", Number(45000.0)), ("platform.downtime_cost_per_hour", Number(50000.0))],
    ),
    figure(
        163,
        "20000 EUR",
        &[("cost.data_loss.line.agents run again.amount", Number(20000.0)), ("platform.currency", Text("EUR"))],
    ),
    figure(
        164,
        "8000 EUR",
        &[("cost.data_loss.line.recovery by hand.amount", Number(8000.0)), ("platform.currency", Text("EUR"))],
    ),
    figure(
        165,
        "5000 EUR",
        &[("cost.data_loss.line.compliance.amount", Number(5000.0)), ("platform.currency", Text("EUR"))],
    ),
    figure(166, "33000 EUR", &[("cost.data_loss.per_hour", Number(33000.0))]),
    figure(
        167,
        "123000 EUR",
        &[
            ("cost.incident.total", Number(123_000.0)),
            ("cost.incident.outage", Text("2h")),
            ("cost.incident.loss", Text("1h")),
        ],
    ),
    figure(
        168,
        "10500 EUR/y: NFS 5000, S3 3000, Glacier 500, tools 2000",
        &[
            ("cost.programme.backup.total", Number(10500.0)),
            ("cost.programme.backup.line.local NFS.amount", Number(5000.0)),
            ("cost.programme.backup.line.S3.amount", Number(3000.0)),
            ("cost.programme.backup.line.Glacier.amount", Number(500.0)),
            ("cost.programme.backup.line.software.amount", Number(2000.0)),
        ],
    ),
    figure(
        169,
        "18000 EUR/y: region 15000, network 2000, replication 1000",
        &[
            ("cost.programme.standby.total", Number(18000.0)),
            ("cost.programme.standby.line.the other region.amount", Number(15000.0)),
            ("cost.programme.standby.line.network.amount", Number(2000.0)),
            ("cost.programme.standby.line.database replication.amount", Number(1000.0)),
        ],
    ),
    figure(
        170,
        "14000 EUR/y: drills 4000, documents 2000, on-call 8000",
        &[
            ("cost.programme.operations.total", Number(14000.0)),
            ("cost.programme.operations.line.monthly drills.amount", Number(4000.0)),
            ("cost.programme.operations.line.documents.amount", Number(2000.0)),
            ("cost.programme.operations.line.on call.amount", Number(8000.0)),
        ],
    ),
    figure(171, "42500 EUR/y", &[("cost.programme_total", Number(42500.0))]),
    figure(172, "15% a year", &[("cost.incident.probability", Text("15%"))]),
    figure(173, "40000 EUR", &[("cost.incident.with_recovery", Number(40000.0))]),
    figure(
        174,
        "0.01, 0.023, 0.004 per GB and month",
        &[
            ("cost.storage.*.store", Texts(&["local", "offsite", "archive"])),
            ("cost.storage.*.per_gb", Numbers(&[0.01, 0.023, 0.004])),
        ],
    ),
    figure(
        175,
        "component, 1h, effort 1-2h, loss 0 to 1h",
        &[
            ("tier.level=1.name", Text("component")),
            ("tier.level=1.rto", Text("1h")),
            ("tier.level=1.effort", Text("1h to 2h")),
            ("tier.level=1.loss", Text("0s to 1h")),
        ],
    ),
    figure(
        176,
        "service, 2h, effort 3-4h, loss 1h",
        &[
            ("tier.level=2.name", Text("service")),
            ("tier.level=2.rto", Text("2h")),
            ("tier.level=2.effort", Text("3h to 4h")),
            ("tier.level=2.loss", Text("1h")),
        ],
    ),
    figure(
        177,
        "platform, 4h, effort 6-8h, loss 24h",
        &[
            ("tier.level=3.name", Text("platform")),
            ("tier.level=3.rto", Text("4h")),
            ("tier.level=3.effort", Text("6h to 8h")),
            ("tier.level=3.loss", Text("24h")),
        ],
    ),
    figure(
        178,
        "disaster, 24h, effort 24-48h, loss 1 week",
        &[
            ("tier.level=4.name", Text("disaster")),
            ("tier.level=4.rto", Text("24h")),
            ("tier.level=4.effort", Text("24h to 2d")),
            ("tier.level=4.loss", Text("7d")),
        ],
    ),
    figure(179, "4GB", &[("component.postgres.postgres.wal_keep_size", Text("4GB"))]),
    figure(
        180,
        "local 7d, S3 30d, Glacier 7y",
        &[
            ("data.agent-state.retention.local", Text("7d")),
            ("data.agent-state.retention.offsite", Text("30d")),
            ("data.agent-state.retention.archive", Text("7y")),
        ],
    ),
    figure(
        181,
        "local 14d, S3 90d",
        &[("data.configuration.retention.local", Text("14d")), ("data.configuration.retention.offsite", Text("90d"))],
    ),
    figure(
        182,
        "local 30d, S3 1y, Glacier 7y",
        &[
            ("data.audit-logs.retention.local", Text("30d")),
            ("data.audit-logs.retention.offsite", Text("1y")),
            ("data.audit-logs.retention.archive", Text("7y")),
        ],
    ),
];
