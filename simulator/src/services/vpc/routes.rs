//! The routes of CCNs.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::check_id;
use super::super::list::{self, Filter};
use super::attached::DEFAULT_TABLE;
use super::instances;
use crate::clock::beijing;
use crate::front::{Action, Answer, ApiError, Call};
use crate::state::{AttachmentState, Ccn, CcnRoute, Cloud, Uin};

/// Lists the routes of a CCN: to its owner, and to the accounts of its active VPCs, which have them in their own
/// route tables anyway. An account that still waits sees none.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DescribeCcnRoutes {
    ccn_id: String,
    #[serde(default)]
    route_ids: Vec<String>,
    #[serde(default)]
    filters: Vec<Filter>,
    offset: Option<u64>,
    limit: Option<u64>,
}

impl Action for DescribeCcnRoutes {
    fn run(self, call: &mut Call<'_>) -> Answer {
        check_id("ccn", &self.ccn_id)?;
        list::check_either(&self.route_ids, &self.filters)?;
        let known = ["route-id", "cidr-block", "instance-type", "instance-region", "instance-id", "route-table-id"];
        list::check_filters(&self.filters, &known)?;
        let (cloud, caller) = (&*call.cloud, call.uin()?);
        instances::check_concerned(cloud, &caller, &self.ccn_id)?;
        let wanted = |(ccn, route): &(&Ccn, &CcnRoute)| {
            (self.route_ids.is_empty() || self.route_ids.contains(&route.id))
                && list::keeps(&self.filters, |name| vec![filter_value(cloud, ccn, route, name)])
        };
        let visible = cloud.ccns.ccns.get(&self.ccn_id).filter(|ccn| sees_routes(cloud, &caller, ccn));
        let routes = visible.into_iter().flat_map(|ccn| ccn.routes.iter().map(move |route| (ccn, route)));
        let page = list::page(routes.filter(wanted).collect(), self.offset, self.limit)?;
        let set: Value = page.items.into_iter().map(|(ccn, route)| view(cloud, ccn, route)).collect();
        Ok(json!({ "TotalCount": page.total, "RouteSet": set }))
    }
}

fn sees_routes(cloud: &Cloud, account: &Uin, ccn: &Ccn) -> bool {
    let mut rows = cloud.ccns.attachments.iter().filter(|it| it.ccn_id == ccn.id && it.vpc_owner == *account);
    ccn.owner == *account || rows.any(|it| it.phase.state() == AttachmentState::Active)
}

fn filter_value(cloud: &Cloud, ccn: &Ccn, route: &CcnRoute, name: &str) -> String {
    match name {
        "route-id" => route.id.clone(),
        "cidr-block" => route.destination.to_string(),
        "instance-type" => "VPC".into(),
        "instance-region" => cloud.networks.vpcs.get(&route.vpc_id).map(|vpc| vpc.region.clone()).unwrap_or_default(),
        "instance-id" => route.vpc_id.clone(),
        _ => ccn.route_table_id.clone(),
    }
}

fn view(cloud: &Cloud, ccn: &Ccn, route: &CcnRoute) -> Value {
    let vpc = cloud.networks.vpcs.get(&route.vpc_id);
    json!({
        "RouteId": route.id,
        "DestinationCidrBlock": route.destination,
        "InstanceType": "VPC",
        "InstanceId": route.vpc_id,
        "InstanceName": vpc.map(|vpc| vpc.name.as_str()).unwrap_or_default(),
        "InstanceRegion": vpc.map(|vpc| vpc.region.as_str()).unwrap_or_default(),
        "UpdateTime": beijing(route.updated),
        "Enabled": route.enabled,
        "InstanceUin": vpc.map(|vpc| vpc.owner.as_str()).unwrap_or_default(),
        "ExtraState": "Running",
        "IsBgp": false,
        "RoutePriority": 0,
        "InstanceExtraName": "",
        "RouteTableId": ccn.route_table_id,
    })
}

/// Lets routes carry traffic. Where one of them conflicts, none is changed.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct EnableCcnRoutes {
    ccn_id: String,
    route_ids: Vec<String>,
}

impl Action for EnableCcnRoutes {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let now = call.cloud.timing.now;
        let ccn = owned(call, &self.ccn_id, &self.route_ids)?;
        let before = ccn.routes.clone();
        for index in 0..ccn.routes.len() {
            if !self.route_ids.contains(&ccn.routes[index].id) {
                continue;
            }
            if let Some(other) = ccn.conflict(&ccn.routes[index]) {
                let message = format!("The route conflicts with `{}` to {}.", other.id, other.destination);
                ccn.routes = before;
                return Err(ApiError::new("UnsupportedOperation.CcnRouteCidrOverlap", message));
            }
            ccn.routes[index].enabled = true;
            ccn.routes[index].updated = now;
        }
        Ok(json!({}))
    }
}

/// Lets routes carry no traffic.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DisableCcnRoutes {
    ccn_id: String,
    route_ids: Vec<String>,
}

impl Action for DisableCcnRoutes {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let now = call.cloud.timing.now;
        let ccn = owned(call, &self.ccn_id, &self.route_ids)?;
        for route in ccn.routes.iter_mut().filter(|route| self.route_ids.contains(&route.id)) {
            route.enabled = false;
            route.updated = now;
        }
        Ok(json!({}))
    }
}

/// The caller's own CCN, where it has all these routes.
fn owned<'a>(call: &'a mut Call<'_>, ccn_id: &str, route_ids: &[String]) -> Result<&'a mut Ccn, ApiError> {
    check_id("ccn", ccn_id)?;
    route_ids.iter().try_for_each(|id| check_id("ccnr", id))?;
    let owner = call.uin()?;
    let ccn = call.cloud.ccns.owned_mut(&owner, ccn_id).ok_or_else(|| ApiError::not_found(ccn_id))?;
    match route_ids.iter().find(|id| ccn.routes.iter().all(|route| route.id != **id)) {
        Some(id) => Err(ApiError::not_found(id)),
        None => Ok(ccn),
    }
}

/// Lists the route tables of the caller's CCNs: each has one.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DescribeCcnRouteTables {
    #[serde(default)]
    filters: Vec<Filter>,
    offset: Option<u64>,
    limit: Option<u64>,
}

impl Action for DescribeCcnRouteTables {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let known = ["ccn-id", "route-table-id", "route-table-name", "route-table-description"];
        list::check_filters(&self.filters, &known)?;
        let owner = call.uin()?;
        let value = |ccn: &Ccn, name: &str| match name {
            "ccn-id" => ccn.id.clone(),
            "route-table-id" => ccn.route_table_id.clone(),
            "route-table-name" => DEFAULT_TABLE.into(),
            _ => String::new(),
        };
        let own = call.cloud.ccns.ccns.values().filter(|ccn| ccn.owner == owner);
        let wanted = own.filter(|ccn| list::keeps(&self.filters, |name| vec![value(ccn, name)]));
        let page = list::page(wanted.collect(), self.offset, self.limit)?;
        let set: Value = page.items.into_iter().map(table_view).collect();
        Ok(json!({ "TotalCount": page.total, "CcnRouteTableSet": set }))
    }
}

fn table_view(ccn: &Ccn) -> Value {
    json!({
        "CcnId": ccn.id,
        "CcnRouteTableId": ccn.route_table_id,
        "RouteTableName": DEFAULT_TABLE,
        "RouteTableDescription": "",
        "IsDefaultTable": true,
        "CreateTime": beijing(ccn.created),
    })
}
