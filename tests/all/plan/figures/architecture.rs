//! Document 003: objectives, priorities and what runs.

use super::query::Expected::{Flag, Number, Text, Texts};
use super::{Figure, figure};

pub const FIGURES: &[Figure] = &[
    figure(1, "1h", &[("component.postgres.rto", Text("1h"))]),
    figure(2, "30min", &[("component.redis.rto", Text("30min"))]),
    figure(3, "45min", &[("component.rabbitmq.rto", Text("45min"))]),
    figure(4, "2h", &[("component.application.rto", Text("2h"))]),
    figure(5, "15min", &[("component.tls-certificates.rto", Text("15min"))]),
    figure(6, "30min", &[("component.configuration.rto", Text("30min"))]),
    figure(7, "2h", &[("platform.rto", Text("2h"))]),
    figure(8, "1h", &[("platform.rpo", Text("1h"))]),
    figure(9, "1h", &[("data.agent-state.rpo", Text("1h"))]),
    figure(10, "15min", &[("data.session-data.rpo", Text("15min"))]),
    figure(11, "1h", &[("data.message-queue-data.rpo", Text("1h"))]),
    figure(12, "24h", &[("data.configuration.rpo", Text("24h"))]),
    figure(
        13,
        "real-time",
        &[("data.tls-certificates.rpo", Text("0s")), ("job.certificates-on-change.on_change", Flag(true))],
    ),
    figure(14, "24h", &[("data.audit-logs.rpo", Text("24h"))]),
    figure(15, "1h", &[("priority.level=1.within", Text("1h"))]),
    figure(16, "4h", &[("priority.level=2.within", Text("4h"))]),
    figure(17, "24h", &[("priority.level=3.within", Text("24h"))]),
    figure(
        18,
        "PostgreSQL primary; RabbitMQ; core application services; network connectivity",
        &[
            (
                "priority.level=1.members",
                Texts(&["PostgreSQL primary", "RabbitMQ", "core application services", "network connectivity"]),
            ),
            ("component.postgres.priority", Number(1.0)),
            ("component.rabbitmq.priority", Number(1.0)),
            ("component.application.priority", Number(1.0)),
            ("component.network.priority", Number(1.0)),
        ],
    ),
    figure(
        19,
        "Redis cluster; configuration management; application logging; secondary services",
        &[
            (
                "priority.level=2.members",
                Texts(&["Redis cluster", "configuration management", "application logging", "secondary services"]),
            ),
            ("component.redis.priority", Number(2.0)),
            ("component.configuration.priority", Number(2.0)),
            ("component.elasticsearch.priority", Number(2.0)),
        ],
    ),
    figure(
        20,
        "analytics and reporting; non-critical services; development environments; monitoring",
        &[
            (
                "priority.level=3.members",
                Texts(&["analytics and reporting", "non-critical services", "development environments", "monitoring"]),
            ),
            ("component.prometheus.priority", Number(3.0)),
            ("component.grafana.priority", Number(3.0)),
        ],
    ),
    figure(
        21,
        "Nginx, HAProxy or Kubernetes ingress",
        &[
            ("component.load-balancer.kind", Text("load-balancer")),
            ("component.load-balancer.balancer.implementations", Texts(&["nginx", "haproxy", "kubernetes-ingress"])),
        ],
    ),
    figure(
        22,
        "4",
        &[
            ("component.application.nodes", Number(4.0)),
            ("component.load-balancer.balancer.hosts", Texts(&["app-1", "app-2", "app-3", "app-4"])),
            ("component.app-4.kind", Text("http")),
        ],
    ),
    figure(23, "15", &[("component.postgres.version", Text("15"))]),
    figure(
        24,
        "agent_postgres",
        &[
            ("component.postgres.container", Text("agent_postgres")),
            ("component.postgres.reach.docker", Text("agent_postgres")),
        ],
    ),
    figure(
        25,
        "5432",
        &[(
            "component.postgres.address",
            Text("postgresql://lifeboat@db-1.orchestrator.example.internal:5432/agent_orchestrator"),
        )],
    ),
    figure(26, "agent_orchestrator", &[("component.postgres.postgres.database", Text("agent_orchestrator"))]),
    figure(
        27,
        "replica and standby, streaming",
        &[
            ("component.postgres.postgres.standbys", Texts(&["postgres-replica", "postgres-standby"])),
            ("component.postgres.postgres.replication", Text("streaming")),
            ("component.postgres-replica.kind", Text("postgres")),
            ("component.postgres-standby.kind", Text("postgres")),
        ],
    ),
    figure(28, "7", &[("component.redis.version", Text("7"))]),
    figure(
        29,
        "agent_redis",
        &[("component.redis.container", Text("agent_redis")), ("component.redis.reach.docker", Text("agent_redis"))],
    ),
    figure(30, "6379", &[("component.redis.address", Text("redis://redis-1.orchestrator.example.internal:6379"))]),
    figure(
        31,
        "3 (master, two replicas)",
        &[("component.redis.nodes", Number(3.0)), ("component.redis.redis.replicas", Texts(&["redis-2", "redis-3"]))],
    ),
    figure(
        32,
        "everysec",
        &[("component.redis.redis.appendfsync", Text("everysec")), ("component.redis.redis.append_only", Flag(true))],
    ),
    figure(33, "512MB", &[("component.redis.redis.memory_limit", Text("512MB"))]),
    figure(34, "allkeys-lru", &[("component.redis.redis.eviction", Text("allkeys-lru"))]),
    figure(35, "3.12", &[("component.rabbitmq.version", Text("3.12"))]),
    figure(
        36,
        "agent_rabbitmq",
        &[
            ("component.rabbitmq.container", Text("agent_rabbitmq")),
            ("component.rabbitmq.reach.docker", Text("agent_rabbitmq")),
        ],
    ),
    figure(
        37,
        "5672, 15672",
        &[
            ("component.rabbitmq.address", Text("amqp://mq-1.orchestrator.example.internal:5672")),
            ("component.rabbitmq.rabbitmq.management", Text("http://mq-1.orchestrator.example.internal:15672")),
        ],
    ),
    figure(
        38,
        "3",
        &[
            ("component.rabbitmq.nodes", Number(3.0)),
            ("component.rabbitmq-2.kind", Text("rabbitmq")),
            ("component.rabbitmq-3.kind", Text("rabbitmq")),
        ],
    ),
];
