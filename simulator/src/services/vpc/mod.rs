//! vpc: networks, subnets, route tables and Cloud Connect Networks (API reference, vpc 2017-03-12).

mod answer;
mod attach;
mod attached;
mod ccn;
mod instances;
mod network;
mod route_table;
mod routes;
mod subnet;

use ipnet::Ipv4Net;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::front::{ApiError, RegionRule, Service};
use crate::state::{Cloud, Tagged};

/// A tag in a request.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Tag {
    key: String,
    #[serde(default)]
    value: String,
}

pub(super) fn service() -> Service {
    Service::new("vpc", "2017-03-12", RegionRule::Required)
        .write::<ccn::CreateCcn>("CreateCcn")
        .read::<ccn::DescribeCcns>("DescribeCcns")
        .write::<ccn::ModifyCcnAttribute>("ModifyCcnAttribute")
        .ignoring(&["TrafficMarkingPolicyFlag", "MixedBillingFlag"])
        .write::<ccn::ModifyCcnRegionBandwidthLimitsType>("ModifyCcnRegionBandwidthLimitsType")
        .write::<ccn::DeleteCcn>("DeleteCcn")
        .write::<attach::AttachCcnInstances>("AttachCcnInstances")
        .write::<attach::DetachCcnInstances>("DetachCcnInstances")
        .write::<answer::AcceptAttachCcnInstances>("AcceptAttachCcnInstances")
        .write::<answer::RejectAttachCcnInstances>("RejectAttachCcnInstances")
        .write::<answer::ResetAttachCcnInstances>("ResetAttachCcnInstances")
        .write::<attached::ModifyCcnAttachedInstancesAttribute>("ModifyCcnAttachedInstancesAttribute")
        .read::<attached::DescribeCcnAttachedInstances>("DescribeCcnAttachedInstances")
        .read::<routes::DescribeCcnRoutes>("DescribeCcnRoutes")
        .write::<routes::EnableCcnRoutes>("EnableCcnRoutes")
        .write::<routes::DisableCcnRoutes>("DisableCcnRoutes")
        .read::<routes::DescribeCcnRouteTables>("DescribeCcnRouteTables")
        // CCNs are of no region: the China site's reference calls the region of these actions optional.
        .without_region("Ccn")
        .write::<network::CreateVpc>("CreateVpc")
        .ignoring(&["StackType", "AddressType", "EnableRouteVpcPublishIpv6"])
        .read::<network::DescribeVpcs>("DescribeVpcs")
        .write::<network::ModifyVpcAttribute>("ModifyVpcAttribute")
        .ignoring(&["EnableCdcPublish", "EnableRouteVpcPublishIpv6"])
        .write::<network::DeleteVpc>("DeleteVpc")
        .write::<subnet::CreateSubnet>("CreateSubnet")
        .ignoring(&["StackType", "CdcId"])
        .read::<subnet::DescribeSubnets>("DescribeSubnets")
        .write::<subnet::ModifySubnetAttribute>("ModifySubnetAttribute")
        .write::<subnet::DeleteSubnet>("DeleteSubnet")
        .read::<route_table::DescribeRouteTables>("DescribeRouteTables")
        .ignoring(&["NeedRouterInfo"])
}

/// A CIDR as requests write it.
///
/// # Errors
/// `InvalidParameterValue.Malformed` where it is none, or its address has bits outside its mask.
fn cidr(text: &str) -> Result<Ipv4Net, ApiError> {
    let parsed: Option<Ipv4Net> = text.parse().ok();
    parsed.filter(|net| net.trunc() == *net).ok_or_else(|| {
        ApiError::new("InvalidParameterValue.Malformed", format!("`{text}` is not a CIDR such as 10.0.0.0/16."))
    })
}

/// `TagSet` of a resource.
fn tag_set(cloud: &Cloud, resource: &Tagged) -> Value {
    cloud.tags.of(resource).map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
}

/// The values of a `tag-key` or `tag:KEY` filter.
fn tag_values(cloud: &Cloud, resource: &Tagged, filter: &str) -> Vec<String> {
    let tags = cloud.tags.of(resource);
    match filter.strip_prefix("tag:") {
        Some(wanted) => tags.filter(|(key, _)| *key == wanted).map(|(_, value)| value.clone()).collect(),
        None => tags.map(|(key, _)| key.clone()).collect(),
    }
}

/// Adds the tags of a create request.
fn add_tags(cloud: &mut Cloud, resource: Tagged, tags: Vec<Tag>) {
    cloud.tags.set(resource, tags.into_iter().map(|tag| (tag.key, tag.value)));
}
