//! Where the pods of a cluster get their addresses from.

use std::net::Ipv4Addr;
use std::sync::Arc;

use crate::controllers::{NetworkRange, PodNetwork};
use crate::state::{SharedCloud, Subnet};
use crate::world;

/// The pod network of a cluster as it begins: its own CIDR (Global Router), or the subnet's addresses (VPC-CNI).
pub(super) fn network(cluster: &world::Cluster, cloud: &SharedCloud) -> Arc<dyn PodNetwork> {
    match cluster.cluster_cidr {
        Some(cidr) => Arc::new(NetworkRange::new(cidr)),
        None => Arc::new(SubnetPods {
            cloud: cloud.clone(),
            vpc_id: cluster.vpc_id.clone(),
            subnet_id: cluster.subnet_id.clone(),
        }),
    }
}

/// Addresses of a subnet, shared with the machines in it.
struct SubnetPods {
    cloud: SharedCloud,
    vpc_id: String,
    subnet_id: String,
}

impl PodNetwork for SubnetPods {
    fn allocate(&self) -> Option<Ipv4Addr> {
        take_address(&self.cloud, &self.subnet_id)
    }

    fn release(&self, address: Ipv4Addr) {
        self.cloud.write(|cloud| cloud.networks.release(&self.vpc_id, address));
    }
}

/// Takes the lowest free address of a subnet.
pub(super) fn take_address(cloud: &SharedCloud, subnet_id: &str) -> Option<Ipv4Addr> {
    cloud.write(|cloud| cloud.networks.subnets.get_mut(subnet_id).and_then(Subnet::take_address))
}
