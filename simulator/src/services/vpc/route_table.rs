//! The route tables of networks: each network has one.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::list::{self, Filter};
use crate::clock::beijing;
use crate::front::{Action, Answer, Call};
use crate::network::{self, NextHop, RouteStatus, VpcRoute};
use crate::state::{Cloud, Vpc};

/// Lists the route tables of the caller's own networks in a region.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DescribeRouteTables {
    #[serde(default)]
    route_table_ids: Vec<String>,
    #[serde(default)]
    filters: Vec<Filter>,
    // The API has these as text; numbers are read too.
    offset: Option<u64>,
    limit: Option<u64>,
}

impl Action for DescribeRouteTables {
    fn run(self, call: &mut Call<'_>) -> Answer {
        list::check_either(&self.route_table_ids, &self.filters)?;
        list::check_filters(&self.filters, &["route-table-id", "route-table-name", "vpc-id", "association.main"])?;
        let (cloud, owner) = (&*call.cloud, call.uin()?);
        let value = |vpc: &Vpc, name: &str| match name {
            "route-table-id" => vpc.route_table_id.clone(),
            "route-table-name" => "default".into(),
            "vpc-id" => vpc.id.clone(),
            _ => "true".into(),
        };
        let wanted = |vpc: &&Vpc| {
            vpc.owner == owner
                && vpc.region == call.region
                && (self.route_table_ids.is_empty() || self.route_table_ids.contains(&vpc.route_table_id))
                && list::keeps(&self.filters, |name| vec![value(vpc, name)])
        };
        let page = list::page(cloud.networks.vpcs.values().filter(wanted).collect(), self.offset, self.limit)?;
        let set: Value = page.items.into_iter().map(|vpc| view(cloud, vpc)).collect();
        Ok(json!({ "TotalCount": page.total, "RouteTableSet": set }))
    }
}

fn view(cloud: &Cloud, vpc: &Vpc) -> Value {
    let association = |subnet_id: &str| json!({ "SubnetId": subnet_id, "RouteTableId": vpc.route_table_id });
    let routes = network::routes(cloud, vpc);
    let routes = routes.iter().filter_map(|route| ccn_of(route).map(|ccn_id| (route, ccn_id))).enumerate();
    json!({
        "VpcId": vpc.id,
        "RouteTableId": vpc.route_table_id,
        "RouteTableName": "default",
        "AssociationSet": cloud.networks.subnets_of(&vpc.id).map(|it| association(&it.id)).collect::<Value>(),
        "RouteSet": routes.map(|(index, (route, ccn_id))| route_view(vpc, index, route, ccn_id)).collect::<Value>(),
        "Main": true,
        "CreatedTime": beijing(vpc.created),
        "TagSet": [],
        "LocalCidrForCcn": local_cidrs(cloud, vpc),
    })
}

/// The CCN of a route that the CCN carries. A network's own addresses are not listed as routes, nor is what is
/// disabled in the CCN.
fn ccn_of(route: &VpcRoute) -> Option<&str> {
    match &route.next {
        NextHop::Ccn { ccn_id, .. } if route.status != RouteStatus::DisabledInCcn => Some(ccn_id),
        _ => None,
    }
}

fn route_view(vpc: &Vpc, index: usize, route: &VpcRoute, ccn_id: &str) -> Value {
    json!({
        "DestinationCidrBlock": route.destination,
        "GatewayType": "CCN",
        "GatewayId": ccn_id,
        "RouteId": index + 1,
        "RouteItemId": format!("rti-{:08}", index + 1),
        "RouteDescription": "",
        "Enabled": route.status == RouteStatus::Enabled,
        "RouteType": "CCN",
        "RouteTableId": vpc.route_table_id,
        "DestinationIpv6CidrBlock": "",
        "PublishedToVbc": false,
        "CreatedTime": beijing(vpc.created),
        "CdcId": "",
    })
}

/// `LocalCidrForCcn`: what the network could publish, and whether it does.
fn local_cidrs(cloud: &Cloud, vpc: &Vpc) -> Value {
    let routes = cloud.ccns.ccns.values().flat_map(|ccn| &ccn.routes);
    let published: BTreeSet<_> = routes.filter(|it| it.vpc_id == vpc.id).map(|it| it.destination).collect();
    let own = cloud.networks.published(vpc).into_iter().chain(vpc.container_cidrs.iter().copied());
    own.map(|cidr| json!({ "Cidr": cidr, "PublishedToVbc": published.contains(&cidr) })).collect()
}
