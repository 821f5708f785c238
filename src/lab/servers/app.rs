//! The applications of a site, over HTTPS with that site's certificate.

use crate::lab::app::{Options, Tls};
use crate::lab::context::Lab;
use crate::lab::launch::Launch;
use crate::lab::populate::urls;
use crate::lab::secrets::LabSecret;
use crate::lab::servers::postgres::DATABASE;
use crate::lab::world::{Login, Servers};
use crate::lab::{LabError, Role, ServerId, files};

/// Writes the options once, with passwords that only the servers' account can read.
pub(super) fn prepare(lab: &Lab, server: ServerId) -> Result<(), LabError> {
    let folder = lab.layout.server(server);
    let path = folder.join("app.json");
    if path.exists() {
        return Ok(());
    }
    let account = lab.record.account.as_ref();
    let login = |scheme: &str, role: Role, path: &str, secret: LabSecret| {
        let file = folder.join(format!("{}.password", role.name()));
        files::replace(&file, lab.secret(secret)?.as_bytes(), 0o600, account)?;
        Ok::<Login, LabError>(Login::among(urls(lab, scheme, server.site, role, "app", path), file))
    };
    let servers = Servers {
        postgres: login("postgresql", Role::Postgres, &format!("/{DATABASE}"), LabSecret::PostgresApp)?,
        redis: login("redis", Role::Redis, "", LabSecret::RedisApp)?,
        rabbitmq: login("amqp", Role::Rabbitmq, "/%2f", LabSecret::RabbitmqApp)?,
    };
    let certificates = lab.layout.certificates(server.site);
    let options = Options {
        name: server.name(),
        site: server.site.name().to_owned(),
        listen: lab.address(server),
        servers,
        log: folder.join("app.log"),
        tls: Some(Tls { certificate: certificates.join("app.pem"), key: certificates.join("app.key") }),
    };
    files::write_json(&path, &options, 0o600, account)
}

pub(super) fn launch(lab: &Lab, server: ServerId) -> Launch {
    Launch::new(&lab.record.program, lab.layout.server(server)).args(["lab", "serve", "app", "app.json"])
}

/// Asks whether it is there, whatever its certificate looks like just now.
pub(super) async fn answers(lab: &Lab, server: ServerId) -> Result<(), String> {
    let client = reqwest::Client::builder().no_proxy().tls_danger_accept_invalid_certs(true);
    let client = client.timeout(std::time::Duration::from_secs(5)).build().map_err(|error| error.to_string())?;
    let asked = client.get(format!("https://{}/live", lab.address(server))).send().await;
    let answer = asked.map_err(|error| error.without_url().to_string())?;
    if answer.status().is_success() { Ok(()) } else { Err(format!("it says {}", answer.status())) }
}
