//! Services of type `LoadBalancer`: an address from outside the cluster.

use std::net::IpAddr;
use std::sync::Arc;

use futures_util::stream::BoxStream;
use k8s_openapi::api::core::v1::{LoadBalancerIngress, LoadBalancerStatus, Service, ServiceStatus};
use kube::api::Api;
use kube::{Client, ResourceExt};
use serde_json::json;

use super::watch::keys;
use super::work::{Again, Controller, Key};
use super::writes;

/// The finalizer that keeps a service until its load balancer is gone.
const CLEANUP: &str = "service.kubernetes.io/load-balancer-cleanup";

/// Makes load balancers for services.
pub trait LoadBalancers: Send + Sync {
    /// The address of a service's load balancer, which is made when there is none; none while it is being made. Whoever
    /// makes it touches the service when it is ready.
    fn ensure(&self, service: &Service) -> Option<IpAddr>;

    /// Removes the load balancer of a service, by namespace and name; there may be none.
    fn release(&self, namespace: &str, name: &str);
}

/// The controller of load balancers.
pub(super) struct Balancing {
    pub(super) client: Client,
    pub(super) provider: Arc<dyn LoadBalancers>,
}

impl Balancing {
    /// What leads to work: changes of services.
    pub(super) fn triggers(client: &Client) -> Vec<BoxStream<'static, Key>> {
        let services: Api<Service> = Api::all(client.clone());
        vec![keys(services, |service| Some(Key::of(service)))]
    }

    async fn provide(&self, api: &Api<Service>, service: Service) -> kube::Result<()> {
        let name = service.name_any();
        if !service.finalizers().iter().any(|finalizer| finalizer == CLEANUP) {
            set_finalizers(api, &service, |finalizers| finalizers.push(CLEANUP.to_owned())).await?;
        }
        let Some(address) = self.provider.ensure(&service) else { return Ok(()) };
        let ingress = LoadBalancerIngress {
            ip: Some(address.to_string()),
            ip_mode: Some("VIP".to_owned()),
            ..LoadBalancerIngress::default()
        };
        let balancer = LoadBalancerStatus { ingress: Some(vec![ingress]) };
        if service.status.as_ref().and_then(|status| status.load_balancer.as_ref()) == Some(&balancer) {
            return Ok(());
        }
        let Some(mut service) = api.get_opt(&name).await? else { return Ok(()) };
        service.status = Some(ServiceStatus { load_balancer: Some(balancer), ..ServiceStatus::default() });
        writes::status(api, service).await.map(drop)
    }

    /// Ends what a service had while it asked for a load balancer.
    async fn withdraw(&self, api: &Api<Service>, service: Service) -> kube::Result<()> {
        if !service.finalizers().iter().any(|finalizer| finalizer == CLEANUP) {
            return Ok(());
        }
        self.provider.release(&service.namespace().unwrap_or_default(), &service.name_any());
        let mut cleared = service.clone();
        cleared.status =
            Some(ServiceStatus { load_balancer: Some(LoadBalancerStatus::default()), ..ServiceStatus::default() });
        writes::status(api, cleared).await?;
        set_finalizers(api, &service, |finalizers| finalizers.retain(|finalizer| finalizer != CLEANUP)).await
    }
}

async fn set_finalizers(api: &Api<Service>, service: &Service, change: impl Fn(&mut Vec<String>)) -> kube::Result<()> {
    let mut finalizers = service.finalizers().to_vec();
    change(&mut finalizers);
    let patch = json!({"metadata": {"finalizers": finalizers}});
    writes::absent_is_done(writes::merge(api, &service.name_any(), &patch).await).map(drop)
}

impl Controller for Balancing {
    const NAME: &'static str = "load balancers";

    async fn reconcile(&self, key: &Key) -> kube::Result<Again> {
        let api: Api<Service> = Api::namespaced(self.client.clone(), &key.namespace);
        let Some(service) = api.get_opt(&key.name).await? else { return Ok(None) };
        let asks = service.spec.as_ref().is_some_and(|spec| spec.type_.as_deref() == Some("LoadBalancer"));
        match asks && service.metadata.deletion_timestamp.is_none() {
            true => self.provide(&api, service).await?,
            false => self.withdraw(&api, service).await?,
        }
        Ok(None)
    }
}
