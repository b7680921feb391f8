//! What the configured provider hands to its resources.

use crate::cloud::Client;
use crate::framework::{Computed, Diagnostic, Error};
use crate::kubernetes::Connection;
use crate::scope::Scope;

use super::clusters::Clusters;
use super::mesh::queue::MeshQueue;

/// The caller's keys and settings.
pub struct Context {
    /// The cloud, with the keys and the region of the provider block.
    pub cloud: Client,
    /// The clusters that can be reached.
    pub clusters: Clusters,
    /// Whose turn it is to change a mesh.
    pub meshes: MeshQueue,
    /// Whether the undocumented actions of TDCC may be called.
    pub tdcc_enabled: bool,
    /// What the mesh's API calls a registered cluster.
    pub registered_cluster_type: String,
}

/// Settings of clusters, from the provider block.
#[derive(Clone, Debug, Default)]
pub struct ClusterSettings {
    /// Whether clusters are reached by their public endpoint.
    pub extranet: bool,
    /// Whether administrator rights may be acquired in an apply.
    pub acquire_admin: bool,
    /// The provider's `kubernetes` block: the cluster of every resource that names none.
    pub given: Option<Connection>,
}

impl Context {
    /// The context of one provider block.
    pub fn new(cloud: Client, clusters: ClusterSettings) -> Self {
        let clusters = Clusters::new(cloud.clone(), clusters);
        Self {
            cloud,
            clusters,
            meshes: MeshQueue::default(),
            tdcc_enabled: true,
            registered_cluster_type: "TDCC".into(),
        }
    }

    /// The cloud in the region that an object is in; that of the provider block where the object does not say.
    pub fn in_region(&self, region: &Computed<String>) -> Client {
        region.get().map_or_else(|| self.cloud.clone(), |region| self.cloud.in_region(region))
    }

    /// Makes sure that the keys are of the account that an object belongs to, so that an absence says something. An object
    /// that does not say, as one that is being imported, passes.
    ///
    /// # Errors
    /// When the accounts differ, naming both, or when the caller's account cannot be asked for.
    pub async fn check_account(&self, scope: &Scope, account_id: &Computed<String>) -> Result<(), Error> {
        let Some(owner) = account_id.get().filter(|owner| !owner.is_empty()) else { return Ok(()) };
        let caller = self.cloud.account(scope).await?;
        if caller == *owner {
            return Ok(());
        }
        let detail = format!(
            "The object belongs to account {owner}, but the keys of this provider configuration are of account {caller}. \
             What account {caller} does not see may well exist in account {owner}, so nothing was changed and the state \
             stays as it is.\n\nUse the keys of account {owner} here, and check which provider configuration (alias) this \
             resource takes; `allowed_account_ids` in each provider block finds such a mix-up at once."
        );
        Err(Diagnostic::error("Keys of another account", detail).at("account_id").into())
    }
}
