//! Container networks of Global Router clusters in CCNs.
//!
//! These actions are not in the public reference. CAM's list of tke actions names `AddClusterCIDRToCcn`; the shapes
//! are those of the private-cloud SDK, the error codes are assumed.

use ipnet::Ipv4Net;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::front::{Action, Answer, ApiError, Call};
use crate::state::{Attachment, CcnRoute, Cloud, PublishError, Vpc};

/// Publishes a cluster's container CIDR to the CCN that its network is attached to.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct AddClusterCIDRToCcn {
    vpc_id: String,
    #[serde(rename = "ClusterCIDR")]
    cluster_cidr: Ipv4Net,
}

impl Action for AddClusterCIDRToCcn {
    fn run(self, call: &mut Call<'_>) -> Answer {
        check_owned(call, &self.vpc_id)?;
        call.cloud.publish_container_cidr(&self.vpc_id, self.cluster_cidr).map_err(refusal)?;
        Ok(route_set(call.cloud, &self.vpc_id, self.cluster_cidr))
    }
}

/// Takes a cluster's container CIDR back.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DeleteClusterCIDRFromCcn {
    vpc_id: String,
    #[serde(rename = "ClusterCIDR")]
    cluster_cidr: Ipv4Net,
}

impl Action for DeleteClusterCIDRFromCcn {
    fn run(self, call: &mut Call<'_>) -> Answer {
        check_owned(call, &self.vpc_id)?;
        call.cloud.withdraw_container_cidr(&self.vpc_id, self.cluster_cidr).map_err(refusal)?;
        Ok(route_set(call.cloud, &self.vpc_id, self.cluster_cidr))
    }
}

/// Says whether a container CIDR is published.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DescribeCcnRoutes {
    vpc_id: String,
    #[serde(rename = "ClusterCIDR")]
    cluster_cidr: Ipv4Net,
}

impl Action for DescribeCcnRoutes {
    fn run(self, call: &mut Call<'_>) -> Answer {
        check_owned(call, &self.vpc_id)?;
        Ok(route_set(call.cloud, &self.vpc_id, self.cluster_cidr))
    }
}

/// Says to which CCNs a network is attached.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DescribeCcnInstances {
    vpc_id: String,
}

impl Action for DescribeCcnInstances {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let vpc = check_owned(call, &self.vpc_id)?;
        let rows = call.cloud.ccns.attachments.iter().filter(|it| it.vpc_id == self.vpc_id);
        let view = |it: &Attachment| {
            json!({
                "CcnId": it.ccn_id,
                "InstanceType": "VPC",
                "InstanceId": it.vpc_id,
                "InstanceRegion": it.region,
                "InstanceUin": it.vpc_owner,
                "Cidrs": [vpc.cidr],
                "State": it.phase.state(),
                "CcnUin": it.ccn_owner,
            })
        };
        Ok(json!({ "InstanceSet": rows.map(view).collect::<Value>() }))
    }
}

fn check_owned<'a>(call: &'a Call<'_>, vpc_id: &str) -> Result<&'a Vpc, ApiError> {
    let own = call.cloud.networks.owned(&call.uin()?, vpc_id).filter(|vpc| vpc.region == call.region);
    own.ok_or_else(|| ApiError::not_found(vpc_id))
}

fn refusal(error: PublishError) -> ApiError {
    let code = match error {
        PublishError::NoSuchCidr => "InvalidParameter.Param",
        PublishError::NotAttached => "ResourceUnavailable",
    };
    ApiError::new(code, error.to_string())
}

fn route_set(cloud: &Cloud, vpc_id: &str, cidr: Ipv4Net) -> Value {
    let vpc = cloud.networks.vpcs.get(vpc_id);
    let routes = cloud.ccns.ccns.values().flat_map(|ccn| &ccn.routes);
    let published = routes.filter(|route| route.vpc_id == vpc_id && route.destination == cidr);
    let view = |route: &CcnRoute| {
        json!({
            "RouteId": route.id,
            "DestinationCidrBlock": route.destination,
            "InstanceType": "VPC",
            "InstanceId": route.vpc_id,
            "InstanceRegion": vpc.map(|vpc| vpc.region.as_str()).unwrap_or_default(),
            "InstanceUin": vpc.map(|vpc| vpc.owner.as_str()).unwrap_or_default(),
        })
    };
    json!({ "RouteSet": published.map(view).collect::<Value>() })
}
