//! Changing what a mesh does in one of its clusters: a list of namespaces and a list of gateways, each of which may have
//! elements of somebody else.
//!
//! Whether the API replaces a list that it is sent, or merges it into its own, is not documented, and there is no write on
//! a condition. So the cluster is read just before each write, sent whole with the change in it, and read again after it:
//! a change that somebody else's write undid is made once more.

use std::time::Duration;

use super::link_id::LinkId;
use super::queue::Turn;
use crate::cloud::api::tcm::{Cluster, ClusterConfig, Mesh, ModifyMesh};
use crate::cloud::{self, Error};
use crate::scope::Scope;
use crate::wait::{self, Probe};

/// How often a change is made that does not stay.
const TRIES: u32 = 3;

/// How long a change may take to be seen.
const VISIBLE: Duration = Duration::from_secs(20);

/// A change of a cluster's configuration.
pub(super) struct Edit<'a> {
    /// Makes it.
    pub(super) make: &'a (dyn Fn(&mut ClusterConfig) + Sync),
    /// Whether it is made.
    pub(super) is_made: &'a (dyn Fn(&ClusterConfig) -> bool + Sync),
}

/// How a change ended that the API accepted.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Edited {
    /// It is made.
    Made,
    /// The cluster is not in the mesh.
    NotLinked,
    /// The API accepts it, and it does not stay.
    Undone,
}

/// Makes a change in the caller's turn.
///
/// # Errors
/// As of [`Turn::send`].
///
/// # Cancellation
/// As of [`Turn::send`].
pub(super) async fn change(scope: &Scope, turn: &Turn, link: &LinkId, edit: Edit<'_>) -> Result<Edited, Error> {
    for _ in 0..TRIES {
        let mesh = turn.mesh(scope).await?;
        let Some(cluster) = mesh.cluster(link.cluster.as_str()) else { return Ok(Edited::NotLinked) };
        match turn.send(scope, &request(link, cluster, &edit)).await {
            // What became of it, the look tells.
            Err(error) if error.may_have_happened() => {}
            sent => drop(sent?),
        }
        if is_seen(scope, turn, link, &edit).await? {
            return Ok(Edited::Made);
        }
    }
    Ok(Edited::Undone)
}

fn request(link: &LinkId, cluster: &Cluster, edit: &Edit<'_>) -> ModifyMesh {
    let mut config = cluster.config.clone().unwrap_or_default();
    (edit.make)(&mut config);
    let ClusterConfig { auto_injection_namespace_list, mut ingress_gateway_list, egress_gateway_list, .. } = config;
    ingress_gateway_list.iter_mut().flatten().for_each(|gateway| gateway.status = None);
    let config = ClusterConfig {
        auto_injection_namespace_list: Some(auto_injection_namespace_list.unwrap_or_default()),
        ingress_gateway_list: Some(ingress_gateway_list.unwrap_or_default()),
        egress_gateway_list: egress_gateway_list.filter(|list| !list.is_empty()),
        ..ClusterConfig::default()
    };
    let Cluster { cluster_id, region, role, vpc_id, subnet_id, r#type, .. } = cluster.clone();
    let config = Some(config);
    let cluster = Cluster { cluster_id, region, role, vpc_id, subnet_id, r#type, config, ..Cluster::default() };
    ModifyMesh { mesh_id: link.mesh.to_string(), cluster_list: Some(vec![cluster]), ..ModifyMesh::default() }
}

async fn is_seen(scope: &Scope, turn: &Turn, link: &LinkId, edit: &Edit<'_>) -> Result<bool, Error> {
    let probe = async || {
        let mesh = turn.mesh(scope).await?;
        let made = config(&mesh, link).is_some_and(|config| (edit.is_made)(config));
        Ok::<_, cloud::Error>(if made { Probe::Done(()) } else { Probe::Pending("not seen yet".into()) })
    };
    match wait::until(&scope.within(VISIBLE), wait::SOON, "the change of the mesh to be seen", probe).await {
        Err(Error::TimedOut { .. }) if scope.interrupted().is_none() => Ok(false),
        seen => seen.map(|()| true),
    }
}

/// What a mesh does in one of its clusters.
pub(super) fn config<'a>(mesh: &'a Mesh, link: &LinkId) -> Option<&'a ClusterConfig> {
    mesh.cluster(link.cluster.as_str())?.config.as_ref()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::{Value, json};

    use super::*;
    use crate::cloud::script::{Script, Step, accept, after, broken, refuse};
    use crate::resources::mesh::queue::MeshQueue;

    fn mesh(gateways: &[&str]) -> Step {
        let gateway = |name: &&str| json!({"Name": name, "Namespace": "n", "Status": {"State": "running"}});
        let list: Vec<Value> = gateways.iter().map(gateway).collect();
        let cluster = |id: &str, list: &[Value]| {
            json!({
                "ClusterId": id, "Region": "ap-guangzhou", "Role": "REMOTE", "VpcId": "vpc-1", "SubnetId": "subnet-1",
                "Type": "TKE", "LinkedTime": "2025-01-02T10:50:01+08:00",
                "Config": {"AutoInjectionNamespaceList": ["test"], "IngressGatewayList": list, "EgressGatewayList": []},
                "Status": {"LinkState": "LINKED"},
            })
        };
        let clusters = [cluster("cls-1", &list), cluster("cls-2", &[])];
        accept(json!({"Mesh": {"MeshId": "mesh-1", "State": "RUNNING", "ClusterList": clusters}}))
    }

    fn done() -> Step {
        accept(json!({}))
    }

    /// Adds the gateway `mine`.
    async fn added(script: &Arc<Script>) -> Result<Edited, Error> {
        let scope = Scope::unstopped(Duration::from_secs(600));
        let turn = MeshQueue::default().turn(&scope, &script.client(), "mesh-1").await?;
        let mine = crate::cloud::api::tcm::IngressGateway { name: "mine".into(), ..Default::default() };
        let make = |config: &mut ClusterConfig| config.ingress_gateway_list.get_or_insert_default().push(mine.clone());
        let is_made = |config: &ClusterConfig| config.ingress_gateway_list.iter().flatten().any(|it| it.name == "mine");
        change(&scope, &turn, &"mesh-1#cls-1".parse().expect("an ID"), Edit { make: &make, is_made: &is_made }).await
    }

    #[tokio::test(start_paused = true)]
    async fn only_the_cluster_concerned_is_sent_and_with_everything_that_others_have_there() {
        let script = Script::new([mesh(&["other"]), done(), mesh(&["other", "mine"])]);
        assert_eq!(added(&script).await.expect("the API takes it"), Edited::Made);
        let gateways = [json!({"Name": "other", "Namespace": "n"}), json!({"Name": "mine", "Namespace": ""})];
        let config = json!({"AutoInjectionNamespaceList": ["test"], "IngressGatewayList": gateways});
        let cluster = json!({
            "ClusterId": "cls-1", "Region": "ap-guangzhou", "Role": "REMOTE", "VpcId": "vpc-1", "SubnetId": "subnet-1",
            "Type": "TKE", "Config": config,
        });
        assert_eq!(script.seen()[1].body(), json!({"MeshId": "mesh-1", "ClusterList": [cluster]}));
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_that_becomes_visible_late_is_waited_for() {
        let script = Script::new([mesh(&[]), done(), mesh(&[]), mesh(&[]), mesh(&["mine"])]);
        assert_eq!(added(&script).await.expect("the API takes it"), Edited::Made);
        assert_eq!(script.seen().iter().filter(|seen| seen.action() == "ModifyMesh").count(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn what_became_of_an_unanswered_change_the_mesh_tells() {
        let script = Script::new([mesh(&[]), broken(), mesh(&["mine"])]);
        assert_eq!(added(&script).await.expect("the API takes it"), Edited::Made);
        let script = Script::new([mesh(&[]), refuse("InvalidParameter")]);
        assert_eq!(added(&script).await.expect_err("it is refused").code(), Some("InvalidParameter"));
    }

    /// A mesh that does not show the gateway for as long as it is looked for.
    fn lost() -> Step {
        after(VISIBLE * 2, mesh(&[]))
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_that_somebody_else_undid_is_made_once_more() {
        let script = Script::new([mesh(&[]), done(), lost(), mesh(&["theirs"]), done(), mesh(&["theirs", "mine"])]);
        assert_eq!(added(&script).await.expect("the API takes it"), Edited::Made);
        let sent = script.seen()[4].body()["ClusterList"][0]["Config"]["IngressGatewayList"].clone();
        assert_eq!((&sent[0]["Name"], &sent[1]["Name"]), (&json!("theirs"), &json!("mine")));
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_that_never_stays_is_given_up() {
        let rounds = [mesh(&[]), done(), lost(), mesh(&[]), done(), lost(), mesh(&[]), done(), lost()];
        assert_eq!(added(&Script::new(rounds)).await.expect("the API takes it"), Edited::Undone);
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_of_a_cluster_that_is_not_in_the_mesh_is_not_sent() {
        let script = Script::new([accept(json!({"Mesh": {"MeshId": "mesh-1", "State": "RUNNING"}}))]);
        assert_eq!(added(&script).await.expect("the API takes it"), Edited::NotLinked);
    }
}
