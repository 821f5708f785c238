//! Document 003: roles, messages, escalation, figures that are followed.

use super::query::Expected::{Count, Nothing, Text, Texts};
use super::{Figure, figure};

pub const FIGURES: &[Figure] = &[
    figure(
        100,
        "DBA; DevOps/Infrastructure; Application Owner; Information Security Officer; CIO; Incident Commander",
        &[
            ("role.dba.title", Text("Database administrator")),
            ("role.devops.title", Text("DevOps and infrastructure engineer")),
            ("role.application-owner.title", Text("Application owner and engineering lead")),
            ("role.iso.title", Text("Information security officer")),
            ("role.cio.title", Text("Chief information officer")),
            ("role.incident-commander.title", Text("Incident commander")),
        ],
    ),
    figure(
        101,
        "pre, during and post incident for each",
        &[
            ("role.dba.before", Count(6)),
            ("role.dba.during", Count(6)),
            ("role.dba.after", Count(5)),
            ("role.devops.before", Count(6)),
            ("role.devops.during", Count(5)),
            ("role.devops.after", Count(5)),
            ("role.application-owner.before", Count(5)),
            ("role.application-owner.during", Count(5)),
            ("role.application-owner.after", Count(5)),
            ("role.iso.before", Count(5)),
            ("role.iso.during", Count(5)),
            ("role.iso.after", Count(5)),
            ("role.cio.before", Count(4)),
            ("role.cio.during", Count(5)),
            ("role.cio.after", Count(4)),
            ("role.incident-commander.before", Count(1)),
            ("role.incident-commander.during", Count(3)),
            ("role.incident-commander.after", Count(2)),
        ],
    ),
    figure(
        102,
        "5min",
        &[
            ("message.discovery.within", Text("5min")),
            ("message.discovery.on", Text("detected")),
            ("message.discovery.to", Texts(&["incident-commander", "dba", "cio"])),
            ("message.discovery.via", Texts(&["phone", "incident-room"])),
        ],
    ),
    figure(
        103,
        "15min",
        &[
            ("message.status-update.within", Text("15min")),
            ("message.status-update.on", Text("detected")),
            ("message.status-update.to", Texts(&["engineering-lead", "manager"])),
        ],
    ),
    figure(
        104,
        "30min",
        &[
            ("message.business-notice.within", Text("30min")),
            ("message.business-notice.on", Text("detected")),
            ("message.business-notice.to", Texts(&["vp-product", "vp-engineering", "sales"])),
            ("message.business-notice.via", Texts(&["conference", "email"])),
        ],
    ),
    figure(
        105,
        "15min",
        &[
            ("message.customer-notice.within", Text("15min")),
            ("message.customer-notice.on", Text("declared")),
            ("message.customer-notice.via", Texts(&["status-page", "email"])),
        ],
    ),
    figure(106, "30min", &[("message.customer-notice.every", Text("30min"))]),
    figure(
        107,
        "immediately",
        &[("message.all-clear.within", Text("0s")), ("message.all-clear.on", Text("recovered"))],
    ),
    figure(
        108,
        "24-48h",
        &[
            ("message.post-incident-report.within", Text("24h to 2d")),
            ("message.post-incident-report.on", Text("recovered")),
            ("message.post-incident-report.contains", Count(5)),
        ],
    ),
    figure(109, "5min", &[("response.P1.within", Text("5min"))]),
    figure(110, "15min", &[("response.P2.within", Text("15min"))]),
    figure(111, "business hours", &[("response.P3.during", Text("business hours")), ("response.P3.within", Nothing)]),
    figure(
        112,
        "0-15min on-call engineer",
        &[
            ("escalation.1.from", Text("0s")),
            ("escalation.1.until", Text("15min")),
            ("escalation.1.who", Texts(&["on-call-engineer"])),
        ],
    ),
    figure(
        113,
        "15-30min engineering lead and manager",
        &[
            ("escalation.2.from", Text("15min")),
            ("escalation.2.until", Text("30min")),
            ("escalation.2.who", Texts(&["engineering-lead", "manager"])),
        ],
    ),
    figure(
        114,
        "30-60min director and CIO",
        &[
            ("escalation.3.from", Text("30min")),
            ("escalation.3.until", Text("1h")),
            ("escalation.3.who", Texts(&["director", "cio"])),
        ],
    ),
    figure(
        115,
        "60min+ executives and board",
        &[
            ("escalation.4.from", Text("1h")),
            ("escalation.4.until", Nothing),
            ("escalation.4.who", Texts(&["executives", "board"])),
        ],
    ),
    figure(
        116,
        "AWS support; backup vendor; DNS provider; ISP",
        &[("contact.*.name", Texts(&["aws-support", "backup-vendor", "dns-provider", "isp"]))],
    ),
    figure(117, "1h", &[("kpi.backup-completion.target", Text("< 1h"))]),
    figure(118, "99.9%", &[("kpi.backup-success.target", Text(">= 99.9%"))]),
    figure(119, "100%", &[("kpi.upload-success.target", Text("100%"))]),
    figure(120, "100%", &[("kpi.retention-compliance.target", Text("100%"))]),
    figure(121, "100%", &[("kpi.restore-test-success.target", Text("100%"))]),
    figure(122, "5min", &[("kpi.time-to-detect.target", Text("< 5min"))]),
    figure(123, "24h", &[("kpi.issue-resolution.target", Text("< 24h"))]),
    figure(
        124,
        "CIO; VP Engineering; Head of Operations; ISO; Compliance",
        &[("approval.*.role", Texts(&["cio", "vp-engineering", "head-of-operations", "iso", "compliance-officer"]))],
    ),
    figure(
        125,
        "quarterly",
        &[("platform.review_every", Text("3 months")), ("review.this plan.every", Text("3 months"))],
    ),
];
