//! Faults of the DNS: nobody answers for the zone, or what is answered is old.

use super::{Deed, Undo, guard};
use crate::lab::context::Lab;
use crate::lab::servers::dns::{self, NAMES, ZONE};
use crate::lab::servers::resolver;
use crate::lab::{LabError, Role, ServerId, Site, servers, signals};

pub(super) async fn stop(deed: &mut Deed<'_>) -> Result<(), LabError> {
    let server = ServerId::new(Site::Outside, Role::Dns);
    let Some(born) = deed.lab.processes.alive(server) else { return Err(guard::stopped(server)) };
    deed.remember("stopped the authoritative name server", Some(Undo::Start(vec![server])))?;
    let (signal, patience) = servers::farewell(server);
    signals::end(&born, signal, patience).await;
    Ok(())
}

/// Lets the resolver do as those that think nothing of a TTL, and learn every name as it is now.
pub(super) async fn go_stale(deed: &mut Deed<'_>) -> Result<(), LabError> {
    guard::must_run(deed.lab, resolver::SERVER)?;
    deed.remember("let the caching resolver keep what it knows for an hour", Some(Undo::Stale))?;
    resolver::keep_answers(deed.lab, "cache-min-ttl: 3600\n")?;
    restart(deed.lab).await?;
    for name in NAMES {
        let learned = dns::ask(deed.lab, resolver::SERVER, &format!("{name}.{ZONE}"), "A").await;
        learned.map_err(|why| deed.failed(format!("the resolver could not learn {name}.{ZONE}: {why}")))?;
    }
    Ok(())
}

/// Lets it keep answers as long as they say, and forget those that it has.
pub(super) async fn refresh(lab: &Lab) -> Result<(), LabError> {
    resolver::keep_answers(lab, "")?;
    restart(lab).await
}

async fn restart(lab: &Lab) -> Result<(), LabError> {
    if let Some(born) = lab.processes.alive(resolver::SERVER) {
        let (signal, patience) = servers::farewell(resolver::SERVER);
        signals::end(&born, signal, patience).await;
    }
    servers::bring_up(lab, resolver::SERVER).await.map(|_| ())
}
