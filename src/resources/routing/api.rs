//! Which version of Istio's API is spoken to a cluster.

use std::time::Duration;

use crate::framework::{Diagnostic, Error};
use crate::kubernetes::{self, Cluster};
use crate::resources::errors::Doing;
use crate::scope::Scope;
use crate::wait::{self, Probe};

/// The group of gateways and virtual services.
const GROUP: &str = "networking.istio.io";

/// The versions, whose fields are the same, the best first (Istio's custom resource definitions: up to 1.21 without `v1`).
const VERSIONS: &[&str] = &["v1", "v1beta1", "v1alpha3"];

/// How long a cluster that was just linked may take to serve the group.
const APPEARANCE: Duration = Duration::from_secs(60);

/// Group and version to use with a cluster; nothing where it serves none.
pub(super) async fn best_version(scope: &Scope, cluster: &Cluster) -> Result<Option<String>, kubernetes::Error> {
    let served = cluster.served_versions(scope, GROUP).await?;
    let best = VERSIONS.iter().find(|version| served.iter().any(|served| served == *version));
    Ok(best.map(|version| format!("{GROUP}/{version}")))
}

/// Group and version to create with. A cluster that was just linked may need a moment to serve the group.
pub(super) async fn awaited_version(scope: &Scope, cluster: &Cluster) -> Result<String, Error> {
    let served = || async {
        Ok(match best_version(scope, cluster).await? {
            Some(best) => Probe::Done(best),
            None => Probe::Pending(format!("the cluster does not serve {GROUP}")),
        })
    };
    let limit = scope.within(APPEARANCE);
    match wait::until(&limit, wait::SOON, "the cluster to serve Istio's API", served).await {
        Err(kubernetes::Error::NotReached(_)) if scope.interrupted().is_none() => Err(not_served(cluster)),
        best => best.doing(|| "find out which version of Istio's API the cluster serves".into()),
    }
}

fn not_served(cluster: &Cluster) -> Error {
    let detail = format!(
        "The cluster at {} does not serve `{GROUP}`, so it is not linked to a mesh. Nothing was changed. Link it first, and take \
         `cluster_id` from `tcmesh_mesh_cluster`, so that Terraform waits for the link.",
        cluster.server()
    );
    Diagnostic::error("The cluster belongs to no mesh", detail).at("cluster_id").into()
}

#[cfg(test)]
mod tests {
    use tcmesh_simulator::kubernetes::istio::{self, Release};
    use tcmesh_simulator::kubernetes::{ApiServer, Options, Store};

    use super::*;

    fn cluster(server: &ApiServer) -> Cluster {
        Cluster::with_client(server.client("admin"), &server.url())
    }

    #[tokio::test(start_paused = true)]
    async fn a_cluster_that_belongs_to_no_mesh_is_an_error_after_a_while() {
        let server = ApiServer::start(Options::default()).unwrap();
        let scope = Scope::unstopped(Duration::from_secs(20 * 60));
        let error = awaited_version(&scope, &cluster(&server)).await.unwrap_err();
        let told = error.diagnostics().iter().next().unwrap();
        assert_eq!(
            (told.summary.as_str(), told.path.to_string()),
            ("The cluster belongs to no mesh", "cluster_id".into())
        );
        assert!(scope.remaining() > Duration::from_secs(18 * 60), "it does not use up the time of the apply");
    }

    #[tokio::test(start_paused = true)]
    async fn a_cluster_that_was_just_linked_is_waited_for() {
        let server = ApiServer::start(Options::default()).unwrap();
        let (scope, cluster) = (Scope::unstopped(Duration::from_secs(60)), cluster(&server));
        let link = async {
            wait::pause(&scope, Duration::from_secs(5)).await.unwrap();
            server.attach(&istio::group(Release { major: 1, minor: 18 }, Store::new()));
        };
        let (version, ()) = tokio::join!(awaited_version(&scope, &cluster), link);
        assert_eq!(version.unwrap(), "networking.istio.io/v1beta1");
    }
}
