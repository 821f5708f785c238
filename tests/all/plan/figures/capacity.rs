//! Document 000: capacity, costs, tiers, retention.

use super::query::Expected::{Number, Numbers, Text, Texts};
use super::{Figure, figure};

pub const FIGURES: &[Figure] = &[
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
