//! Where Kubernetes objects are: in which cluster, of which account, in which region.

use super::context::Context;
use super::errors::Doing;
use crate::framework::{Computed, Error, ErrorKind};
use crate::kubernetes::{self, Cluster};
use crate::scope::Scope;

/// The cluster of an object, as its state tells it. A cluster of the cloud is known by its ID, account and region; every
/// cluster, also that of the provider's `kubernetes` block, by the UID of its `kube-system` namespace.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place {
    /// The cluster's ID in the cloud; none for the cluster of the `kubernetes` block.
    pub cluster_id: Option<String>,
    /// The account that the cluster is reached by.
    pub account_id: Computed<String>,
    /// The cluster's region.
    pub region: Computed<String>,
    /// The UID of the cluster's `kube-system` namespace.
    pub cluster_uid: Computed<String>,
}

impl Place {
    /// The place of a new object, and its cluster, with the rights that an apply may acquire.
    ///
    /// # Errors
    /// When the cluster cannot be found or reached.
    pub async fn of_new(context: &Context, scope: &Scope, cluster_id: Option<&str>) -> Result<(Self, Cluster), Error> {
        let cluster = context.clusters.for_apply(scope, cluster_id).await?;
        let place = Self { cluster_id: cluster_id.map(Into::into), ..Self::default() };
        Ok((place.completed(context, scope, &cluster).await?, cluster))
    }

    /// The cluster.
    ///
    /// # Errors
    /// Of the kind `NotFound` when the cloud says that there is no such cluster; any of a call.
    pub async fn cluster(&self, context: &Context, scope: &Scope) -> Result<Cluster, Error> {
        let region = self.region.get().map_or_else(|| context.cloud.region(), String::as_str);
        context.clusters.of_region(scope, region, self.cluster_id.as_deref()).await
    }

    /// The place with what an imported object does not tell.
    ///
    /// # Errors
    /// Any of a call.
    pub async fn completed(mut self, context: &Context, scope: &Scope, cluster: &Cluster) -> Result<Self, Error> {
        if self.cluster_id.is_some() && self.account_id.get().is_none() {
            self.account_id = context.cloud.account(scope).await?.into();
        }
        if self.cluster_id.is_some() && self.region.get().is_none() {
            self.region = context.cloud.region().into();
        }
        if self.cluster_uid.get().is_none() {
            self.cluster_uid = self.uid(scope, cluster).await.doing(|| "find out which cluster this is".into())?.into();
        }
        Ok(self)
    }

    /// The UID. A caller who may not see it still knows a cluster of the cloud by its ID.
    async fn uid(&self, scope: &Scope, cluster: &Cluster) -> Result<Option<String>, kubernetes::Error> {
        match cluster.uid(scope).await {
            Err(kubernetes::Error::Refused { status, .. }) if status.is_forbidden() && self.cluster_id.is_some() => {
                Ok(None)
            }
            uid => uid.map(|uid| Some(uid.to_owned())),
        }
    }

    /// Makes sure that the keys and the cluster are those of the object, so that an absence says something. A cluster that
    /// its own account does not have any more passes: its objects are gone with it.
    ///
    /// # Errors
    /// When account or cluster is another one, or it cannot be told.
    pub async fn check(&self, context: &Context, scope: &Scope) -> Result<(), Error> {
        context.check_account(scope, &self.account_id).await?;
        let cluster = match self.cluster(context, scope).await {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            found => found?,
        };
        match self.cluster_uid.get() {
            Some(uid) => {
                cluster.expect(scope, uid).await.doing(|| "make sure that this is the object's cluster".into())
            }
            None => Ok(()),
        }
    }
}
