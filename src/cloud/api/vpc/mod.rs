//! Virtual Private Cloud (`vpc`): Cloud Connect Networks, their attachments and routes, and the networks themselves.

mod attachment;
mod ccn;
mod network;
mod route;

pub use attachment::*;
pub use ccn::*;
pub use network::*;
pub use route::*;

use super::Empty;
use crate::cloud::action::actions;
use crate::cloud::page::paged;

actions! { "vpc", "2017-03-12";
    WriteOnce CreateCcn -> CreateCcnResponse,
    Read DescribeCcns -> DescribeCcnsResponse,
    Write ModifyCcnAttribute -> Empty,
    Write ModifyCcnRegionBandwidthLimitsType -> Empty,
    Write DeleteCcn -> Empty,
    WriteOnce AttachCcnInstances -> Empty,
    Write DetachCcnInstances -> Empty,
    WriteOnce AcceptAttachCcnInstances -> Empty,
    WriteOnce RejectAttachCcnInstances -> Empty,
    WriteOnce ResetAttachCcnInstances -> Empty,
    Write ModifyCcnAttachedInstancesAttribute -> Empty,
    Read DescribeCcnAttachedInstances -> DescribeCcnAttachedInstancesResponse,
    Read DescribeCcnRoutes -> DescribeCcnRoutesResponse,
    Write EnableCcnRoutes -> Empty,
    Read DescribeVpcs -> DescribeVpcsResponse,
    Read DescribeSubnets -> DescribeSubnetsResponse,
    Read DescribeRouteTables -> DescribeRouteTablesResponse,
}

// The largest page of the lists of CCN is not documented; 100 is what the stock provider asks for, or 20 where it does.
paged! {
    DescribeCcns: ccn_set of Ccn, total total_count,;
    DescribeCcnAttachedInstances: instance_set of CcnAttachedInstance, total total_count, 20;
    DescribeCcnRoutes: route_set of CcnRoute, total total_count, 20;
    DescribeVpcs: vpc_set of Vpc, total total_count,;
    DescribeSubnets: subnet_set of Subnet, total total_count,;
    DescribeRouteTables: route_table_set of RouteTable, total total_count,;
}
