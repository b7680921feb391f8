//! What the bridge needs of a cluster's API, whoever serves it.

use std::collections::BTreeMap;
use std::sync::Arc;

use k8s_openapi::jiff::SignedDuration;
use kube::Client;

use crate::cluster_access::Doing;
use crate::kubernetes::{Admission, ApiGroup, ApiServer, Identity, Object, Tunnel, istio};

/// The API of a cluster.
pub(crate) trait ClusterApi: Send + Sync {
    /// Where it is served.
    fn url(&self) -> String;

    /// The certificate authority of its server, PEM.
    fn ca_pem(&self) -> String;

    /// A kubeconfig for somebody.
    fn kubeconfig(&self, identity: &Identity) -> Option<String>;

    /// A bearer token for somebody.
    fn token(&self, identity: &Identity, lifetime: SignedDuration) -> Option<String>;

    /// A client that may do everything.
    fn client(&self, user: &str) -> Client;

    /// What is in it, by kind.
    fn inventory(&self) -> BTreeMap<String, Vec<String>>;

    /// An object of a built-in kind, as far as is known now.
    fn find(&self, group: &str, plural: &str, namespace: &str, name: &str) -> Option<Arc<Object>>;

    /// The objects of a built-in kind in a namespace, as far as is known now.
    fn list(&self, group: &str, plural: &str, namespace: &str) -> Vec<Arc<Object>>;

    /// A tunnel to it.
    fn tunnel(&self, id: &str, name: &str) -> Tunnel;

    /// Lets the objects of a group be those of the group's store, from now on.
    fn attach(&self, group: &ApiGroup);

    /// Ends what [`ClusterApi::attach`] began.
    fn detach(&self, group: &str);

    /// Shows every object that is written to a hook.
    fn add_admission(&self, name: &str, hook: Admission);

    /// Takes a hook away.
    fn remove_admission(&self, name: &str);

    /// The groups that controllers leave alone, because their objects are not the cluster's own.
    fn foreign_groups(&self) -> Vec<String>;

    /// Forgets every object, while nothing runs in the cluster.
    fn reset(&self) {}

    /// Takes out what others left in the cluster, once its controllers run; its node stays.
    fn vacate<'a>(&'a self, _node: &'a str) -> Doing<'a> {
        Box::pin(std::future::ready(()))
    }
}

impl ClusterApi for ApiServer {
    fn url(&self) -> String {
        self.url()
    }

    fn ca_pem(&self) -> String {
        self.ca_pem()
    }

    fn kubeconfig(&self, identity: &Identity) -> Option<String> {
        self.kubeconfig(identity).ok()
    }

    fn token(&self, identity: &Identity, lifetime: SignedDuration) -> Option<String> {
        Some(self.token(identity, lifetime))
    }

    fn client(&self, user: &str) -> Client {
        self.client(user)
    }

    fn inventory(&self) -> BTreeMap<String, Vec<String>> {
        self.inventory()
    }

    fn find(&self, group: &str, plural: &str, namespace: &str, name: &str) -> Option<Arc<Object>> {
        self.find(group, plural, namespace, name)
    }

    fn list(&self, group: &str, plural: &str, namespace: &str) -> Vec<Arc<Object>> {
        self.list(group, plural, namespace)
    }

    fn tunnel(&self, id: &str, name: &str) -> Tunnel {
        self.tunnel(id, name)
    }

    fn attach(&self, group: &ApiGroup) {
        self.attach(group);
    }

    fn detach(&self, group: &str) {
        self.detach(group);
    }

    fn add_admission(&self, name: &str, hook: Admission) {
        self.add_admission(name, hook);
    }

    fn remove_admission(&self, name: &str) {
        self.remove_admission(name);
    }

    fn foreign_groups(&self) -> Vec<String> {
        vec![istio::GROUP.to_owned()]
    }

    fn reset(&self) {
        self.reset();
    }
}
