//! The facts of machines and containers.

use super::FactInfo;

pub(super) const HOST: &[FactInfo] = &[
    FactInfo::words("ping", "Answers", &["ok", "failed"]).about("to a command through its reach, or on its address"),
    FactInfo::words("services", "Services", &["up", "partly", "down"])
        .about("the components that run on it")
        .told_by("watch"),
    FactInfo::words("container_runtime", "Container runtime", &["working", "failed", "none"]),
    FactInfo::moment("booted", "Booted"),
    FactInfo::share("load", "Load").about("of its cores, over five minutes").above_percent(400.0),
    FactInfo::share("memory", "Memory in use").above_percent(95.0),
    FactInfo::share("disk", "Disk in use").about("on the fullest place that the plan names").above_percent(90.0),
    FactInfo::size("disk_free", "Disk free"),
    FactInfo::share("inodes", "Inodes in use").above_percent(90.0),
    FactInfo::words("partition", "Network", &["detected", "none"])
        .about("whether others still see it")
        .told_by("watch"),
];

pub(super) const CONTAINER: &[FactInfo] = &[
    FactInfo::words(
        "state",
        "State",
        &["running", "paused", "restarting", "exited", "created", "dead", "removing", "missing"],
    ),
    FactInfo::words("health", "Health check", &["healthy", "unhealthy", "starting", "none"]),
    FactInfo::text("image", "Image"),
    FactInfo::moment("started", "Started"),
    FactInfo::count("restarts", "Restarts").about("since it was made"),
    FactInfo::count("restarts_lately", "Restarts lately").about("in ten minutes").above_count(0.0),
    FactInfo::flag("out_of_memory", "Killed for lack of memory"),
    FactInfo::count("exit_code", "Ended with"),
    FactInfo::words("container_runtime", "Container runtime", &["working", "failed"]),
];
