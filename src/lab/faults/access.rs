//! Faults of getting in: logins refused, connections used up.

use serde_json::json;

use super::guard;
use super::{Deed, Undo};
use crate::lab::context::Lab;
use crate::lab::secrets::LabSecret;
use crate::lab::servers::{postgres, rabbitmq, redis as cache};
use crate::lab::{LabError, Role, ServerId, Site, launch};

/// The user that the application is on every server.
const USER: &str = "app";

pub(super) async fn refuse_logins(deed: &mut Deed<'_>) -> Result<(), LabError> {
    let role = match deed.target.as_str() {
        "postgres" => Role::Postgres,
        "redis" => Role::Redis,
        "rabbitmq" => Role::Rabbitmq,
        _ => return Err(deed.bad_target()),
    };
    // One that does not answer is refused before anything is written down.
    let server = match role {
        Role::Postgres => {
            drop(guard::postgres(deed.lab, Site::Primary, "postgres").await?);
            ServerId::new(Site::Primary, role)
        }
        Role::Redis => {
            let server = cache::primary(deed.lab).await;
            drop(guard::redis(deed.lab, server).await?);
            server
        }
        _ => guard::rabbitmq(deed.lab, Site::Primary).await?,
    };
    // Redis keeps its users in a file, and what is changed at run time in memory only.
    let of = deed.lab.processes.alive(server).filter(|_| role == Role::Redis);
    deed.remember(format!("made {server} refuse the user {USER}"), Some(Undo::AllowLogins(server, of)))?;
    match role {
        Role::Postgres => {
            let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'";
            sql(deed.lab, &["ALTER ROLE app NOLOGIN", end]).await
        }
        Role::Redis => {
            acl(deed.lab, server, &["off"]).await?;
            let mut connection = guard::redis(deed.lab, server).await?;
            let ended = redis::cmd("CLIENT").arg("KILL").arg("USER").arg(USER).query_async::<()>(&mut connection).await;
            ended.map_err(|error| deed.failed(error.to_string()))
        }
        _ => {
            let was = user(deed.lab).await?;
            change_user(deed.lab, json!({ "password_hash": "", "tags": was["tags"] })).await?;
            end_connections(deed.lab).await
        }
    }
}

pub(super) async fn allow_logins(lab: &Lab, server: ServerId) -> Result<(), LabError> {
    match server.role {
        Role::Postgres => sql(lab, &["ALTER ROLE app LOGIN"]).await,
        Role::Redis => acl(lab, server, &["on"]).await,
        _ => {
            let was = user(lab).await?;
            change_user(lab, json!({ "password": lab.secret(LabSecret::RabbitmqApp)?, "tags": was["tags"] })).await
        }
    }
}

async fn sql(lab: &Lab, statements: &[&str]) -> Result<(), LabError> {
    let server = ServerId::new(Site::Primary, Role::Postgres);
    let client = guard::postgres(lab, Site::Primary, "postgres").await?;
    for statement in statements {
        client.batch_execute(statement).await.map_err(|error| lab.failed(server, postgres::explain(&error)))?;
    }
    Ok(())
}

async fn acl(lab: &Lab, server: ServerId, rules: &[&str]) -> Result<(), LabError> {
    let mut connection = guard::redis(lab, server).await?;
    let set = redis::cmd("ACL").arg("SETUSER").arg(USER).arg(rules).query_async::<()>(&mut connection).await;
    set.map_err(|error| lab.failed(server, error.to_string()))
}

async fn user(lab: &Lab) -> Result<serde_json::Value, LabError> {
    let server = guard::rabbitmq(lab, Site::Primary).await?;
    let path = format!("users/{USER}");
    rabbitmq::get(lab, server, &path).await.map_err(|why| lab.failed(server, why))
}

async fn change_user(lab: &Lab, body: serde_json::Value) -> Result<(), LabError> {
    let server = rabbitmq::any(lab, Site::Primary);
    let path = format!("users/{USER}");
    let put = rabbitmq::send(lab, server, reqwest::Method::PUT, &path, Some(&body)).await;
    put.map_err(|why| lab.failed(server, why))
}

async fn end_connections(lab: &Lab) -> Result<(), LabError> {
    let server = rabbitmq::any(lab, Site::Primary);
    let failed = |why| lab.failed(server, why);
    let connections = rabbitmq::get(lab, server, "connections").await.map_err(failed)?;
    for connection in connections.as_array().into_iter().flatten().filter(|one| one["user"] == USER) {
        let path = format!("connections/{}", rabbitmq::segment(connection["name"].as_str().unwrap_or_default()));
        // It may have ended by itself meanwhile.
        let _ = rabbitmq::send(lab, server, reqwest::Method::DELETE, &path, None).await;
    }
    Ok(())
}

/// Starts a helper that takes every free connection and holds it until it is ended.
pub(super) async fn exhaust_connections(deed: &mut Deed<'_>) -> Result<(), LabError> {
    let client = guard::postgres(deed.lab, Site::Primary, "postgres").await?;
    let born = launch::start_helper(deed.lab, "exhaust-connections", &super::holder::launch(deed.lab)?)?;
    deed.remember("took every connection of the database", Some(Undo::EndHelper(born)))?;
    let asked = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND usename = 'app'";
    for _ in 0..100 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        let row = client.query_one(asked, &[]).await.map_err(|error| deed.failed(postgres::explain(&error)))?;
        if row.get::<_, i64>(0) >= super::holder::ENOUGH {
            return Ok(());
        }
    }
    Err(deed.failed("the helper did not get hold of the connections"))
}
