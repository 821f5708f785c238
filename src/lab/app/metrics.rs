//! What the application counts, in the words of Prometheus.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

/// One thing that is counted from the start on.
#[derive(Clone, Copy, Debug)]
pub(super) enum Count {
    Requests,
    Errors,
    Flows,
    FailedFlows,
    DatabaseErrors,
    CacheHits,
    CacheMisses,
}

/// Name and meaning, in the order of [`Count`].
const TOLD: [(&str, &str); 7] = [
    ("requests", "Requests answered."),
    ("errors", "Requests that ended in an error."),
    ("golden_flows", "Golden flows begun."),
    ("golden_flow_failures", "Golden flows that did not get to their end."),
    ("database_errors", "Requests in which the database failed."),
    ("cache_hits", "Golden flows that found the settings of their agent in the cache."),
    ("cache_misses", "Golden flows that had to get the settings of their agent from the database."),
];

/// What `/metrics` tells.
#[derive(Debug, Default)]
pub(super) struct Counts([AtomicU64; TOLD.len()]);

impl Counts {
    /// Counts one more.
    pub(super) fn add(&self, count: Count) {
        self.0[count as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// All of them as Prometheus reads them, and that the application is there.
    pub(super) fn text(&self, site: &str, app: &str) -> String {
        let of = format!("{{site=\"{site}\",app=\"{app}\"}}");
        let mut text = format!("# HELP app_up Whether the application is there.\n# TYPE app_up gauge\napp_up{of} 1\n");
        for ((name, help), count) in TOLD.iter().zip(&self.0) {
            let value = count.load(Ordering::Relaxed);
            let _ = writeln!(
                text,
                "# HELP app_{name}_total {help}\n# TYPE app_{name}_total counter\napp_{name}_total{of} {value}"
            );
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_count_has_its_own_name() {
        let counts = Counts::default();
        counts.add(Count::Requests);
        (0..3).for_each(|_| counts.add(Count::CacheMisses));
        let text = counts.text("dr", "app-2");
        assert!(text.contains("app_requests_total{site=\"dr\",app=\"app-2\"} 1\n"), "{text}");
        assert!(text.contains("app_cache_misses_total{site=\"dr\",app=\"app-2\"} 3\n"), "{text}");
        assert!(text.contains("app_cache_hits_total{site=\"dr\",app=\"app-2\"} 0\n"), "{text}");
    }
}
