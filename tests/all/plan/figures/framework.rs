//! Document 004: the AI Agent Framework.

use super::query::Expected::{Has, Number, Text, Texts};
use super::{Figure, figure};

pub const FIGURES: &[Figure] = &[
    figure(210, "60min", &[("platform.rto", Text("1h"))]),
    figure(211, "15min", &[("platform.rpo", Text("15min"))]),
    figure(
        212,
        "15min",
        &[
            ("job.memory-snapshots.every", Text("15min")),
            ("data.memory-store.protected_by", Texts(&["memory-snapshots"])),
        ],
    ),
    figure(213, "us-east-1", &[("site.primary.region", Text("us-east-1"))]),
    figure(214, "us-west-2", &[("site.secondary.region", Text("us-west-2"))]),
    figure(215, "5min", &[("scenario.region-failure.triggers", Has("primary.verdict == down for 5min"))]),
    figure(216, "10%", &[("scenario.region-failure.triggers", Has("memory-store.data_loss > 10%"))]),
    figure(
        217,
        "SRE approval",
        &[("scenario.region-failure.triggers", Has("manual by sre")), ("procedure.fail-over.approved_by", Text("sre"))],
    ),
    figure(
        218,
        "0-5min",
        &[
            ("procedure.fail-over.step.detect.at", Text("0s to 5min")),
            ("procedure.fail-over.step.detect.phase", Text("Detection")),
        ],
    ),
    figure(
        219,
        "5-10min",
        &[
            ("procedure.fail-over.step.assess.at", Text("5min to 10min")),
            ("procedure.fail-over.step.assess.phase", Text("Assessment")),
        ],
    ),
    figure(
        220,
        "10-30min",
        &[
            ("procedure.fail-over.step.switch-traffic.at", Text("10min to 30min")),
            ("procedure.fail-over.step.switch-traffic.phase", Text("Failover")),
            ("procedure.fail-over.step.restore-memory.at", Text("10min to 30min")),
            ("procedure.fail-over.step.restore-memory.phase", Text("Failover")),
            ("procedure.fail-over.step.replay-journal.at", Text("10min to 30min")),
            ("procedure.fail-over.step.replay-journal.phase", Text("Failover")),
            ("procedure.fail-over.step.requeue-dead-letters.at", Text("10min to 30min")),
            ("procedure.fail-over.step.requeue-dead-letters.phase", Text("Failover")),
            ("procedure.fail-over.step.start-services.at", Text("10min to 30min")),
            ("procedure.fail-over.step.start-services.phase", Text("Failover")),
        ],
    ),
    figure(
        221,
        "30-50min",
        &[
            ("procedure.fail-over.step.validate.at", Text("30min to 50min")),
            ("procedure.fail-over.step.validate.phase", Text("Validation")),
        ],
    ),
    figure(
        222,
        "50-60min, monitor 1h",
        &[
            ("procedure.fail-over.step.tell-and-watch.at", Text("50min to 1h")),
            ("procedure.fail-over.step.tell-and-watch.phase", Text("Post-failover")),
            ("procedure.fail-over.monitor", Text("1h")),
        ],
    ),
    figure(223, "60s", &[("component.dns.dns.ttl", Text("1min")), ("component.dns.dns.provider", Text("route53"))]),
    figure(
        224,
        "99%",
        &[("component.orchestrator.flow.golden-flow.slo", Text("99%")), ("procedure.fail-over.success", Text("99%"))],
    ),
    figure(225, "2h", &[("procedure.fail-back.window", Text("2h"))]),
    figure(226, "120% of primary load", &[("platform.secondary_capacity", Text("120%"))]),
    figure(227, "2x", &[("cost.failover_factor", Number(2.0))]),
    figure(
        228,
        "quarterly, region failure",
        &[
            ("job.quarterly-drill.every", Text("3 months")),
            ("job.quarterly-drill.scenario", Text("region-failure")),
            ("job.quarterly-drill.do", Text("drill")),
        ],
    ),
    figure(229, "Chaos Mesh", &[("job.quarterly-drill.chaos", Text("Chaos Mesh"))]),
    figure(230, "#incidents", &[("channel.incidents.target", Text("#incidents"))]),
    figure(
        231,
        "memory store; workflow journal; outbox; config and schemas",
        &[
            ("data.*.name", Texts(&["memory-store", "workflow-journal", "outbox", "config-and-schemas"])),
            ("data.*.rpo", Texts(&["15min", "15min", "15min", "15min"])),
        ],
    ),
    figure(
        232,
        "orchestrator; agents; plugins; queues",
        &[
            ("procedure.fail-over.restores", Has("orchestrator")),
            ("procedure.fail-over.restores", Has("agents")),
            ("procedure.fail-over.restores", Has("plugins")),
            ("procedure.fail-over.restores", Has("queues")),
            ("scenario.region-failure.procedure", Text("fail-over")),
            ("component.orchestrator.rto", Text("1h")),
            ("component.agents.rto", Text("1h")),
            ("component.plugins.rto", Text("1h")),
            ("component.queues.rto", Text("1h")),
        ],
    ),
    figure(
        233,
        "re-ingest DLQ to secondary",
        &[
            ("procedure.fail-over.step.requeue-dead-letters.do", Text("requeue")),
            ("procedure.fail-over.step.requeue-dead-letters.of", Text("queues-secondary")),
            ("component.queues-secondary.site", Text("secondary")),
            ("component.queues-secondary.rabbitmq.critical_queues", Texts(&["dead-letters"])),
            ("component.queues.rabbitmq.critical_queues", Texts(&["dead-letters"])),
        ],
    ),
    figure(
        234,
        "SRE; On-call; Engineering",
        &[
            ("role.sre.title", Text("Site reliability engineers")),
            ("role.sre.during", Has("fail over")),
            ("role.on-call.during", Has("assesses first")),
            ("role.engineering.after", Has("reviews what happened")),
        ],
    ),
];
