//! The facts of a `RabbitMQ` broker.

use super::FactInfo;

pub(super) const FACTS: &[FactInfo] = &[
    FactInfo::text("version", "Version"),
    FactInfo::text("node", "Node").about("that answered"),
    FactInfo::count("nodes", "Nodes running"),
    FactInfo::count("nodes_missing", "Nodes missing").about("of those in the plan or in the cluster").above_count(0.0),
    FactInfo::words("cluster", "Cluster", &["complete", "incomplete", "partitioned"]),
    FactInfo::count("partitions", "Partitions").above_count(0.0),
    FactInfo::words("memory_alarm", "Memory alarm", &["off", "on"]),
    FactInfo::words("disk_alarm", "Disk alarm", &["off", "on"]),
    FactInfo::share("memory", "Memory").about("of what raises the alarm, on the fullest node").above_percent(90.0),
    FactInfo::size("disk_free", "Disk free").about("above what raises the alarm, on the fullest node"),
    FactInfo::count("quorum_critical", "Queues one node from losing quorum").above_count(0.0),
    FactInfo::count("queues", "Queues"),
    FactInfo::count("queues_down", "Queues down").above_count(0.0),
    FactInfo::count("messages", "Messages waiting"),
    FactInfo::count("unacknowledged", "Messages handed out").about("and not acknowledged yet"),
    FactInfo::count("consumers", "Consumers"),
    FactInfo::count("connections", "Connections"),
    FactInfo::count("critical_without_consumer", "Critical queues without a consumer").above_count(0.0),
    FactInfo::per_second("published", "Published"),
    FactInfo::per_second("delivered", "Delivered"),
    FactInfo::span("consumer_lag", "Consumers behind by")
        .about("age of the oldest message where known, else how long the backlog takes at the rate of now")
        .above_secs(300),
    FactInfo::count("no_route", "Messages without a route").about("in ten minutes").above_count(0.0),
    FactInfo::count("dead_lettered", "Dead-lettered messages").about("waiting in dead-letter queues"),
    FactInfo::count("messages_lost", "Messages lost")
        .about("in queues that vanished or came back empty")
        .above_count(0.0),
    FactInfo::count("fleeting_queues", "Queues that do not survive a restart").rare(),
    FactInfo::count("fleeting_messages", "Messages that do not survive a restart").rare(),
    FactInfo::words("definitions", "Definitions", &["complete", "incomplete", "missing"])
        .about("queues against the plan and the last backup of the definitions"),
    FactInfo::count("queues_missing", "Queues missing")
        .about("of the plan or the last backup of the definitions")
        .above_count(0.0),
];
