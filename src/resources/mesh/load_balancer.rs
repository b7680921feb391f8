//! The load balancer of an ingress gateway: a new one, by a block, or one that exists.

use std::collections::BTreeMap;

use crate::cloud::Client;
use crate::cloud::api::{clb, tcm};
use crate::cloud::tags;
use crate::framework::{Computed, Diagnostic, Diagnostics, Error, Model, Planned};
use crate::resources::errors::Doing;
use crate::resources::ids::checks;
use crate::scope::Scope;

/// The tag of load balancers that TKE made, which a gateway cannot use (TKE documents, "Using existing CLBs").
const MADE_BY_TKE: &str = "tke-createdBy-flag";

/// A load balancer to create for the gateway. It is deleted with it.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct LoadBalancer {
    /// `OPEN` (on the internet) or `INTERNAL` (in the VPC).
    #[tf(optional, default = "OPEN", force_new, one_of("OPEN", "INTERNAL"))]
    pub r#type: String,
    /// The subnet of an internal one, for example `subnet-5o0m3rtc`.
    #[tf(optional, computed, force_new, check = checks::subnet)]
    pub subnet_id: Computed<String>,
    /// How the traffic of an open one is paid for: `TRAFFIC_POSTPAID_BY_HOUR` or `BANDWIDTH_POSTPAID_BY_HOUR`.
    #[tf(optional, computed, force_new, one_of("TRAFFIC_POSTPAID_BY_HOUR", "BANDWIDTH_POSTPAID_BY_HOUR"))]
    pub internet_charge_type: Computed<String>,
    /// The highest outgoing bandwidth of an open one in Mbps, for example `10`, which is also the cloud's default.
    #[tf(optional, computed, range(0..=2048))]
    pub internet_max_bandwidth_out: Computed<i64>,
    /// `IPV4`, `IPV6` (NAT64) or `IPv6FullChain`.
    #[tf(optional, computed, force_new, one_of("IPV4", "IPV6", "IPv6FullChain"))]
    pub address_ip_version: Computed<String>,
    /// The carrier of an open one: `BGP`, `CMCC`, `CTCC` or `CUCC`.
    #[tf(optional, computed, force_new, one_of("BGP", "CMCC", "CTCC", "CUCC"))]
    pub vip_isp: Computed<String>,
    /// The zone, for example `ap-guangzhou-3`.
    #[tf(optional, computed, force_new)]
    pub zone_id: Computed<String>,
    /// The zone that is used first, for example `ap-guangzhou-3`.
    #[tf(optional, computed, force_new)]
    pub master_zone_id: Computed<String>,
    /// The zone that takes over, for example `ap-guangzhou-4`.
    #[tf(optional, computed, force_new)]
    pub slave_zone_id: Computed<String>,
    /// The tags of the load balancer, for example `{ team = "network" }`.
    #[tf(optional, force_new, carried)]
    pub tags: BTreeMap<String, String>,
}

// Destructured, so that a new field of the API does not go unnoticed.
impl From<tcm::LoadBalancer> for LoadBalancer {
    fn from(found: tcm::LoadBalancer) -> Self {
        let tcm::LoadBalancer { load_balancer_type, subnet_id, internet_charge_type, .. } = found;
        let tcm::LoadBalancer { internet_max_bandwidth_out, zone_id, master_zone_id, slave_zone_id, .. } = found;
        let tcm::LoadBalancer { vip_isp, address_ip_version, .. } = found;
        Self {
            r#type: load_balancer_type.unwrap_or_default(),
            subnet_id: subnet_id.into(),
            internet_charge_type: internet_charge_type.into(),
            internet_max_bandwidth_out: internet_max_bandwidth_out.into(),
            address_ip_version: address_ip_version.into(),
            vip_isp: vip_isp.into(),
            zone_id: zone_id.into(),
            master_zone_id: master_zone_id.into(),
            slave_zone_id: slave_zone_id.into(),
            tags: BTreeMap::new(),
        }
    }
}

impl From<&LoadBalancer> for tcm::LoadBalancer {
    fn from(plan: &LoadBalancer) -> Self {
        Self {
            load_balancer_type: Some(plan.r#type.clone()),
            subnet_id: plan.subnet_id.get().cloned(),
            internet_charge_type: plan.internet_charge_type.get().cloned(),
            internet_max_bandwidth_out: plan.internet_max_bandwidth_out.get().copied(),
            zone_id: plan.zone_id.get().cloned(),
            master_zone_id: plan.master_zone_id.get().cloned(),
            slave_zone_id: plan.slave_zone_id.get().cloned(),
            vip_isp: plan.vip_isp.get().cloned(),
            address_ip_version: plan.address_ip_version.get().cloned(),
            tags: Some(tags::from_map(&plan.tags)).filter(|tags| !tags.is_empty()),
            ..Self::default()
        }
    }
}

/// A service of the type `LoadBalancer` has one load balancer, any other has none; and what goes with which kind.
pub(super) fn check<M: Model>(planned: &Planned<'_, M>, diagnostics: &mut Diagnostics) {
    let (block, id) = (planned.is_configured("load_balancer"), planned.is_configured("load_balancer_id"));
    let default = || planned.is_null("service").then(|| "LoadBalancer".to_owned());
    let service = planned.known("service.type").or_else(default);
    match (service.as_deref(), block, id) {
        (_, true, true) => {
            let detail =
                "Set either the block `load_balancer`, for a new one, or `load_balancer_id`, for one that exists.";
            diagnostics.error("load_balancer_id", "Two load balancers", detail);
        }
        (Some("LoadBalancer"), false, false) => {
            let detail = "Set the block `load_balancer`, for a new one (`load_balancer {}` for a public one), or \
                          `load_balancer_id`, for one that exists.";
            diagnostics.error("load_balancer", "Missing load balancer", detail);
        }
        (Some("ClusterIP" | "NodePort"), true, _) | (Some("ClusterIP" | "NodePort"), _, true) => {
            let name = if block { "load_balancer" } else { "load_balancer_id" };
            let detail = "A service of this type has none: leave it out, or set `service { type = \"LoadBalancer\" }`.";
            diagnostics.error(name, "Load balancer without use", detail);
        }
        _ => check_kind(planned, diagnostics),
    }
}

fn check_kind<M: Model>(planned: &Planned<'_, M>, diagnostics: &mut Diagnostics) {
    let is_configured = |name: &str| planned.is_configured(&format!("load_balancer.{name}"));
    let wrong = |name: &str, detail: &str| {
        Diagnostic::error("Invalid load balancer", detail).at(planned.at(&format!("load_balancer.{name}")))
    };
    match planned.known::<String>("load_balancer.type").as_deref() {
        Some("INTERNAL") => {
            if !is_configured("subnet_id") {
                diagnostics.push(wrong("subnet_id", "An internal load balancer needs the subnet of its address."));
            }
            let open_only = ["internet_charge_type", "internet_max_bandwidth_out", "vip_isp"];
            let set = open_only.into_iter().filter(|name| is_configured(name));
            diagnostics.extend(set.map(|name| wrong(name, "Only an open load balancer has it.")));
        }
        Some("OPEN") if is_configured("subnet_id") => {
            diagnostics.push(wrong("subnet_id", "Only an internal load balancer has a subnet."));
        }
        _ => {}
    }
}

/// Makes sure that a gateway can use a load balancer that exists: otherwise the gateway would wait for an address for ever.
///
/// # Errors
/// At `load_balancer_id`, where there is none, or it is in another VPC, or TKE made it; any of a call.
pub(super) async fn check_usable(scope: &Scope, client: &Client, id: &str, vpc_id: Option<&str>) -> Result<(), Error> {
    let action = clb::DescribeLoadBalancers { load_balancer_ids: Some(vec![id.to_owned()]), ..Default::default() };
    let found = client.send(scope, &action).await.doing(|| format!("look up the load balancer {id}"))?;
    let problem = match found.load_balancer_set.into_iter().next() {
        None => format!("there is none with this ID in {}", client.region()),
        Some(found) if vpc_id.is_some() && found.vpc_id.as_deref() != vpc_id => format!(
            "it is in {}, and the cluster in {}",
            found.vpc_id.as_deref().unwrap_or("no VPC"),
            vpc_id.unwrap_or_default()
        ),
        Some(found) if found.tags.iter().any(|tag| tag.tag_key == MADE_BY_TKE) => {
            "TKE made it for a service of a cluster".into()
        }
        Some(_) => return Ok(()),
    };
    let detail = format!(
        "The gateway cannot use the load balancer {id}: {problem}. Nothing was done. Choose one of the cluster's VPC that TKE did \
         not make, or have one made with the block `load_balancer`."
    );
    Err(Diagnostic::error("Load balancer cannot be used", detail).at("load_balancer_id").into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::value::Value;
    use crate::resources::mesh::ingress_gateway::IngressGateway;
    use crate::resources::mesh::workload::Service;

    /// Where the rules find something wrong.
    fn found(config: &IngressGateway) -> Vec<String> {
        let object = config.to_object();
        let mut diagnostics = Diagnostics::default();
        check(&Planned::<IngressGateway>::new(&object, &Value::Null, &object), &mut diagnostics);
        diagnostics.iter().map(|found| format!("{}: {}", found.path, found.summary)).collect()
    }

    fn with(block: Option<LoadBalancer>, id: Option<&str>, service: Option<&str>) -> IngressGateway {
        IngressGateway {
            load_balancer: block,
            load_balancer_id: id.map(str::to_owned).into(),
            service: service.map(|kind| Service { r#type: kind.into(), ..Service::default() }),
            ..IngressGateway::default()
        }
    }

    fn of_type(kind: &str) -> LoadBalancer {
        LoadBalancer { r#type: kind.into(), ..LoadBalancer::default() }
    }

    #[test]
    fn a_gateway_has_one_load_balancer_or_a_service_without() {
        for right in [
            with(Some(of_type("OPEN")), None, None),
            with(None, Some("lb-1"), Some("LoadBalancer")),
            with(None, None, Some("ClusterIP")),
        ] {
            assert_eq!(found(&right), [""; 0]);
        }
        let (open, lb) = (Some(of_type("OPEN")), Some("lb-1"));
        assert_eq!(found(&with(open.clone(), lb, None)), ["load_balancer_id: Two load balancers"]);
        assert_eq!(found(&with(None, None, None)), ["load_balancer: Missing load balancer"]);
        assert_eq!(found(&with(open, None, Some("NodePort"))), ["load_balancer: Load balancer without use"]);
        assert_eq!(found(&with(None, lb, Some("ClusterIP"))), ["load_balancer_id: Load balancer without use"]);
    }

    #[test]
    fn open_and_internal_load_balancers_have_different_arguments() {
        let subnet = |kind: &str| LoadBalancer { subnet_id: "subnet-1".into(), ..of_type(kind) };
        assert_eq!(found(&with(Some(subnet("INTERNAL")), None, None)), [""; 0]);
        let wrong = |balancer: LoadBalancer| found(&with(Some(balancer), None, None));
        assert_eq!(wrong(subnet("OPEN")), ["load_balancer.subnet_id: Invalid load balancer"]);
        assert_eq!(wrong(of_type("INTERNAL")), ["load_balancer.subnet_id: Invalid load balancer"]);
        let wide = LoadBalancer { internet_max_bandwidth_out: 10.into(), ..subnet("INTERNAL") };
        assert_eq!(wrong(wide), ["load_balancer.internet_max_bandwidth_out: Invalid load balancer"]);
    }
}
