//! VPCs, subnets and route tables. Offsets and limits are texts in these actions.

use serde::{Deserialize, Serialize};

use crate::cloud::api::Filter;
use crate::cloud::tags::Tag;

/// Lists VPCs. IDs and filters exclude each other.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeVpcs {
    /// Only these VPCs.
    pub vpc_ids: Option<Vec<String>>,
    /// By `vpc-id`, `vpc-name` (a part of it), `cidr-block`, `is-default`, `tag-key`, `tag:<key>` and others.
    pub filters: Option<Vec<Filter>>,
    /// How many to skip.
    pub offset: Option<String>,
    /// How many to return at most.
    pub limit: Option<String>,
}

/// The answer of [`DescribeVpcs`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeVpcsResponse {
    /// How many there are in all.
    pub total_count: u64,
    /// The VPCs of this page.
    #[serde(default)]
    pub vpc_set: Vec<Vpc>,
}

/// A VPC.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Vpc {
    /// For example `vpc-cbk1ksua`.
    pub vpc_id: String,
    /// The name.
    pub vpc_name: Option<String>,
    /// The primary CIDR.
    pub cidr_block: String,
    /// Whether it is the region's default VPC.
    pub is_default: Option<bool>,
    /// When it was created.
    pub created_time: Option<String>,
    /// The CIDRs besides the primary one.
    #[serde(default)]
    pub assistant_cidr_set: Vec<AssistantCidr>,
    /// The tags.
    #[serde(default)]
    pub tag_set: Vec<Tag>,
}

/// A CIDR of a VPC besides the primary one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AssistantCidr {
    /// The CIDR.
    pub cidr_block: String,
    /// 0 for an ordinary one, 1 for the containers of a Global Router cluster.
    pub assistant_type: i64,
}

/// Lists subnets. IDs and filters exclude each other.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeSubnets {
    /// Only these subnets.
    pub subnet_ids: Option<Vec<String>>,
    /// By `subnet-id`, `vpc-id`, `cidr-block`, `zone` and others.
    pub filters: Option<Vec<Filter>>,
    /// How many to skip.
    pub offset: Option<String>,
    /// How many to return at most.
    pub limit: Option<String>,
}

/// The answer of [`DescribeSubnets`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeSubnetsResponse {
    /// How many there are in all.
    pub total_count: u64,
    /// The subnets of this page.
    #[serde(default)]
    pub subnet_set: Vec<Subnet>,
}

/// A subnet.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Subnet {
    /// For example `subnet-9yhrnvh7`.
    pub subnet_id: String,
    /// The VPC.
    pub vpc_id: String,
    /// The name.
    pub subnet_name: Option<String>,
    /// The CIDR.
    pub cidr_block: String,
    /// The zone, for example `ap-guangzhou-3`.
    pub zone: Option<String>,
    /// How many addresses are free.
    pub available_ip_address_count: Option<u64>,
    /// The tags.
    #[serde(default)]
    pub tag_set: Vec<Tag>,
}

/// Lists route tables. IDs and filters exclude each other.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeRouteTables {
    /// Only these route tables.
    pub route_table_ids: Option<Vec<String>>,
    /// By `route-table-id`, `vpc-id`, `association.main` and others.
    pub filters: Option<Vec<Filter>>,
    /// How many to skip.
    pub offset: Option<String>,
    /// How many to return at most.
    pub limit: Option<String>,
}

/// The answer of [`DescribeRouteTables`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeRouteTablesResponse {
    /// How many there are in all.
    pub total_count: u64,
    /// The route tables of this page.
    #[serde(default)]
    pub route_table_set: Vec<RouteTable>,
}

/// A route table of a VPC.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RouteTable {
    /// For example `rtb-ivbyo4hn`.
    pub route_table_id: String,
    /// The VPC.
    pub vpc_id: String,
    /// Whether it is the VPC's default table.
    pub main: Option<bool>,
    /// The CIDRs of the VPC, and whether each is published to a CCN.
    #[serde(default)]
    pub local_cidr_for_ccn: Vec<CidrForCcn>,
}

/// A CIDR of a VPC as a CCN sees it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CidrForCcn {
    /// The CIDR.
    pub cidr: String,
    /// Whether it is published to the CCN.
    pub published_to_vbc: bool,
}
