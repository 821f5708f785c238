//! The applications of a site behind their load balancer, as users and the balancer's statistics see them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::test_lab::TestLab;

impl TestLab {
    /// A client that trusts the authority of the primary site, with a connection of its own for each request.
    pub fn user(&self) -> reqwest::Client {
        let ca = std::fs::read(self.folder().join("sites/primary/certificates/ca.pem")).unwrap();
        let ca = reqwest::Certificate::from_pem(&ca).unwrap();
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([ca]).pool_max_idle_per_host(0);
        client.timeout(std::time::Duration::from_secs(10)).build().unwrap()
    }

    /// Which application answers a user of the primary site, if one does.
    pub async fn answered_by(&self) -> Option<String> {
        let url = format!("https://{}/live", self.address("primary/balancer"));
        let answer: Value = self.user().get(url).send().await.ok()?.json().await.ok()?;
        Some(answer["app"].as_str().unwrap().to_owned())
    }

    /// Which applications answer so many requests; each request has to be answered.
    pub async fn answer_in_turn(&self, requests: u32) -> BTreeSet<String> {
        let mut apps = BTreeSet::new();
        for _ in 0..requests {
            apps.insert(self.answered_by().await.expect("a user got no answer"));
        }
        apps
    }

    /// How the balancer of a site says that those behind it are.
    pub async fn hosts(&self, site: &str) -> BTreeMap<String, String> {
        let server = format!("{site}/balancer");
        let (address, port) = (self.address(&server).ip(), self.door(&format!("{server}/statistics")));
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let csv = client.get(format!("http://{address}:{port}/;csv")).send().await.unwrap().text().await.unwrap();
        let rows = csv.lines().map(|line| line.split(',').collect::<Vec<_>>());
        let hosts = rows.filter(|row| row[0] == "applications" && row[1] != "BACKEND");
        hosts.map(|row| (row[1].to_owned(), row[17].to_owned())).collect()
    }

    pub async fn is_up(&self, host: &str) -> bool {
        self.hosts("primary").await[host] == "UP"
    }
}
