//! Cloud Load Balancer (`clb`).

use serde::{Deserialize, Serialize};

use super::Filter;
use super::tag::TagPair;
use crate::cloud::action::actions;
use crate::cloud::page::paged;

actions! { "clb", "2018-03-17";
    Read DescribeLoadBalancers -> DescribeLoadBalancersResponse,
}

paged! {
    DescribeLoadBalancers: load_balancer_set of LoadBalancer, total total_count,;
}

/// Lists load balancers.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeLoadBalancers {
    /// Only these load balancers, up to 20.
    pub load_balancer_ids: Option<Vec<String>>,
    /// `OPEN` or `INTERNAL`.
    pub load_balancer_type: Option<String>,
    /// Only those with one of these addresses.
    pub load_balancer_vips: Option<Vec<String>>,
    /// Only those in this VPC.
    pub vpc_id: Option<String>,
    /// Up to 10 filters.
    pub filters: Option<Vec<Filter>>,
    /// How many to skip.
    pub offset: Option<u64>,
    /// How many to return at most.
    pub limit: Option<u64>,
}

/// The answer of [`DescribeLoadBalancers`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeLoadBalancersResponse {
    /// How many there are in all.
    pub total_count: u64,
    /// The load balancers of this page.
    #[serde(default)]
    pub load_balancer_set: Vec<LoadBalancer>,
}

/// The state of a load balancer, which the API writes as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "u64")]
pub enum LoadBalancerStatus {
    /// Being created.
    Creating,
    /// In order.
    Normal,
    /// A number that is not known here.
    Unknown(u64),
}

impl From<u64> for LoadBalancerStatus {
    fn from(number: u64) -> Self {
        match number {
            0 => Self::Creating,
            1 => Self::Normal,
            unknown => Self::Unknown(unknown),
        }
    }
}

/// A load balancer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct LoadBalancer {
    /// For example `lb-cuxw2rm0`.
    pub load_balancer_id: String,
    /// The name.
    pub load_balancer_name: Option<String>,
    /// `OPEN` or `INTERNAL`.
    pub load_balancer_type: Option<String>,
    /// The addresses.
    #[serde(default)]
    pub load_balancer_vips: Vec<String>,
    /// The state.
    pub status: LoadBalancerStatus,
    /// When it was created.
    pub create_time: Option<String>,
    /// The VPC.
    pub vpc_id: Option<String>,
    /// The subnet, of an internal one.
    pub subnet_id: Option<String>,
    /// The host name, where it has one instead of an address.
    pub load_balancer_domain: Option<String>,
    /// How it is connected to the internet.
    pub network_attributes: Option<InternetAccessible>,
    /// The tags.
    #[serde(default)]
    pub tags: Vec<TagPair>,
}

/// How a load balancer is connected to the internet.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct InternetAccessible {
    /// For example `TRAFFIC_POSTPAID_BY_HOUR`.
    pub internet_charge_type: Option<String>,
    /// The highest outgoing bandwidth, in Mbps.
    pub internet_max_bandwidth_out: Option<i64>,
}
