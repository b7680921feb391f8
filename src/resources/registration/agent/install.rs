//! Putting the agent into its cluster, and taking it out again.

use super::documents::{fingerprint, is_workload};
use super::live::Fingerprints;
use super::{Agent, AgentId, rollout};
use crate::framework::{Diagnostic, Error, Progress};
use crate::kubernetes::{Cluster, Document, Force, ObjectReference};
use crate::resources::errors::Doing;
use crate::scope::Scope;

/// Makes sure that a new agent takes no agent's place. One that our field manager wrote is what an apply whose end was lost
/// leaves behind, and is taken on.
///
/// # Errors
/// When somebody else installed an agent: another manifest in its place would register the cluster with another hub.
pub(super) async fn check_free(
    scope: &Scope,
    cluster: &Cluster,
    documents: &[Document],
    id: &AgentId,
    progress: &mut Progress<Agent>,
) -> Result<(), Error> {
    for workload in documents.iter().filter(|document| is_workload(document)) {
        let doing = || format!("look for an agent in the cluster {}", cluster.server());
        let Some(live) = cluster.get(scope, &workload.object).await.doing(doing)? else { continue };
        if fingerprint(&live).is_none() {
            return Err(installed_before(&workload.object, id));
        }
        let detail = format!(
            "{} was there already, written by this provider: it is taken on. If another configuration holds the agent too, \
             remove it from one of them.",
            workload.object.title()
        );
        progress.warn(Diagnostic::warning("Existing agent taken on", detail));
    }
    Ok(())
}

fn installed_before(workload: &ObjectReference, id: &AgentId) -> Error {
    let detail = format!(
        "{} is there already, installed by somebody else. Nothing was changed: another manifest in its place could register \
         the cluster with another hub.\n\nTo manage it here, import it; to replace it, delete it first.\n\nimport {{\n  to = \
         tcmesh_tdcc_agent.example\n  id = \"{id}\"\n}}",
        workload.title()
    );
    Diagnostic::error("The cluster has an agent", detail).into()
}

/// Applies the documents one after another and waits until what runs the agent is available. Fields that others hold become
/// ours: the objects are the agent's alone.
///
/// # Errors
/// Any of an apply; what [`rollout::available`] says.
///
/// # Cancellation
/// What was applied stays; applying it again does no harm.
pub(super) async fn install(
    scope: &Scope,
    cluster: &Cluster,
    documents: &[Document],
    progress: &mut Progress<Agent>,
) -> Result<(), Error> {
    let mut fingerprints = Fingerprints::of(&progress.private_mut());
    for document in documents {
        let applied = cluster.apply(scope, document, Force::TakeOver).await;
        let live = applied.doing(|| format!("install the agent in the cluster {}", cluster.server()))?;
        fingerprints.note(&document.object, &live, &mut progress.private_mut());
    }
    for workload in documents.iter().filter(|document| is_workload(document)) {
        rollout::available(scope, cluster, &workload.object).await?;
    }
    Ok(())
}

/// Deletes objects, the last one first, and returns when they are gone.
///
/// # Errors
/// Any of a deletion, such as a finalizer that nobody removes.
///
/// # Cancellation
/// What was deleted stays deleted; deleting the rest later does no harm.
pub(super) async fn remove(scope: &Scope, cluster: &Cluster, objects: &[ObjectReference]) -> Result<(), Error> {
    for object in objects.iter().rev() {
        let deleted = cluster.delete(scope, object).await;
        deleted.doing(|| format!("remove the agent from the cluster {}", cluster.server()))?;
    }
    Ok(())
}
