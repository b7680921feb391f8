//! How far a cluster of a mesh is linked or unlinked.

use super::link_id::LinkId;
use super::queue::describe;
use super::standing::{Failure, Goal, Standing, reach};
use crate::cloud::Client;
use crate::cloud::api::tcm::{Cluster, LinkState};
use crate::framework::{Diagnostic, Error, ErrorKind};
use crate::scope::Scope;

/// Makes sure that a cluster is not in the mesh yet; where it is leaving it, this waits until it has left.
///
/// # Errors
/// With the block that imports a cluster that is linked already; any of a look.
pub(super) async fn refuse_linked(scope: &Scope, client: &Client, id: &LinkId, doing: String) -> Result<(), Error> {
    let next = "Unlink it in the console first.";
    let goal = Goal { doing, what: "the cluster to leave the mesh before it is linked again", next };
    let look = async || {
        let mesh = describe(scope, client, id.mesh.as_str()).await?;
        Ok(match mesh.cluster(id.cluster.as_str()).map(Cluster::link_state) {
            // A link that failed can be made again.
            None | Some(Some(LinkState::LinkFailed)) => Standing::Reached(false),
            Some(Some(LinkState::Unlinking)) => Standing::Pending("UNLINKING".into()),
            Some(_) => Standing::Reached(true),
        })
    };
    if reach(scope, client, goal, look).await? { Err(already_linked(id)) } else { Ok(()) }
}

fn already_linked(id: &LinkId) -> Error {
    let LinkId { mesh, cluster } = id;
    let detail = format!(
        "The cluster {cluster} is linked to the mesh {mesh} already, so nothing was done. To manage the link here, import it:\n\n\
         import {{\n  to = tcmesh_mesh_cluster.<name>\n  id = \"{id}\"\n}}"
    );
    Diagnostic::error("Cluster already linked", detail).at("cluster_id").into()
}

/// Waits until a cluster is linked.
///
/// # Errors
/// What the cloud says where linking failed; any of a look.
pub(super) async fn linked(scope: &Scope, client: &Client, id: &LinkId, doing: String) -> Result<(), Error> {
    let next = "Of a cluster the mesh needs: administrator rights of the caller in it; a Kubernetes version that its Istio \
                supports; networks that overlap with no other cluster's; a route from the mesh's VPC, by a CCN for one of another \
                VPC, with the container network published where pods have one of their own. A registered cluster is linked with \
                region, VPC and subnet of its hub, as the kind that `registered_cluster_type` of the provider block says.";
    let goal = Goal { doing, what: "the cluster to be linked", next };
    let look = async || {
        let mesh = describe(scope, client, id.mesh.as_str()).await?;
        let Some(cluster) = mesh.cluster(id.cluster.as_str()) else {
            return Ok(Standing::Pending("not listed yet".into()));
        };
        Ok(match cluster.link_state() {
            Some(LinkState::Linked) => Standing::Reached(()),
            Some(LinkState::LinkFailed | LinkState::Unlinking | LinkState::UnlinkFailed) => failed(cluster),
            state => Standing::Pending(state.map_or("no state yet", LinkState::as_str).into()),
        })
    };
    reach(scope, client, goal, look).await
}

/// Waits until a cluster is no longer in the mesh; what becomes of others does not matter.
///
/// # Errors
/// What the cloud says where unlinking failed; any of a look: where the mesh is gone, it is of the kind `NotFound`.
pub(super) async fn unlinked(scope: &Scope, client: &Client, id: &LinkId, doing: String) -> Result<(), Error> {
    let next = "Make sure that the cluster can be reached, or unlink it by force in the console.";
    let goal = Goal { doing, what: "the cluster to be unlinked", next };
    let look = async || {
        let mesh = describe(scope, client, id.mesh.as_str()).await?;
        let Some(cluster) = mesh.cluster(id.cluster.as_str()) else { return Ok(Standing::Reached(())) };
        Ok(match cluster.link_state() {
            Some(LinkState::UnlinkFailed) => failed(cluster),
            state => Standing::Pending(state.map_or("no state", LinkState::as_str).into()),
        })
    };
    reach(scope, client, goal, look).await
}

fn failed<T>(cluster: &Cluster) -> Standing<T> {
    let state = cluster.link_state().map_or("in an unknown state", LinkState::as_str);
    let seen = format!("the cluster {} is {state}", cluster.cluster_id);
    let reason = cluster.status.as_ref().and_then(|status| status.link_error_detail.clone());
    Standing::Failed(Failure { seen, reason })
}

/// The error for a change of a cluster that is not in the mesh.
pub(super) fn not_linked(id: &LinkId) -> Error {
    let LinkId { mesh, cluster } = id;
    let detail = format!(
        "The cluster {cluster} is not in the mesh {mesh}, so nothing was done. Take `cluster_id` from a `tcmesh_mesh_cluster`, so \
         that the cluster is linked before."
    );
    let diagnostic = Diagnostic::error("Cluster not in the mesh", detail).at("cluster_id");
    Error::new(ErrorKind::Other, diagnostic)
}

/// The error for a change that does not stay.
pub(super) fn undone(doing: &str) -> Error {
    let detail = "The API takes the change, but the mesh does not show it, or not for long: something else writes the same list, \
                  such as another configuration or the console. Make sure that nothing else does, and apply again.";
    Diagnostic::error(format!("Cannot {doing}"), detail).into()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use super::*;
    use crate::cloud::script::{Script, Step, accept, refuse};

    fn scope() -> Scope {
        Scope::unstopped(Duration::from_secs(600))
    }

    fn id() -> LinkId {
        "mesh-1#cls-1".parse().expect("an ID")
    }

    /// A mesh with `cls-2`, which is linked, and `cls-1` in these states.
    fn mesh(states: &[&str]) -> Step {
        let cluster = |id: &str, state: &str| {
            let status = json!({"LinkState": state, "LinkErrorDetail": "CheckError: pod networks overlap"});
            json!({"ClusterId": id, "Region": "ap-guangzhou", "Status": status})
        };
        let mut clusters = vec![cluster("cls-2", "LINKED")];
        clusters.extend(states.iter().map(|state| cluster("cls-1", state)));
        accept(json!({"Mesh": {"MeshId": "mesh-1", "State": "RUNNING", "ClusterList": clusters}}))
    }

    fn caller() -> Step {
        accept(json!({"AccountId": "100000000001", "Arn": "a", "UserId": "u", "PrincipalId": "p", "Type": "CAMUser"}))
    }

    fn told(error: &Error) -> Value {
        let diagnostic = error.diagnostics().iter().next().expect("a message");
        json!({"summary": diagnostic.summary, "detail": diagnostic.detail})
    }

    #[tokio::test(start_paused = true)]
    async fn a_failed_link_ends_the_wait_at_once_with_the_clouds_words() {
        let script = Script::new([mesh(&[]), mesh(&["LINKING"]), mesh(&["LINK_FAILED"]), caller()]);
        let error = linked(&scope(), &script.client(), &id(), "link it".into()).await.expect_err("it failed");
        let told = told(&error);
        assert_eq!(told["summary"], "Cannot link it");
        let expected = "In ap-guangzhou, account 100000000001, the cluster cls-1 is LINK_FAILED: CheckError: pod networks overlap.";
        assert!(told["detail"].as_str().is_some_and(|detail| detail.starts_with(expected)), "{told}");
    }

    #[tokio::test(start_paused = true)]
    async fn an_unlink_is_done_when_that_cluster_is_gone_whatever_becomes_of_others() {
        let script = Script::new([mesh(&["UNLINKING"]), mesh(&[])]);
        unlinked(&scope(), &script.client(), &id(), "unlink it".into()).await.expect("it is gone");
        let script = Script::new([mesh(&["UNLINK_FAILED"]), caller()]);
        let error = unlinked(&scope(), &script.client(), &id(), "unlink it".into()).await.expect_err("it failed");
        assert!(told(&error)["detail"].as_str().is_some_and(|detail| detail.contains("UNLINK_FAILED")));
    }

    #[tokio::test(start_paused = true)]
    async fn a_mesh_that_is_gone_has_no_links() {
        let script = Script::new([refuse("ResourceNotFound")]);
        let error = unlinked(&scope(), &script.client(), &id(), "unlink it".into()).await.expect_err("no mesh");
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }

    #[tokio::test(start_paused = true)]
    async fn a_cluster_that_is_linked_already_has_to_be_imported() {
        for state in ["LINKED", "LINKING"] {
            let refused = refuse_linked(&scope(), &Script::new([mesh(&[state])]).client(), &id(), String::new()).await;
            let told = told(&refused.expect_err("it is there"));
            assert!(told["detail"].as_str().is_some_and(|detail| detail.contains("id = \"mesh-1#cls-1\"")), "{told}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_cluster_that_leaves_the_mesh_is_waited_for_and_a_failed_link_may_be_made_again() {
        let leaving = Script::new([mesh(&["UNLINKING"]), mesh(&["UNLINKING"]), mesh(&[])]);
        refuse_linked(&scope(), &leaving.client(), &id(), String::new()).await.expect("it has left");
        let failed = Script::new([mesh(&["LINK_FAILED"])]);
        refuse_linked(&scope(), &failed.client(), &id(), String::new()).await.expect("it may be linked");
    }
}
