//! One change of a mesh at a time.
//!
//! The API has neither conditional writes nor jobs: what is sent at once is refused because the mesh is busy, or is lost
//! where a list replaces another. Changes of one mesh therefore take turns inside this process; what comes from elsewhere
//! is met by waiting until the mesh is idle, and by looking after each write.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

use crate::cloud::action::Action;
use crate::cloud::api::tcm::{DescribeMesh, LinkState, Mesh, MeshState};
use crate::cloud::{Client, Error};
use crate::resources::ids::ClusterId;
use crate::scope::Scope;
use crate::wait::{self, Probe};

/// Whose turn it is, by mesh.
#[derive(Default)]
pub struct MeshQueue(Mutex<HashMap<String, Arc<AsyncMutex<()>>>>);

/// The right to change a mesh, until it is dropped.
pub struct Turn {
    client: Client,
    mesh_id: String,
    _place: OwnedMutexGuard<()>,
}

impl MeshQueue {
    /// Waits for a turn with a mesh; turns are given in the order in which they were asked for.
    ///
    /// # Errors
    /// When the scope ends first.
    pub async fn turn(&self, scope: &Scope, client: &Client, mesh_id: &str) -> Result<Turn, Error> {
        let place = self.place(mesh_id);
        let place = scope.run(place.lock_owned()).await;
        let place = place.map_err(|why| Error::interrupted(why, "other changes of the mesh to be done", None))?;
        Ok(Turn { client: client.clone(), mesh_id: mesh_id.into(), _place: place })
    }

    fn place(&self, mesh_id: &str) -> Arc<AsyncMutex<()>> {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(places.entry(mesh_id.into()).or_default())
    }
}

impl Turn {
    /// The mesh as it is now.
    ///
    /// # Errors
    /// As of [`Client::send`].
    pub async fn mesh(&self, scope: &Scope) -> Result<Mesh, Error> {
        describe(scope, &self.client, &self.mesh_id).await
    }

    /// Whether the mesh has a cluster, as far as can be seen.
    pub async fn has(&self, scope: &Scope, cluster: &ClusterId) -> bool {
        self.mesh(scope).await.is_ok_and(|mesh| mesh.cluster(cluster.as_str()).is_some())
    }

    /// Sends a change. Where the mesh refuses it because something else is being done to it, the change is sent again when
    /// that is over.
    ///
    /// # Errors
    /// As of [`Client::send`].
    ///
    /// # Cancellation
    /// As of [`Client::send`] for a write.
    pub async fn send<A: Action>(&self, scope: &Scope, action: &A) -> Result<A::Response, Error> {
        loop {
            match self.client.send(scope, action).await {
                Err(error) if may_be_busy(&error) && self.is_busy(scope).await => self.idle(scope).await?,
                answer => return answer,
            }
        }
    }

    async fn is_busy(&self, scope: &Scope) -> bool {
        // Where the look fails, the refusal is the news.
        self.mesh(scope).await.is_ok_and(|mesh| under_way(&mesh).is_some())
    }

    async fn idle(&self, scope: &Scope) -> Result<(), Error> {
        let probe = async || {
            let mesh = self.mesh(scope).await?;
            Ok(under_way(&mesh).map_or(Probe::Done(()), Probe::Pending))
        };
        wait::until(scope, wait::PATIENT, "the mesh to be idle", probe).await
    }
}

/// A mesh.
///
/// # Errors
/// `ResourceNotFound` where there is none; any of [`Client::send`].
pub async fn describe(scope: &Scope, client: &Client, mesh_id: &str) -> Result<Mesh, Error> {
    Ok(client.send(scope, &DescribeMesh { mesh_id: mesh_id.into() }).await?.mesh)
}

/// The service has no code of its own for a mesh that is busy, so these may mean it (API reference, the error codes of tcm).
fn may_be_busy(error: &Error) -> bool {
    error.is_busy() || matches!(error.code(), Some("FailedOperation" | "OperationDenied" | "UnsupportedOperation"))
}

/// What is being done to a mesh, if anything.
fn under_way(mesh: &Mesh) -> Option<String> {
    let operations = mesh.status.iter().flat_map(|status| &status.active_operation_list);
    let operation = operations.filter_map(|operation| operation.r#type.clone()).next();
    let changing =
        [MeshState::Pending, MeshState::Creating, MeshState::Upgrading, MeshState::Rollbacking, MeshState::Deleting];
    let state = changing.contains(&mesh.state).then(|| mesh.state.to_string());
    let links = mesh.cluster_list.iter().filter_map(|cluster| Some((&cluster.cluster_id, cluster.link_state()?)));
    let moving = |state: &LinkState| matches!(state, LinkState::Linking | LinkState::Unlinking);
    let link = links.filter(|(_, state)| moving(state)).map(|(id, state)| format!("{id} is {state}")).next();
    operation.or(state).or(link)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};
    use tokio::sync::oneshot;

    use super::*;
    use crate::cloud::api::tcm::UnlinkCluster;
    use crate::cloud::script::{Script, Step, accept, refuse};

    fn scope() -> Scope {
        Scope::unstopped(Duration::from_secs(600))
    }

    fn mesh(clusters: &[(&str, &str)], operations: &Value) -> Step {
        let cluster = |(id, state): &(&str, &str)| json!({"ClusterId": id, "Region": "ap-guangzhou", "Status": {"LinkState": state}});
        let clusters: Vec<Value> = clusters.iter().map(cluster).collect();
        let status = json!({"ActiveOperationList": operations});
        accept(json!({"Mesh": {"MeshId": "mesh-1", "State": "RUNNING", "ClusterList": clusters, "Status": status}}))
    }

    fn unlink() -> UnlinkCluster {
        UnlinkCluster { mesh_id: "mesh-1".into(), cluster_id: "cls-1".into() }
    }

    async fn sent(script: &Arc<Script>) -> Result<(), Error> {
        let (queue, client) = (MeshQueue::default(), script.client());
        let turn = queue.turn(&scope(), &client, "mesh-1").await?;
        turn.send(&scope(), &unlink()).await.map(drop)
    }

    fn actions(script: &Script) -> Vec<String> {
        script.seen().iter().map(|seen| seen.action().to_owned()).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn turns_with_one_mesh_are_taken_in_order_and_those_with_another_at_once() {
        let (queue, client) = (MeshQueue::default(), Script::new([]).client());
        let first = queue.turn(&scope(), &client, "mesh-1").await.expect("nobody is before it");
        let (ended, end) = oneshot::channel();
        let waiting = async {
            let turn = queue.turn(&scope(), &client, "mesh-1").await.expect("its turn comes");
            ended.send(()).expect("somebody listens");
            turn
        };
        let other = async {
            queue.turn(&scope(), &client, "mesh-2").await.expect("nobody is before it");
            drop(first);
            end.await
        };
        let (_, order) = tokio::join!(waiting, other);
        assert!(order.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_that_does_not_come_is_given_up_with_the_scope() {
        let (queue, client) = (MeshQueue::default(), Script::new([]).client());
        let _first = queue.turn(&scope(), &client, "mesh-1").await.expect("nobody is before it");
        let second = queue.turn(&Scope::unstopped(Duration::from_secs(5)), &client, "mesh-1").await;
        let text = second.err().map(|error| error.to_string());
        assert_eq!(text.as_deref(), Some("timed out waiting for other changes of the mesh to be done"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_that_a_busy_mesh_refuses_is_sent_again_when_the_mesh_is_idle() {
        for busy in [
            mesh(&[("cls-2", "LINKED")], &json!([{"OperationId": "o-1", "Type": "LINK_CLUSTERS"}])),
            mesh(&[("cls-2", "LINKING")], &Value::Null),
        ] {
            let script = Script::new([
                refuse("FailedOperation"),
                busy,
                mesh(&[("cls-2", "LINKING")], &Value::Null),
                mesh(&[("cls-2", "LINKED")], &Value::Null),
                accept(json!({})),
            ]);
            sent(&script).await.expect("the second try is accepted");
            assert_eq!(actions(&script)[4], "UnlinkCluster");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_of_an_idle_mesh_is_final() {
        for refused in ["FailedOperation", "OperationDenied"] {
            let script = Script::new([refuse(refused), mesh(&[("cls-2", "LINKED")], &Value::Null)]);
            assert_eq!(sent(&script).await.expect_err("it is refused").code(), Some(refused));
        }
        let script = Script::new([refuse("FailedOperation.RBACForbidden")]);
        assert!(sent(&script).await.is_err(), "missing rights are no sign of a busy mesh");
    }
}
