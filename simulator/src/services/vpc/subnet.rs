//! Subnets. Those of an attached network are published to the CCN as they come and go.

use ipnet::Ipv4Net;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::list::{self, Filter};
use super::super::{check_id, check_length};
use super::{Tag, add_tags, cidr, tag_set, tag_values};
use crate::clock::beijing;
use crate::front::{Action, Answer, ApiError, Call};
use crate::state::{Cloud, Subnet, Tagged, Vpc};

/// Makes a subnet.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct CreateSubnet {
    vpc_id: String,
    subnet_name: String,
    zone: String,
    cidr_block: String,
    #[serde(default)]
    tags: Vec<Tag>,
}

impl Action for CreateSubnet {
    fn run(self, call: &mut Call<'_>) -> Answer {
        check_id("vpc", &self.vpc_id)?;
        check_length("SubnetName", &self.subnet_name, 60)?;
        let cidr = cidr(&self.cidr_block)?;
        let (owner, now) = (call.uin()?, call.cloud.timing.now);
        let vpc = call.cloud.networks.owned(&owner, &self.vpc_id).filter(|vpc| vpc.region == call.region);
        let vpc = vpc.ok_or_else(|| ApiError::not_found(&self.vpc_id))?;
        check_place(call.cloud, vpc, cidr, &self.zone)?;
        let publishes_vpc_cidr = vpc.publishes_vpc_cidr;
        let subnet = Subnet::new(&self.vpc_id, &self.subnet_name, &self.zone, cidr, now);
        add_tags(call.cloud, Tagged::new(&owner, "vpc", "subnet", &subnet.id), self.tags);
        let answer = json!({ "Subnet": view(call.cloud, &subnet) });
        call.cloud.networks.subnets.insert(subnet.id.clone(), subnet);
        if !publishes_vpc_cidr {
            let ccns: Vec<String> = call.cloud.ccns.active(&self.vpc_id).map(|it| it.ccn_id.clone()).collect();
            ccns.iter().for_each(|ccn_id| call.cloud.ccns.publish(ccn_id, &self.vpc_id, cidr, now));
        }
        Ok(answer)
    }
}

fn check_place(cloud: &Cloud, vpc: &Vpc, cidr: Ipv4Net, zone: &str) -> Result<(), ApiError> {
    if !zone.starts_with(&vpc.region) {
        return Err(ApiError::invalid_value(format!("The zone `{zone}` is not in {}.", vpc.region)));
    }
    if !vpc.cidr.contains(&cidr) || !(16..=28).contains(&cidr.prefix_len()) {
        let message = format!("{cidr} is not a part of {} with a mask from 16 to 28.", vpc.cidr);
        return Err(ApiError::new("InvalidParameterValue.SubnetRange", message));
    }
    let overlaps = |other: &Subnet| other.cidr.contains(&cidr) || cidr.contains(&other.cidr);
    match cloud.networks.subnets_of(&vpc.id).find(|other| overlaps(other)) {
        Some(other) => {
            let message = format!("{cidr} overlaps {} of `{}`.", other.cidr, other.id);
            Err(ApiError::new("InvalidParameterValue.SubnetConflict", message))
        }
        None => Ok(()),
    }
}

/// Lists the caller's own subnets in a region.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DescribeSubnets {
    #[serde(default)]
    subnet_ids: Vec<String>,
    #[serde(default)]
    filters: Vec<Filter>,
    // The API has these as text; numbers are read too.
    offset: Option<u64>,
    limit: Option<u64>,
}

impl Action for DescribeSubnets {
    fn run(self, call: &mut Call<'_>) -> Answer {
        list::check_either(&self.subnet_ids, &self.filters)?;
        let known = ["subnet-id", "vpc-id", "cidr-block", "is-default", "subnet-name", "zone", "tag-key", "tag:"];
        list::check_filters(&self.filters, &known)?;
        let (cloud, owner) = (&*call.cloud, call.uin()?);
        let own =
            |subnet: &Subnet| cloud.networks.owned(&owner, &subnet.vpc_id).is_some_and(|vpc| vpc.region == call.region);
        let wanted = |subnet: &&Subnet| {
            own(subnet)
                && (self.subnet_ids.is_empty() || self.subnet_ids.contains(&subnet.id))
                && list::keeps(&self.filters, |name| filter_values(cloud, subnet, name))
        };
        let page = list::page(cloud.networks.subnets.values().filter(wanted).collect(), self.offset, self.limit)?;
        let set: Value = page.items.into_iter().map(|subnet| view(cloud, subnet)).collect();
        Ok(json!({ "TotalCount": page.total, "SubnetSet": set }))
    }
}

fn filter_values(cloud: &Cloud, subnet: &Subnet, name: &str) -> Vec<String> {
    match name {
        "subnet-id" => vec![subnet.id.clone()],
        "vpc-id" => vec![subnet.vpc_id.clone()],
        "cidr-block" => vec![subnet.cidr.to_string()],
        "is-default" => vec!["false".into()],
        "subnet-name" => vec![subnet.name.clone()],
        "zone" => vec![subnet.zone.clone()],
        tag => tagged(cloud, subnet).map(|resource| tag_values(cloud, &resource, tag)).unwrap_or_default(),
    }
}

/// Changes a subnet.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ModifySubnetAttribute {
    subnet_id: String,
    subnet_name: Option<String>,
    enable_broadcast: Option<bool>,
}

impl Action for ModifySubnetAttribute {
    fn run(self, call: &mut Call<'_>) -> Answer {
        check_length("SubnetName", self.subnet_name.as_deref().unwrap_or_default(), 60)?;
        let subnet = owned(call, &self.subnet_id)?;
        subnet.name = self.subnet_name.unwrap_or_else(|| subnet.name.clone());
        subnet.broadcast = self.enable_broadcast.unwrap_or(subnet.broadcast);
        Ok(json!({}))
    }
}

/// Deletes a subnet that nothing is in.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DeleteSubnet {
    subnet_id: String,
}

impl Action for DeleteSubnet {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let subnet = owned(call, &self.subnet_id)?.clone();
        if !subnet.used.is_empty() || call.cloud.clusters.iter().any(|cluster| cluster.subnet_id == subnet.id) {
            return Err(ApiError::new("ResourceInUse", format!("The subnet `{}` is in use.", subnet.id)));
        }
        if let Some(resource) = tagged(call.cloud, &subnet) {
            call.cloud.tags.forget(&resource);
        }
        call.cloud.networks.subnets.remove(&subnet.id);
        call.cloud.ccns.withdraw(&subnet.vpc_id, subnet.cidr);
        Ok(json!({}))
    }
}

fn owned<'a>(call: &'a mut Call<'_>, subnet_id: &str) -> Result<&'a mut Subnet, ApiError> {
    check_id("subnet", subnet_id)?;
    let (owner, region) = (call.uin()?, call.region);
    let networks = &mut call.cloud.networks;
    let vpcs = &networks.vpcs;
    let own =
        |subnet: &&mut Subnet| vpcs.get(&subnet.vpc_id).is_some_and(|vpc| vpc.owner == owner && vpc.region == region);
    networks.subnets.get_mut(subnet_id).filter(own).ok_or_else(|| ApiError::not_found(subnet_id))
}

fn tagged(cloud: &Cloud, subnet: &Subnet) -> Option<Tagged> {
    let vpc = cloud.networks.vpcs.get(&subnet.vpc_id)?;
    Some(Tagged::new(&vpc.owner, "vpc", "subnet", &subnet.id))
}

fn view(cloud: &Cloud, subnet: &Subnet) -> Value {
    let vpc = cloud.networks.vpcs.get(&subnet.vpc_id);
    let (all, free) = subnet.address_counts();
    json!({
        "VpcId": subnet.vpc_id,
        "SubnetId": subnet.id,
        "SubnetName": subnet.name,
        "CidrBlock": subnet.cidr,
        "IsDefault": false,
        "EnableBroadcast": subnet.broadcast,
        "Zone": subnet.zone,
        "RouteTableId": vpc.map(|vpc| vpc.route_table_id.as_str()).unwrap_or_default(),
        "CreatedTime": beijing(subnet.created),
        "AvailableIpAddressCount": free,
        "Ipv6CidrBlock": "",
        "NetworkAclId": "",
        "IsRemoteVpcSnat": false,
        "TotalIpAddressCount": all,
        "TagSet": tagged(cloud, subnet).map(|resource| tag_set(cloud, &resource)).unwrap_or_default(),
        "CdcId": "",
        "IsCdcSubnet": 0,
    })
}
