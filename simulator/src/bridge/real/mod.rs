//! Clusters whose APIs are served by real API servers: their kubeconfigs are given, and the bridge is their client.
//!
//! What is asked without waiting (services and pods behind a gateway, the inventory) comes from a mirror that watches the
//! server. Istio's objects are copied from each linked cluster into the store of its mesh, so that a mesh sees what is in
//! all of its clusters; the definitions must be installed. Requests do not pass through the simulator: they are in no
//! journal and no fault hits them. Sidecars are not injected, since that takes a webhook that the server can call.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use k8s_openapi::jiff::SignedDuration;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use tokio::sync::Notify;

use self::mirror::Mirror;
use super::api::ClusterApi;
use crate::cluster_access::Doing;
use crate::kubernetes::{Admission, ApiGroup, Identity, MASTERS, Object, Tunnel};

mod emptying;
mod mirror;

/// Why a real cluster cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// Its kubeconfig cannot be used.
    #[error("its kubeconfig cannot be used")]
    Kubeconfig(#[from] kube::config::KubeconfigError),
    /// Its API does not answer.
    #[error("its API does not answer")]
    Client(#[from] kube::Error),
    /// The kubeconfig has no certificate authority with it.
    #[error("its kubeconfig holds no certificate-authority-data")]
    Authority,
}

/// The API of a real cluster.
pub(super) struct RealApi {
    kubeconfig: Kubeconfig,
    url: String,
    ca_pem: String,
    client: Client,
    wake: Arc<Notify>,
    mirror: Mirror,
    /// What is copied elsewhere, by group.
    copies: Mutex<BTreeMap<String, Mirror>>,
}

impl RealApi {
    /// Connects to the cluster of a kubeconfig's current context. `wake` is told when anything changes in it.
    ///
    /// # Errors
    /// [`Unusable`].
    pub(super) async fn connect(path: &Path, wake: &Arc<Notify>) -> Result<Self, Unusable> {
        // Another part of the program may have chosen the same before.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let kubeconfig = Kubeconfig::read_from(path)?;
        let config = Config::from_custom_kubeconfig(kubeconfig.clone(), &KubeConfigOptions::default()).await?;
        let url = config.cluster_url.to_string().trim_end_matches('/').to_owned();
        let client = Client::try_from(config)?;
        client.apiserver_version().await?;
        let ca_pem = authority(&kubeconfig).ok_or(Unusable::Authority)?;
        let (mirror, wake) = (Mirror::of_built_in(&client, wake), Arc::clone(wake));
        Ok(Self { kubeconfig, url, ca_pem, client, wake, mirror, copies: Mutex::default() })
    }

    fn copies(&self) -> MutexGuard<'_, BTreeMap<String, Mirror>> {
        self.copies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn authority(kubeconfig: &Kubeconfig) -> Option<String> {
    let data = kubeconfig.clusters.first()?.cluster.as_ref()?.certificate_authority_data.as_ref()?;
    String::from_utf8(STANDARD.decode(data).ok()?).ok()
}

impl ClusterApi for RealApi {
    fn url(&self) -> String {
        self.url.clone()
    }

    fn ca_pem(&self) -> String {
        self.ca_pem.clone()
    }

    /// The given one. Who has not all rights acts as themselves: the server knows no users but those that it was started
    /// with.
    fn kubeconfig(&self, identity: &Identity) -> Option<String> {
        let mut kubeconfig = self.kubeconfig.clone();
        if !identity.is_in(MASTERS) {
            let users = kubeconfig.auth_infos.iter_mut().filter_map(|named| named.auth_info.as_mut());
            users.for_each(|user| user.impersonate = Some(identity.user.clone()));
        }
        // JSON is YAML.
        serde_json::to_string_pretty(&kubeconfig).ok()
    }

    fn token(&self, _: &Identity, _: SignedDuration) -> Option<String> {
        let users = serde_json::to_value(&self.kubeconfig.auth_infos).ok()?;
        users[0]["user"]["token"].as_str().map(str::to_owned)
    }

    fn client(&self, _: &str) -> Client {
        self.client.clone()
    }

    fn inventory(&self) -> BTreeMap<String, Vec<String>> {
        let mut inventory = self.mirror.inventory();
        self.copies().values().for_each(|copy| inventory.extend(copy.inventory()));
        inventory
    }

    fn find(&self, group: &str, plural: &str, namespace: &str, name: &str) -> Option<Arc<Object>> {
        self.mirror.find(group, plural, namespace, name)
    }

    fn list(&self, group: &str, plural: &str, namespace: &str) -> Vec<Arc<Object>> {
        self.mirror.list(group, plural, namespace)
    }

    fn tunnel(&self, id: &str, name: &str) -> Tunnel {
        Tunnel::to_client(id, name, self.client.clone())
    }

    fn attach(&self, group: &ApiGroup) {
        let copy = Mirror::of_group(&self.client, group, &self.wake);
        self.copies().insert(group.name().to_owned(), copy);
    }

    fn detach(&self, group: &str) {
        self.copies().remove(group);
    }

    fn add_admission(&self, _: &str, _: Admission) {}

    fn remove_admission(&self, _: &str) {}

    fn foreign_groups(&self) -> Vec<String> {
        Vec::new()
    }

    fn vacate<'a>(&'a self, node: &'a str) -> Doing<'a> {
        Box::pin(async move {
            if let Err(error) = emptying::empty(&self.client, node).await {
                tracing::warn!(url = self.url, %error, "what others left in a cluster is still there");
            }
        })
    }
}
