//! Clusters that are reached by way of the account that owns them.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use serde_json::json;
use tcmesh::framework::value::Value;
use tcmesh::provider::{self, Tcmesh};
use tcmesh::scope::StopSwitch;
use tcmesh_simulator::cluster_access::{ClusterAccess, ClusterServer, ClusterUser};
use tcmesh_simulator::kubernetes::{ApiServer, Identity, MASTERS, Options};
use tcmesh_simulator::world::World;
use tcmesh_simulator::{Handle, Simulator};

use super::support::{at, cluster};
use crate::harness::client::{Stored, Terraform, by_id};

const MANIFEST: &str = "tcmesh_manifest";
const CLUSTER: &str = "cls-hub00001";
const YAML: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: conf, namespace: test}\ndata: {a: '1'}\n";
const STORY: &str = include_str!("../../../simulator/worlds/cross-account.yaml");

/// One API server for every cluster of the cloud.
struct OneServer(ApiServer);

impl ClusterAccess for OneServer {
    fn server(&self, _: &str) -> Option<ClusterServer> {
        Some(ClusterServer { url: self.0.url(), ca_pem: self.0.ca_pem() })
    }

    fn kubeconfig(&self, _: &str, user: &ClusterUser) -> Option<String> {
        self.0.kubeconfig(&Identity::new(&user.name, &[MASTERS])).ok()
    }

    fn token(&self, _: &str, _: &ClusterUser) -> Option<String> {
        None
    }

    fn grant_admin<'a>(&'a self, _: &'a str, _: &'a str) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(std::future::ready(()))
    }
}

async fn cloud(world: &str, clusters: &Arc<OneServer>) -> Handle {
    let clusters: Arc<dyn ClusterAccess> = Arc::<OneServer>::clone(clusters);
    let options = tcmesh_simulator::Options { clusters: Some(clusters), ..Default::default() };
    Simulator::start(World::parse(world).unwrap(), options).await.unwrap()
}

async fn terraform(cloud: &Handle, account: &str) -> Terraform<Tcmesh> {
    let terraform = Terraform::of(|| provider::server(StopSwitch::default()));
    let ready = cloud.ready();
    let keys = &ready.accounts[account];
    let block = json!({
        "endpoint": cloud.endpoint(), "region": "ap-guangzhou", "cluster_endpoint": "extranet",
        "secret_id": keys.secret_id, "secret_key": keys.secret_key,
    });
    assert_eq!(terraform.configure(&terraform.provider(block)).await, [""; 0]);
    terraform
}

struct Made {
    cloud: Handle,
    clusters: Arc<OneServer>,
    terraform: Terraform<Tcmesh>,
    stored: Stored,
}

async fn made() -> Made {
    let clusters = Arc::new(OneServer(cluster(Options::default()).await));
    let cloud = cloud(STORY, &clusters).await;
    let terraform = terraform(&cloud, "a").await;
    let config = terraform.config(MANIFEST, json!({"cluster_id": CLUSTER, "yaml": YAML}));
    let (stored, told) = terraform.apply(MANIFEST, &config, &Stored::nothing()).await;
    assert_eq!(told, [""; 0], "{}", terraform.details());
    Made { cloud, clusters, terraform, stored }
}

#[tokio::test]
async fn a_cluster_is_found_by_its_id_and_known_by_its_account_and_region() {
    let made = made().await;
    let (terraform, stored) = (&made.terraform, &made.stored);
    assert_eq!(at(stored, "account_id"), &"100000000001".into());
    assert_eq!(at(stored, "region"), &"ap-guangzhou".into());
    assert_eq!(at(stored, "id"), &format!("{CLUSTER}#v1/ConfigMap/test/conf").as_str().into());
    let stub = terraform.import(by_id(MANIFEST, at(stored, "id").as_str().unwrap())).await.unwrap();
    let (read, told) = terraform.read(MANIFEST, &stub).await;
    assert_eq!((at(&read, "account_id"), told), (at(stored, "account_id"), vec![]));
}

#[tokio::test]
async fn with_the_keys_of_another_account_nothing_is_believed_to_be_gone() {
    let Made { cloud, stored, .. } = made().await;
    let member = terraform(&cloud, "b").await;
    let (read, told) = member.read(MANIFEST, &stored).await;
    assert_eq!(
        (read.state, told),
        (stored.state.clone(), vec!["error: Keys of another account @account_id".to_owned()])
    );
    let (kept, told) = member.destroy(MANIFEST, &stored).await;
    assert_eq!((kept.state, told.len()), (stored.state, 1));
}

#[tokio::test]
async fn what_was_in_a_cluster_that_its_account_does_not_have_any_more_is_gone() {
    let Made { clusters, stored, .. } = made().await;
    let without = cloud(&STORY.replace(CLUSTER, "cls-other001"), &clusters).await;
    let terraform = terraform(&without, "a").await;
    let (read, told) = terraform.read(MANIFEST, &stored).await;
    assert_eq!((read.state, told), (Value::Null, vec![]));
    let (gone, told) = terraform.destroy(MANIFEST, &stored).await;
    assert_eq!((gone.state, told), (Value::Null, vec![]));
}

#[tokio::test]
async fn a_cluster_that_does_not_answer_is_not_gone() {
    let Made { clusters, terraform, stored, .. } = made().await;
    clusters.0.stop();
    let limited = Stored {
        state: crate::harness::client::with(
            stored.state.clone(),
            "timeouts",
            crate::harness::client::timeouts([("read", "1s")]),
        ),
        ..stored
    };
    let (read, told) = terraform.read(MANIFEST, &limited).await;
    assert_eq!((read.state, told.len()), (limited.state, 1));
}
