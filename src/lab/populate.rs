//! Puts the world into the lab's servers, once each: schema and rows, sessions, queues and messages.

use std::path::Path;

use super::context::Lab;
use super::programs::Programs;
use super::record::Record;
use super::secrets::LabSecret;
use super::servers::postgres::{self, DATABASE};
use super::world::rabbitmq::User;
use super::world::{self, LoadOptions, Login, WorldError};
use super::{LabError, Layout, Role, Site, up};

fn failed(lab: &Lab, site: Site, role: Role) -> impl Fn(WorldError) -> LabError + '_ {
    move |error| lab.failed(lab.first_of(site, role), error.to_string())
}

/// The way into the servers of a role as `user`; the password is read from the lab's own file.
fn login(lab: &Lab, scheme: &str, site: Site, role: Role, user: &str, path: &str, secret: LabSecret) -> Login {
    Login::among(urls(lab, scheme, site, role, user, path), lab.secret_file(secret))
}

/// The addresses of the servers of a role at a site, as `user` asks them.
pub(super) fn urls(lab: &Lab, scheme: &str, site: Site, role: Role, user: &str, path: &str) -> Vec<String> {
    let servers = lab.all_of(site, role).into_iter();
    servers.map(|server| format!("{scheme}://{user}@{}{path}", lab.address(server))).collect()
}

/// What load on `site` of the lab in `folder` needs.
pub fn load_options(folder: &Path, site: &str, per_second: f64) -> Result<LoadOptions, LabError> {
    let layout = Layout::at(folder);
    up::check_owner(&layout)?;
    let none = || LabError::NoLab { lab: layout.root().to_owned() };
    let record = Record::load(&layout)?.ok_or_else(none)?;
    let lab = Lab::open(layout.clone(), record, Programs::default())?;
    if !lab.servers().into_iter().any(|server| lab.processes.alive(server).is_some()) {
        return Err(LabError::Down { lab: layout.root().to_owned() });
    }
    let at = if site == Site::Dr.name() { Site::Dr } else { Site::Primary };
    let path = format!("/{DATABASE}");
    let servers = world::Servers {
        postgres: login(&lab, "postgresql", at, Role::Postgres, "app", &path, LabSecret::PostgresApp),
        redis: login(&lab, "redis", at, Role::Redis, "app", "", LabSecret::RedisApp),
        rabbitmq: login(&lab, "amqp", at, Role::Rabbitmq, "app", "/%2f", LabSecret::RabbitmqApp),
    };
    Ok(LoadOptions { servers, site: at.name().to_owned(), per_second })
}

/// The database with its schema and rows; what an earlier, interrupted attempt made of it goes.
pub(super) async fn database(lab: &Lab) -> Result<(), LabError> {
    if lab.is_done("database") {
        return Ok(());
    }
    postgres::make_database(lab).await?;
    let failed = failed(lab, Site::Primary, Role::Postgres);
    let path = format!("/{DATABASE}");
    let superuser =
        login(lab, "postgresql", Site::Primary, Role::Postgres, "postgres", &path, LabSecret::PostgresSuperuser);
    world::postgres::create_schema(&superuser).await.map_err(&failed)?;
    world::postgres::fill(&superuser, lab.record.scale, lab.record.made).await.map_err(&failed)?;
    lab.mark_done("database")
}

/// Whether the cache was filled.
pub(super) fn is_cache_full(lab: &Lab) -> bool {
    lab.is_done("cache")
}

/// Sessions and caches in Redis.
pub(super) async fn cache(lab: &Lab) -> Result<(), LabError> {
    if is_cache_full(lab) {
        return Ok(());
    }
    let admin = login(lab, "redis", Site::Primary, Role::Redis, "default", "", LabSecret::Redis);
    let filled = world::redis::fill(&admin, lab.record.scale, chrono::Utc::now()).await;
    filled.map_err(failed(lab, Site::Primary, Role::Redis))?;
    lab.mark_done("cache")
}

/// Users, policies and queues at a site; messages at the primary one.
pub(super) async fn broker(lab: &Lab, site: Site) -> Result<(), LabError> {
    let step = format!("broker of {site}");
    if lab.is_done(&step) {
        return Ok(());
    }
    let failed = failed(lab, site, Role::Rabbitmq);
    let management = Login::with_password(
        format!("http://admin@{}", lab.management(lab.first_of(site, Role::Rabbitmq))),
        lab.secret_file(LabSecret::RabbitmqAdmin),
    );
    let user = |name: &str, secret, tags: &[&str], writes| User {
        name: name.to_owned(),
        password_file: lab.secret_file(secret),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        writes,
    };
    let users = [
        user("app", LabSecret::RabbitmqApp, &[], true),
        user("lifeboat", LabSecret::RabbitmqLifeboat, &["monitoring"], false),
    ];
    world::rabbitmq::configure(&management, &users).await.map_err(&failed)?;
    let admin = login(lab, "amqp", site, Role::Rabbitmq, "admin", "/%2f", LabSecret::RabbitmqAdmin);
    match site {
        Site::Primary => world::rabbitmq::fill(&admin, lab.record.scale).await.map(|_| ()).map_err(&failed)?,
        _ => world::rabbitmq::make_queues(&admin).await.map_err(&failed)?,
    }
    lab.mark_done(&step)
}
