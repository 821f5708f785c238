//! A pretended Elasticsearch with one repository, `nightly`: its answers are those that its documentation shows.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::systems::web::server::{Says, Server, page};

/// What answers in its place, told the first line of a request.
type Mood = Box<dyn Fn(&str) -> Option<Says> + Send>;

/// What a repository has under a name.
#[derive(Clone)]
pub struct Snapshot {
    pub uuid: String,
    pub state: &'static str,
    pub indexes: usize,
    pub shards: u64,
    pub failed: u64,
}

impl Default for Snapshot {
    fn default() -> Snapshot {
        Snapshot { uuid: "s-1".to_owned(), state: "SUCCESS", indexes: 1, shards: 2, failed: 0 }
    }
}

#[derive(Default)]
struct Kept {
    uuid: &'static str,
    /// What a snapshot becomes that is begun.
    becomes: Snapshot,
    snapshots: BTreeMap<String, Snapshot>,
    mood: Option<Mood>,
}

pub struct Cluster {
    pub server: Server,
    kept: Arc<Mutex<Kept>>,
}

impl Cluster {
    pub async fn start() -> Cluster {
        let kept = Arc::new(Mutex::new(Kept { uuid: "u-1", ..Kept::default() }));
        let answers = Arc::clone(&kept);
        let server = Server::start(move |line| {
            let mut kept = answers.lock().unwrap();
            let own = kept.mood.as_ref().and_then(|mood| mood(line));
            own.unwrap_or_else(|| kept.answer(line))
        })
        .await;
        Cluster { server, kept }
    }

    /// What a snapshot becomes that is begun from now on.
    pub fn becomes(&self, becomes: Snapshot) {
        self.kept.lock().unwrap().becomes = becomes;
    }

    pub fn has(&self, name: &str, snapshot: Snapshot) {
        self.kept.lock().unwrap().snapshots.insert(name.to_owned(), snapshot);
    }

    pub fn loses(&self, name: &str) {
        self.kept.lock().unwrap().snapshots.remove(name).unwrap();
    }

    /// The names in its repository.
    pub fn names(&self) -> Vec<String> {
        self.kept.lock().unwrap().snapshots.keys().cloned().collect()
    }

    /// It is another one from now on.
    pub fn is(&self, uuid: &'static str) {
        self.kept.lock().unwrap().uuid = uuid;
    }

    /// What it answers from now on where that is something.
    pub fn says(&self, mood: impl Fn(&str) -> Option<Says> + Send + 'static) {
        self.kept.lock().unwrap().mood = Some(Box::new(mood));
    }

    /// It answers as it should again.
    pub fn calms_down(&self) {
        self.kept.lock().unwrap().mood = None;
    }

    /// The first lines of what it was asked by this method.
    pub fn asked(&self, method: &str) -> Vec<String> {
        let asked = self.server.asked();
        let lines = asked.iter().filter_map(|asked| asked.lines().next()).filter(|line| line.starts_with(method));
        lines.map(|line| line.trim_end_matches(" HTTP/1.1").to_owned()).collect()
    }
}

/// An error as Elasticsearch tells it.
pub fn fault(status: u16, kind: &str, reason: &str) -> Says {
    let cause = format!(r#""type":"{kind}","reason":"{reason}""#);
    page(status, &format!(r#"{{"error":{{"root_cause":[{{{cause}}}],{cause}}},"status":{status}}}"#))
}

impl Kept {
    fn answer(&mut self, line: &str) -> Says {
        let path = line.split_whitespace().nth(1).unwrap_or_default();
        let path = path.split('?').next().unwrap_or_default();
        let steps: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        match (line.split_whitespace().next(), steps.as_slice()) {
            (Some("GET"), [""]) => page(
                200,
                &format!(
                    r#"{{"name":"n1","cluster_name":"logs","cluster_uuid":"{}","version":{{"number":"8.11.1"}}}}"#,
                    self.uuid
                ),
            ),
            (_, ["_snapshot", repository, ..]) if *repository != "nightly" => {
                fault(404, "repository_missing_exception", &format!("[{repository}] missing"))
            }
            (Some("PUT"), [_, _, name]) => {
                self.snapshots.insert((*name).to_owned(), self.becomes.clone());
                page(200, r#"{"accepted":true}"#)
            }
            (Some(method), [_, repository, name, rest @ ..]) => match self.snapshots.get(*name).cloned() {
                None => fault(404, "snapshot_missing_exception", &format!("[{repository}:{name}] is missing")),
                Some(_) if method == "DELETE" => {
                    self.snapshots.remove(*name);
                    page(200, r#"{"acknowledged":true}"#)
                }
                Some(snapshot) if rest == ["_status"] => page(200, &snapshot.status(name)),
                Some(snapshot) => page(200, &snapshot.listed(name)),
            },
            _ => page(404, r#"{"error":{"reason":"not recorded"}}"#),
        }
    }
}

impl Snapshot {
    /// As the get snapshot API tells of it.
    pub fn listed(&self, name: &str) -> String {
        let indexes: Vec<String> = (0..self.indexes).map(|index| format!(r#""audit-{index}""#)).collect();
        let Snapshot { uuid, state, shards, failed, .. } = self;
        let failures = if *failed > 0 || *state != "SUCCESS" {
            r#"{"index":"audit-0","index_uuid":"audit-0","shard_id":0,"reason":"no space left","node_id":"n","status":"INTERNAL_SERVER_ERROR"}"#
        } else {
            ""
        };
        format!(
            r#"{{"snapshots":[{{"snapshot":"{name}","uuid":"{uuid}","repository":"nightly","version_id":8110199,"version":"8110199","indices":[{}],"data_streams":[],"include_global_state":true,"state":"{state}","start_time":"2024-11-18T02:00:00.000Z","start_time_in_millis":1731895200000,"end_time":"2024-11-18T02:00:09.000Z","end_time_in_millis":1731895209000,"duration_in_millis":9000,"failures":[{failures}],"shards":{{"total":{},"failed":{failed},"successful":{shards}}},"feature_states":[]}}],"total":1,"remaining":0}}"#,
            indexes.join(","),
            shards + failed,
        )
    }

    /// As the get snapshot status API tells of it.
    fn status(&self, name: &str) -> String {
        let Snapshot { uuid, state, shards, failed, .. } = self;
        format!(
            r#"{{"snapshots":[{{"snapshot":"{name}","repository":"nightly","uuid":"{uuid}","state":"{state}","include_global_state":true,"shards_stats":{{"initializing":0,"started":0,"finalizing":0,"done":{shards},"failed":{failed},"total":{}}},"stats":{{"incremental":{{"file_count":4,"size_in_bytes":9}},"total":{{"file_count":4,"size_in_bytes":9}}}},"indices":{{}}}}]}}"#,
            shards + failed,
        )
    }
}
