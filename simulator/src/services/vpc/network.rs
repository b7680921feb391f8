//! Private networks.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::list::{self, Filter};
use super::super::{check_id, check_length};
use super::{Tag, add_tags, cidr, tag_set, tag_values};
use crate::clock::beijing;
use crate::front::{Action, Answer, ApiError, Call};
use crate::state::{AttachmentState, Cloud, Tagged, Vpc};

/// Makes a private network.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct CreateVpc {
    vpc_name: String,
    cidr_block: String,
    enable_multicast: Option<bool>,
    #[serde(default)]
    dns_servers: Vec<String>,
    #[serde(default)]
    domain_name: String,
    #[serde(default)]
    tags: Vec<Tag>,
    enable_route_vpc_publish: Option<bool>,
}

impl Action for CreateVpc {
    fn run(self, call: &mut Call<'_>) -> Answer {
        check_length("VpcName", &self.vpc_name, 60)?;
        let cidr = cidr(&self.cidr_block)?;
        if !(12..=28).contains(&cidr.prefix_len()) {
            return Err(ApiError::invalid_value("The mask of `CidrBlock` must be from 12 to 28."));
        }
        check_dns_servers(&self.dns_servers)?;
        let mut vpc = Vpc::new(call.uin()?, call.region, &self.vpc_name, cidr, call.cloud.timing.now);
        vpc.multicast = self.enable_multicast.unwrap_or(false);
        vpc.publishes_vpc_cidr = self.enable_route_vpc_publish.unwrap_or(false);
        vpc.domain_name = self.domain_name;
        if !self.dns_servers.is_empty() {
            vpc.dns_servers = self.dns_servers;
        }
        add_tags(call.cloud, tagged(&vpc), self.tags);
        let answer = json!({ "Vpc": view(call.cloud, &vpc) });
        call.cloud.networks.vpcs.insert(vpc.id.clone(), vpc);
        Ok(answer)
    }
}

/// Lists the caller's own networks in a region.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DescribeVpcs {
    #[serde(default)]
    vpc_ids: Vec<String>,
    #[serde(default)]
    filters: Vec<Filter>,
    // The API has these as text; numbers are read too.
    offset: Option<u64>,
    limit: Option<u64>,
}

impl Action for DescribeVpcs {
    fn run(self, call: &mut Call<'_>) -> Answer {
        list::check_either(&self.vpc_ids, &self.filters)?;
        list::check_filters(&self.filters, &["vpc-name", "is-default", "vpc-id", "cidr-block", "tag-key", "tag:"])?;
        let (cloud, owner) = (&*call.cloud, call.uin()?);
        let wanted = |vpc: &&Vpc| {
            vpc.owner == owner
                && vpc.region == call.region
                && (self.vpc_ids.is_empty() || self.vpc_ids.contains(&vpc.id))
                && self.filters.iter().all(|filter| matches(cloud, vpc, filter))
        };
        let page = list::page(cloud.networks.vpcs.values().filter(wanted).collect(), self.offset, self.limit)?;
        let set: Value = page.items.into_iter().map(|vpc| view(cloud, vpc)).collect();
        Ok(json!({ "TotalCount": page.total, "VpcSet": set }))
    }
}

/// Names are matched in part, all else as a whole.
fn matches(cloud: &Cloud, vpc: &Vpc, filter: &Filter) -> bool {
    if filter.name == "vpc-name" {
        return filter.values.iter().any(|part| vpc.name.contains(part));
    }
    list::keeps(std::slice::from_ref(filter), |name| match name {
        "is-default" => vec!["false".into()],
        "vpc-id" => vec![vpc.id.clone()],
        "cidr-block" => vec![vpc.cidr.to_string()],
        tag => tag_values(cloud, &tagged(vpc), tag),
    })
}

/// Changes a network. What it publishes changes for CCNs that it joins later.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ModifyVpcAttribute {
    vpc_id: String,
    vpc_name: Option<String>,
    enable_multicast: Option<bool>,
    dns_servers: Option<Vec<String>>,
    domain_name: Option<String>,
    enable_route_vpc_publish: Option<bool>,
}

impl Action for ModifyVpcAttribute {
    fn run(self, call: &mut Call<'_>) -> Answer {
        check_id("vpc", &self.vpc_id)?;
        check_length("VpcName", self.vpc_name.as_deref().unwrap_or_default(), 60)?;
        self.dns_servers.iter().try_for_each(|servers| check_dns_servers(servers))?;
        let (owner, region) = (call.uin()?, call.region);
        let vpc = call.cloud.networks.owned_mut(&owner, region, &self.vpc_id);
        let vpc = vpc.ok_or_else(|| ApiError::not_found(&self.vpc_id))?;
        vpc.name = self.vpc_name.unwrap_or_else(|| vpc.name.clone());
        vpc.multicast = self.enable_multicast.unwrap_or(vpc.multicast);
        vpc.dns_servers = self.dns_servers.unwrap_or_else(|| vpc.dns_servers.clone());
        vpc.domain_name = self.domain_name.unwrap_or_else(|| vpc.domain_name.clone());
        vpc.publishes_vpc_cidr = self.enable_route_vpc_publish.unwrap_or(vpc.publishes_vpc_cidr);
        Ok(json!({}))
    }
}

/// Deletes a network that nothing is in.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DeleteVpc {
    vpc_id: String,
}

impl Action for DeleteVpc {
    fn run(self, call: &mut Call<'_>) -> Answer {
        check_id("vpc", &self.vpc_id)?;
        let (owner, region) = (call.uin()?, call.region);
        let vpc = call.cloud.networks.owned_mut(&owner, region, &self.vpc_id);
        let resource = tagged(vpc.ok_or_else(|| ApiError::not_found(&self.vpc_id))?);
        let attached = |state: AttachmentState| state != AttachmentState::Deleted;
        let mut rows = call.cloud.ccns.attachments.iter();
        if call.cloud.networks.subnets_of(&self.vpc_id).next().is_some()
            || rows.any(|it| it.vpc_id == self.vpc_id && attached(it.phase.state()))
        {
            return Err(ApiError::new("ResourceInUse", format!("The network `{}` is in use.", self.vpc_id)));
        }
        call.cloud.networks.vpcs.remove(&self.vpc_id);
        call.cloud.tags.forget(&resource);
        Ok(json!({}))
    }
}

fn check_dns_servers(servers: &[String]) -> Result<(), ApiError> {
    match servers.len() {
        0..=4 => Ok(()),
        _ => Err(ApiError::new("InvalidParameterValue.LimitExceeded", "At most 4 DNS servers can be given.")),
    }
}

fn tagged(vpc: &Vpc) -> Tagged {
    Tagged::new(&vpc.owner, "vpc", "vpc", &vpc.id)
}

fn view(cloud: &Cloud, vpc: &Vpc) -> Value {
    let assistant = |cidr| json!({ "VpcId": vpc.id, "CidrBlock": cidr, "AssistantType": 1, "SubnetSet": [] });
    json!({
        "VpcName": vpc.name,
        "VpcId": vpc.id,
        "CidrBlock": vpc.cidr,
        "IsDefault": false,
        "EnableMulticast": vpc.multicast,
        "CreatedTime": beijing(vpc.created),
        "DnsServerSet": vpc.dns_servers,
        "DomainName": vpc.domain_name,
        "DhcpOptionsId": "",
        "EnableDhcp": true,
        "Ipv6CidrBlock": "",
        "TagSet": tag_set(cloud, &tagged(vpc)),
        "AssistantCidrSet": vpc.container_cidrs.iter().map(assistant).collect::<Value>(),
        "EnableRouteVpcPublish": vpc.publishes_vpc_cidr,
        "Ipv6CidrBlockSet": [],
        "EnableRouteVpcPublishIpv6": false,
    })
}
