//! What every namespace is given: the service account `default`, and the certificate by which pods trust the API server.

use std::collections::BTreeMap;

use futures_util::stream::BoxStream;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, ServiceAccount};
use kube::api::{Api, ListParams, ObjectMeta, PostParams};
use kube::{Client, ResourceExt};

use super::watch::keys;
use super::work::{Again, Controller, Key};

const ACCOUNT: &str = "default";
/// The name of the config map with the certificate: the last thing that a namespace is given.
pub(super) const CERTIFICATE: &str = "kube-root-ca.crt";

/// The controller of what every namespace is given.
pub(super) struct Givens {
    pub(super) client: Client,
    pub(super) ca_pem: String,
}

impl Givens {
    /// What leads to work: new namespaces, and the loss of what was given.
    pub(super) fn triggers(client: &Client) -> Vec<BoxStream<'static, Key>> {
        let namespaces: Api<Namespace> = Api::all(client.clone());
        let accounts: Api<ServiceAccount> = Api::all(client.clone());
        let maps: Api<ConfigMap> = Api::all(client.clone());
        let of_namespace = |name: String| Key { namespace: String::new(), name };
        vec![
            keys(namespaces, |namespace| Some(Key::of(namespace))),
            keys(accounts, move |account| {
                (account.name_any() == ACCOUNT).then(|| of_namespace(account.namespace().unwrap_or_default()))
            }),
            keys(maps, move |map| {
                (map.name_any() == CERTIFICATE).then(|| of_namespace(map.namespace().unwrap_or_default()))
            }),
        ]
    }
}

fn named(name: &str) -> ObjectMeta {
    ObjectMeta { name: Some(name.to_owned()), ..ObjectMeta::default() }
}

impl Controller for Givens {
    const NAME: &'static str = "service accounts";

    async fn reconcile(&self, key: &Key) -> kube::Result<Again> {
        let namespaces: Api<Namespace> = Api::all(self.client.clone());
        let found = namespaces.get_opt(&key.name).await?.filter(|found| found.metadata.deletion_timestamp.is_none());
        if found.is_none() {
            return Ok(None);
        }
        let accounts: Api<ServiceAccount> = Api::namespaced(self.client.clone(), &key.name);
        if accounts.get_opt(ACCOUNT).await?.is_none() {
            let account = ServiceAccount { metadata: named(ACCOUNT), ..ServiceAccount::default() };
            accounts.create(&PostParams::default(), &account).await?;
        }
        let maps: Api<ConfigMap> = Api::namespaced(self.client.clone(), &key.name);
        let listed = maps.list_metadata(&ListParams::default().fields(&format!("metadata.name={CERTIFICATE}"))).await?;
        if listed.items.is_empty() {
            let data = BTreeMap::from([("ca.crt".to_owned(), self.ca_pem.clone())]);
            let map = ConfigMap { metadata: named(CERTIFICATE), data: Some(data), ..ConfigMap::default() };
            maps.create(&PostParams::default(), &map).await?;
        }
        Ok(None)
    }
}
