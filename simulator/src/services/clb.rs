//! clb: load balancers (API reference, clb 2018-03-17). Writes are tasks whose id is that of their request.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use serde::Deserialize;
use serde_json::{Value, json};

use super::list::{self, Filter};
use crate::clock::beijing;
use crate::front::{Action, Answer, ApiError, Call, RegionRule, Service};
use crate::ids;
use crate::state::{
    Balancer, BalancerKind, BalancerRequest, BalancerState, Cloud, Phase, Tagged, Task, TaskState, Uin,
};
use crate::world::Step;

pub(super) fn service() -> Service {
    Service::new("clb", "2018-03-17", RegionRule::Required)
        .write::<CreateLoadBalancer>("CreateLoadBalancer")
        .ignoring(NOT_MODELLED)
        .read::<DescribeLoadBalancers>("DescribeLoadBalancers")
        .ignoring(&["Forward", "OrderBy", "OrderType", "ProjectId", "WithRs", "AdditionalFields"])
        .write::<DeleteLoadBalancer>("DeleteLoadBalancer")
        .ignoring(&["ForceDelete"])
        .read::<DescribeTaskStatus>("DescribeTaskStatus")
}

/// What a new load balancer can be told about zones, charging and features.
const NOT_MODELLED: &[&str] = &[
    "AccessLogTopicId",
    "AddressIPVersion",
    "AdvancedRoute",
    "AvailableZoneAffinityInfo",
    "BandwidthPackageId",
    "ClusterIds",
    "ClusterTag",
    "DynamicVip",
    "Egress",
    "ExclusiveCluster",
    "Forward",
    "LBChargePrepaid",
    "LBChargeType",
    "LoadBalancerPassToTarget",
    "MasterZoneId",
    "ProjectId",
    "SlaType",
    "SlaveZoneId",
    "SnatIps",
    "SnatPro",
    "VipIsp",
    "ZoneId",
];

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct TagInfo {
    tag_key: String,
    tag_value: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct InternetAccessible {
    internet_charge_type: Option<String>,
    internet_max_bandwidth_out: Option<u64>,
}

/// Makes load balancers.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct CreateLoadBalancer {
    load_balancer_type: String,
    #[serde(default)]
    load_balancer_name: String,
    vpc_id: String,
    #[serde(default)]
    subnet_id: String,
    number: Option<usize>,
    internet_accessible: Option<InternetAccessible>,
    #[serde(default)]
    tags: Vec<TagInfo>,
    client_token: Option<String>,
}

impl Action for CreateLoadBalancer {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let owner = call.uin()?;
        let token = self.client_token.clone().map(|token| (owner.clone(), token));
        if let Some(made) = token.as_ref().and_then(|token| call.cloud.balancers.client_tokens.get(token)) {
            return Ok(json!({ "LoadBalancerIds": made, "DealName": "" }));
        }
        let request = self.request(call, owner)?;
        let phase = begin(call.cloud, BalancerState::Creating, BalancerState::Normal, BalancerState::Deleted);
        let mut made = Vec::new();
        for _ in 0..self.number.unwrap_or(1) {
            let Some(id) = call.cloud.make_balancer(request.clone(), phase.clone()) else {
                made.iter().for_each(|id: &String| call.cloud.remove_balancer(id));
                return Err(ApiError::new("ResourceInsufficient", "No address is free."));
            };
            let tags = self.tags.iter().map(|tag| (tag.tag_key.clone(), tag.tag_value.clone()));
            call.cloud.tags.set(tagged(&request.owner, &id), tags);
            made.push(id);
        }
        add_task(call, request.owner, made.clone());
        call.cloud.balancers.client_tokens.extend(token.map(|token| (token, made.clone())));
        Ok(json!({ "LoadBalancerIds": made, "DealName": "" }))
    }
}

impl CreateLoadBalancer {
    fn request(&self, call: &Call<'_>, owner: Uin) -> Result<BalancerRequest, ApiError> {
        let kind = match self.load_balancer_type.as_str() {
            "OPEN" => BalancerKind::Open,
            "INTERNAL" => BalancerKind::Internal,
            other => return Err(ApiError::invalid_value(format!("`LoadBalancerType` cannot be `{other}`."))),
        };
        if !(1..=20).contains(&self.number.unwrap_or(1)) {
            return Err(ApiError::invalid_value("`Number` must be from 1 to 20."));
        }
        let networks = &call.cloud.networks;
        let vpc = networks.owned(&owner, &self.vpc_id).filter(|vpc| vpc.region == call.region);
        let subnet = networks.subnets.get(&self.subnet_id).filter(|subnet| subnet.vpc_id == self.vpc_id);
        if vpc.is_none() || kind == BalancerKind::Internal && subnet.is_none() {
            return Err(ApiError::invalid_value(
                "`VpcId` or `SubnetId` is not a network of the account in the region.",
            ));
        }
        let internet = self.internet_accessible.as_ref();
        Ok(BalancerRequest {
            owner,
            region: call.region.to_owned(),
            name: self.load_balancer_name.clone(),
            kind,
            vpc_id: self.vpc_id.clone(),
            subnet_id: self.subnet_id.clone(),
            bandwidth: internet.and_then(|it| it.internet_max_bandwidth_out).unwrap_or(10),
            internet_charge_type: internet
                .and_then(|it| it.internet_charge_type.clone())
                .unwrap_or_else(|| "TRAFFIC_POSTPAID_BY_HOUR".into()),
            made_by: None,
        })
    }
}

fn begin(cloud: &Cloud, during: BalancerState, done: BalancerState, failed: BalancerState) -> Phase<BalancerState> {
    cloud.timing.begin(Step::Balancer, during, done, failed)
}

fn add_task(call: &mut Call<'_>, owner: Uin, balancers: Vec<String>) {
    let phase = call.cloud.timing.begin(Step::Balancer, TaskState::Running, TaskState::Succeeded, TaskState::Failed);
    call.cloud.balancers.tasks.insert(call.request_id.to_owned(), Task { owner, phase, balancers });
}

/// Lists the caller's own load balancers in a region.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DescribeLoadBalancers {
    #[serde(default)]
    load_balancer_ids: Vec<String>,
    load_balancer_type: Option<String>,
    load_balancer_name: Option<String>,
    #[serde(default)]
    load_balancer_vips: Vec<Ipv4Addr>,
    vpc_id: Option<String>,
    #[serde(default)]
    filters: Vec<Filter>,
    offset: Option<u64>,
    limit: Option<u64>,
}

impl Action for DescribeLoadBalancers {
    fn run(self, call: &mut Call<'_>) -> Answer {
        list::check_filters(&self.filters, &["load-balancer-name", "vpc-id", "tag-key", "tag:"])
            .map_err(|error| ApiError::new("InvalidParameterValue.InvalidFilter", error.message))?;
        let (cloud, owner) = (&*call.cloud, call.uin()?);
        let own = cloud.balancers.balancers.values().filter(|it| it.owner == owner && it.region == call.region);
        let wanted = own.filter(|it| self.wants(it) && list::keeps(&self.filters, |name| values(cloud, it, name)));
        let page = list::page(wanted.collect(), self.offset, self.limit)?;
        let set: Value = page.items.into_iter().map(|it| view(cloud, it)).collect();
        Ok(json!({ "TotalCount": page.total, "LoadBalancerSet": set }))
    }
}

impl DescribeLoadBalancers {
    fn wants(&self, it: &Balancer) -> bool {
        let same = |wanted: &Option<String>, actual: &str| wanted.as_deref().is_none_or(|wanted| wanted == actual);
        (self.load_balancer_ids.is_empty() || self.load_balancer_ids.contains(&it.id))
            && (self.load_balancer_vips.is_empty() || self.load_balancer_vips.contains(&it.vip))
            && same(&self.load_balancer_type, kind_name(it.kind))
            && same(&self.load_balancer_name, &it.name)
            && same(&self.vpc_id, &it.vpc_id)
    }
}

fn values(cloud: &Cloud, it: &Balancer, filter: &str) -> Vec<String> {
    let resource = tagged(&it.owner, &it.id);
    let tags = cloud.tags.of(&resource);
    match filter {
        "load-balancer-name" => vec![it.name.clone()],
        "vpc-id" => vec![it.vpc_id.clone()],
        "tag-key" => tags.map(|(key, _)| key.clone()).collect(),
        tag => tags.filter(|(key, _)| tag.strip_prefix("tag:") == Some(key)).map(|(_, value)| value.clone()).collect(),
    }
}

fn kind_name(kind: BalancerKind) -> &'static str {
    match kind {
        BalancerKind::Open => "OPEN",
        BalancerKind::Internal => "INTERNAL",
    }
}

fn tagged(owner: &Uin, id: &str) -> Tagged {
    Tagged::new(owner, "clb", "clb", id)
}

fn view(cloud: &Cloud, it: &Balancer) -> Value {
    let resource = tagged(&it.owner, &it.id);
    let tags = cloud.tags.of(&resource).map(|(key, value)| json!({ "TagKey": key, "TagValue": value }));
    let shown = json!({
        "LoadBalancerId": it.id,
        "LoadBalancerName": it.name,
        "LoadBalancerType": kind_name(it.kind),
        "Forward": 1,
        "Domain": "",
        "LoadBalancerVips": [it.vip],
        "Status": if it.phase.state() == BalancerState::Creating { 0 } else { 1 },
        "CreateTime": beijing(it.created),
        "StatusTime": beijing(it.created),
        "ProjectId": 0,
        "VpcId": it.vpc_id,
        "OpenBgp": 0,
        "Snat": false,
        "Isolation": 0,
        "SubnetId": it.subnet_id,
        "Tags": tags.collect::<Value>(),
        "SecureGroups": [],
        "TargetRegionInfo": { "Region": it.region, "VpcId": it.vpc_id, "NumericalVpcId": ids::number(&it.vpc_id) },
        "AnycastZone": "",
        "AddressIPVersion": "ipv4",
        "ChargeType": "POSTPAID_BY_HOUR",
        "NetworkAttributes": {
            "InternetChargeType": it.internet_charge_type,
            "InternetMaxBandwidthOut": it.bandwidth,
        },
        "LoadBalancerPassToTarget": true,
        "AttributeFlags": [],
        "LoadBalancerDomain": it.domain(),
        "TargetCount": 0,
        "NumericalVpcId": ids::number(&it.vpc_id),
    });
    json!(shown.as_object().into_iter().chain(features().as_object()).flatten().collect::<BTreeMap<_, _>>())
}

/// What no load balancer has here: logs, a cluster of its own, protection, addresses to go out by.
fn features() -> Value {
    json!({
        "LogSetId": "",
        "LogTopicId": "",
        "HealthLogSetId": "",
        "HealthLogTopicId": "",
        "IsDDos": false,
        "IsBlock": false,
        "IsBlockTime": "",
        "ConfigId": "",
        // It shares clusters with others: the members of this are null then (API reference, `ExclusiveCluster`).
        "ExclusiveCluster": {},
        "SnatPro": false,
        "SnatIps": [],
        "SlaType": "",
        "LocalBgp": false,
        "MixIpTarget": false,
        "Egress": "",
    })
}

/// Removes load balancers.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DeleteLoadBalancer {
    load_balancer_ids: Vec<String>,
}

impl Action for DeleteLoadBalancer {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let owner = call.uin()?;
        let own = |id: &&String| call.cloud.balancers.owned(&owner, id).is_some_and(|it| it.region == call.region);
        if let Some(id) = self.load_balancer_ids.iter().find(|id| !own(id)) {
            return Err(ApiError::new("InvalidParameter.LBIdNotFound", format!("`{id}` is not found.")));
        }
        let phase = begin(call.cloud, BalancerState::Normal, BalancerState::Deleted, BalancerState::Normal);
        for id in &self.load_balancer_ids {
            call.cloud.tags.forget(&tagged(&owner, id));
            if let Some(it) = call.cloud.balancers.balancers.get_mut(id) {
                it.phase = phase.clone();
            }
        }
        add_task(call, owner, self.load_balancer_ids);
        Ok(json!({}))
    }
}

/// Says how far a task is.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DescribeTaskStatus {
    task_id: String,
}

impl Action for DescribeTaskStatus {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let owner = call.uin()?;
        let task = call.cloud.balancers.tasks.get(&self.task_id).filter(|task| task.owner == owner);
        let task = task.ok_or_else(|| ApiError::new("InvalidParameter", "There is no such task."))?;
        let status = match task.phase.state() {
            TaskState::Succeeded => 0,
            TaskState::Failed => 1,
            TaskState::Running => 2,
        };
        Ok(json!({ "Status": status, "LoadBalancerIds": task.balancers, "Message": "" }))
    }
}
