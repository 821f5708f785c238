//! The helper that uses up a database's connections: it opens them as the application and keeps them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio_postgres::NoTls;

use crate::lab::context::Lab;
use crate::lab::launch::Launch;
use crate::lab::secrets::LabSecret;
use crate::lab::servers::postgres::DATABASE;
use crate::lab::{LabError, Role, ServerId, Site, files};

/// With so many held, few enough are left that the next client gets none.
pub(super) const ENOUGH: i64 = 50;

/// Which connections to hold.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    host: String,
    port: u16,
    password_file: PathBuf,
}

/// How the helper is started.
pub(super) fn launch(lab: &Lab) -> Result<Launch, LabError> {
    let server = ServerId::new(Site::Primary, Role::Postgres);
    let folder = lab.layout.server(server);
    let account = lab.record.account.as_ref();
    let password_file = folder.join("app.password");
    files::replace(&password_file, lab.secret(LabSecret::PostgresApp)?.as_bytes(), 0o600, account)?;
    let address = lab.address(server);
    let options = Options { host: address.ip().to_string(), port: address.port(), password_file };
    let path = folder.join("holder.json");
    files::write_json(&path, &options, 0o600, account)?;
    Ok(Launch::new(&lab.record.program, folder).args(["lab", "serve", "holder"]).arg(path))
}

/// Opens connections as long as there are any, and holds them; ends only with the process.
pub async fn serve(path: &Path) -> Result<(), LabError> {
    let options: Options = files::read_options(path)?;
    let password =
        std::fs::read_to_string(&options.password_file).map_err(LabError::file("read", &options.password_file))?;
    let mut config = tokio_postgres::Config::new();
    config.host(&options.host).port(options.port).user("app").password(password).dbname(DATABASE);
    config.application_name("holder").connect_timeout(Duration::from_secs(5));
    let mut held = Vec::new();
    loop {
        match config.connect(NoTls).await {
            Ok((client, connection)) => {
                held.push(client);
                tokio::spawn(connection);
            }
            // As soon as somebody lets go of one, it is taken too.
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
        held.retain(|client| !client.is_closed());
    }
}
