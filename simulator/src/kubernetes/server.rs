//! A running API server, and what it is made of.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, PoisonError};

use ipnet::Ipv4Net;
use k8s_openapi::jiff::SignedDuration;
use tokio::task::JoinHandle;

use super::addresses::Addresses;
use super::certificates::Authority;
use super::clock::{Clock, SystemClock, Timestamp};
use super::hooks::{Admission, Faults, Hooks, Journal};
use super::identity::{Identity, MASTERS};
use super::kinds::Kind;
use super::object::Object;
use super::registry::{ApiGroup, Registry};
use super::store::{Key, Resource, Store};
use super::tokens::Tokens;
use super::tunnels::{self, Tunnel, Tunnels};
use super::{bootstrap, kubeconfig, listener, service};
use crate::issued::Issued;

/// How a server is set up.
pub struct Options {
    /// The cluster's name, for kubeconfigs.
    pub name: String,
    /// The Kubernetes version to report, for example `1.30.0`.
    pub version: String,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The network of service addresses.
    pub service_network: Ipv4Net,
    /// The time that objects are stamped with and tokens expire by.
    pub clock: Arc<dyn Clock>,
    /// Is told of every answered request.
    pub journal: Option<Journal>,
    /// Decides whether a request is disturbed.
    pub faults: Option<Faults>,
    /// Where keys and tokens of users are noted.
    pub issued: Issued,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            name: "kubernetes".to_owned(),
            version: "1.30.0".to_owned(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            service_network: Ipv4Net::new_assert(Ipv4Addr::new(10, 96, 0, 0), 16),
            clock: Arc::new(SystemClock),
            journal: None,
            faults: None,
            issued: Issued::default(),
        }
    }
}

/// Why a server did not start, or could not certify somebody.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// A certificate cannot be made.
    #[error("cannot make a certificate")]
    Certificate(#[from] rcgen::Error),
    /// TLS cannot be set up.
    #[error("cannot set up TLS")]
    Tls(#[from] rustls::Error),
    /// Client certificates cannot be verified.
    #[error("cannot set up the verification of client certificates")]
    Verifier(#[from] rustls::client::VerifierBuilderError),
}

/// What a server is made of.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) store: Arc<Store>,
    pub(crate) registry: Registry,
    pub(crate) addresses: Addresses,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) authority: Authority,
    pub(crate) tokens: Tokens,
    pub(crate) tunnels: Tunnels,
    pub(crate) hooks: Hooks,
}

impl std::fmt::Debug for dyn Clock {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Clock")
    }
}

impl Server {
    /// A token for an identity, for a number of seconds, and when it ends.
    pub(crate) fn issue_token(&self, identity: &Identity, seconds: i64) -> (String, Timestamp) {
        let now = self.clock.now();
        let until = now.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(now);
        (self.tokens.issue(identity, until.as_second()), until)
    }

    /// What follows from a change of an object of a kind: definitions change what is served.
    pub(crate) fn after_commit(&self, kind: &Kind) {
        if kind.plural == "customresourcedefinitions" {
            let (definitions, _) = self.store.list(&Resource::new(&kind.group, &kind.plural), None);
            self.registry.define(&definitions, &self.store);
            bootstrap::sync_api_services(self);
        }
    }
}

/// A running API server. It stops when it is dropped.
#[derive(Debug)]
pub struct ApiServer {
    server: Arc<Server>,
    address: SocketAddr,
    listener: JoinHandle<()>,
}

impl ApiServer {
    /// Starts a server with an authority of its own. Must be called in a Tokio runtime.
    ///
    /// # Errors
    /// [`StartError`] when it cannot listen, or make its certificates.
    pub fn start(options: Options) -> Result<Self, StartError> {
        let Options { name, version, listen, service_network, clock, journal, faults, issued } = options;
        let store = Store::new();
        let server = Arc::new(Server {
            name,
            version,
            registry: Registry::new(&store),
            store,
            addresses: Addresses::new(service_network),
            clock,
            authority: Authority::new(issued.clone())?,
            tokens: Tokens::new(issued),
            tunnels: Tunnels::default(),
            hooks: Hooks { journal, faults, ..Hooks::default() },
        });
        bootstrap::fill(&server);
        let (address, listener) = listener::listen(&server, listen)?;
        Ok(Self { server, address, listener })
    }

    /// Where the server is reached: `https://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// The address that the server listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The certificate of the server's authority, in PEM.
    pub fn ca_pem(&self) -> String {
        self.server.authority.pem()
    }

    /// A client inside the process, without TLS, that may do everything.
    pub fn client(&self, user: &str) -> kube::Client {
        self.client_as(&Identity::new(user, &[MASTERS]))
    }

    /// A client inside the process, without TLS, with the rights of an identity.
    pub fn client_as(&self, identity: &Identity) -> kube::Client {
        kube::Client::new(service::InProcess::new(&self.server, identity), "default")
    }

    /// A client inside the process, without TLS, with the rights that a bearer token gives; none where the text cannot be a
    /// token.
    pub fn client_with_token(&self, token: &str) -> Option<kube::Client> {
        Some(kube::Client::new(service::InProcess::with_token(&self.server, token)?, "default"))
    }

    /// A kubeconfig, as YAML, with a client certificate of a user in groups.
    ///
    /// # Errors
    /// [`StartError`] when the certificate cannot be made.
    pub fn kubeconfig(&self, identity: &Identity) -> Result<String, StartError> {
        let certificate = self.server.authority.certify(identity)?;
        Ok(kubeconfig::with_certificate(&self.server, &self.url(), identity, &certificate))
    }

    /// A kubeconfig, as YAML, that leads through this server into the cluster at the end of the tunnel of this name; none
    /// where there is no such tunnel.
    ///
    /// # Errors
    /// [`StartError`] when the certificate cannot be made.
    pub fn kubeconfig_through(&self, tunnel: &str, identity: &Identity) -> Result<Option<String>, StartError> {
        let Some(id) = self.server.tunnels.id(tunnel) else { return Ok(None) };
        let certificate = self.server.authority.certify(identity)?;
        let url = tunnels::url(&self.url(), &id);
        Ok(Some(kubeconfig::with_certificate(&self.server, &url, identity, &certificate)))
    }

    /// Lets these tunnels lead through this server, and no others.
    pub fn set_tunnels(&self, tunnels: impl IntoIterator<Item = Tunnel>) {
        self.server.tunnels.set(tunnels);
    }

    /// A tunnel to this server.
    pub fn tunnel(&self, id: &str, name: &str) -> Tunnel {
        Tunnel::open(id, name, &self.server)
    }

    /// A kubeconfig, as YAML, with a bearer token.
    pub fn kubeconfig_with_token(&self, user: &str, token: &str) -> String {
        kubeconfig::with_token(&self.server, &self.url(), user, token)
    }

    /// A bearer token of an identity that ends after a time of the server's clock.
    pub fn token(&self, identity: &Identity, lifetime: SignedDuration) -> String {
        self.server.issue_token(identity, lifetime.as_secs()).0
    }

    /// What is in the server, by kind: each object as `namespace/name`, or its name where it is in no namespace. Events
    /// are left out.
    pub fn inventory(&self) -> BTreeMap<String, Vec<String>> {
        self.server.inventory()
    }

    /// An object of a built-in kind, as it is now.
    pub(crate) fn find(&self, group: &str, plural: &str, namespace: &str, name: &str) -> Option<Arc<Object>> {
        self.server.store.get(&Resource::new(group, plural), &Key::new(namespace, name))
    }

    /// The objects of a built-in kind in a namespace, as they are now.
    pub(crate) fn list(&self, group: &str, plural: &str, namespace: &str) -> Vec<Arc<Object>> {
        self.server.store.list(&Resource::new(group, plural), Some(namespace)).0
    }

    /// Serves a group of kinds from its own store, from now on.
    pub fn attach(&self, group: &ApiGroup) {
        self.server.registry.attach(group);
        bootstrap::sync_api_services(&self.server);
    }

    /// Stops serving an attached group; its store keeps its objects.
    pub fn detach(&self, group: &str) {
        self.server.registry.detach(group);
        bootstrap::sync_api_services(&self.server);
    }

    /// Shows every object that is written to a hook, from now on. A hook of the same name is replaced.
    pub fn add_admission(&self, name: &str, hook: Admission) {
        let hooks = &self.server.hooks.admission;
        hooks.write().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), hook);
    }

    /// Takes an admission hook away.
    pub fn remove_admission(&self, name: &str) {
        self.server.hooks.admission.write().unwrap_or_else(PoisonError::into_inner).remove(name);
    }

    /// Forgets every object, attached group and admission hook, as if the server had just started. Address, authority
    /// and tokens stay, so that kubeconfigs stay valid; watches are told to list again. Controllers remember what they
    /// gave out: start them anew.
    pub fn reset(&self) {
        self.server.registry.reset();
        self.server.hooks.admission.write().unwrap_or_else(PoisonError::into_inner).clear();
        self.server.store.clear();
        bootstrap::fill(&self.server);
    }

    /// Stops listening and closes every connection. Clients inside the process go on.
    pub fn stop(&self) {
        self.listener.abort();
    }
}

impl Drop for ApiServer {
    fn drop(&mut self) {
        self.stop();
    }
}
