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
