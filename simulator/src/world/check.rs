//! What a world file must not contradict. Overlapping networks are allowed: they are a case to test.

use std::collections::BTreeSet;

use super::{Cluster, PodNetwork, Vpc, World};
use crate::ids;

type Check = Result<(), String>;

/// Checks a world as a whole.
///
/// # Errors
/// The first contradiction, in words that name the object.
pub(super) fn check(world: &World) -> Check {
    check_numbers(world)?;
    check_accounts(world)?;
    check_ids(world)?;
    world.vpcs.iter().try_for_each(check_vpc)?;
    world.clusters.iter().try_for_each(|cluster| check_cluster(world, cluster))
}

fn check_numbers(world: &World) -> Check {
    if world.accounts.is_empty() {
        return Err("accounts: there must be at least one".into());
    }
    if world.clock.scale.is_finite() && world.clock.scale > 0.0 {
        return Ok(());
    }
    Err("clock.scale: must be greater than 0".into())
}

fn check_accounts(world: &World) -> Check {
    let uins = world.accounts.values().map(|account| &account.uin).chain(world.users.iter().map(|user| &user.uin));
    unique("uin", uins)?;
    let keys = world.accounts.values().map(|account| &account.secret_id);
    unique("secret_id", keys.chain(world.users.iter().map(|user| &user.secret_id)))?;
    unique("domain", world.domains.iter().map(|domain| &domain.name))?;
    let named = [
        world.users.iter().map(|user| (&user.name, &user.account)).collect::<Vec<_>>(),
        world.roles.iter().map(|role| (&role.name, &role.account)).collect(),
        world.identity_providers.iter().map(|provider| (&provider.name, &provider.account)).collect(),
        world.mfa_devices.iter().map(|device| (&device.serial_number, &device.account)).collect(),
        world.vpcs.iter().map(|vpc| (&vpc.id, &vpc.account)).collect(),
        world.clusters.iter().map(|cluster| (&cluster.id, &cluster.account)).collect(),
        world.domains.iter().map(|domain| (&domain.name, &domain.account)).collect(),
    ];
    match named.iter().flatten().find(|(_, account)| !world.accounts.contains_key(*account)) {
        Some((name, account)) => Err(format!("{name}: there is no account {account:?}")),
        None => Ok(()),
    }
}

fn check_ids(world: &World) -> Check {
    let subnets = world.vpcs.iter().flat_map(|vpc| &vpc.subnets);
    let all: Vec<(&str, &String)> = (world.vpcs.iter().map(|vpc| ("vpc", &vpc.id)))
        .chain(subnets.map(|subnet| ("subnet", &subnet.id)))
        .chain(world.clusters.iter().map(|cluster| ("cls", &cluster.id)))
        .collect();
    if let Some((prefix, id)) = all.iter().find(|(prefix, id)| !ids::is_resource(prefix, id)) {
        return Err(format!("{id}: must be {prefix}- and 8 lower-case letters and digits"));
    }
    unique("id", all.into_iter().map(|(_, id)| id))
}

fn check_vpc(vpc: &Vpc) -> Check {
    if !super::is_region(&vpc.region) {
        return Err(format!("{}: there is no region {:?}", vpc.id, vpc.region));
    }
    for (index, subnet) in vpc.subnets.iter().enumerate() {
        if !vpc.cidr.contains(&subnet.cidr) {
            return Err(format!("{}: {} is not inside {} of {}", subnet.id, subnet.cidr, vpc.cidr, vpc.id));
        }
        let clash = |other: &&super::Subnet| other.cidr.contains(&subnet.cidr) || subnet.cidr.contains(&other.cidr);
        if let Some(other) = vpc.subnets[..index].iter().find(clash) {
            return Err(format!("{}: {} overlaps {} of {}", subnet.id, subnet.cidr, other.cidr, other.id));
        }
    }
    Ok(())
}

fn check_cluster(world: &World, cluster: &Cluster) -> Check {
    let Some(vpc) = world.vpcs.iter().find(|vpc| vpc.id == cluster.vpc_id) else {
        return Err(format!("{}: there is no {}", cluster.id, cluster.vpc_id));
    };
    if vpc.account != cluster.account || vpc.region != cluster.region {
        return Err(format!("{}: {} is of another account or region", cluster.id, vpc.id));
    }
    if !vpc.subnets.iter().any(|subnet| subnet.id == cluster.subnet_id) {
        return Err(format!("{}: there is no {} in {}", cluster.id, cluster.subnet_id, vpc.id));
    }
    match (cluster.network, cluster.cluster_cidr) {
        (PodNetwork::Gr, None) => Err(format!("{}: network gr needs a cluster_cidr", cluster.id)),
        (PodNetwork::VpcCni, Some(_)) => Err(format!("{}: network vpc-cni has no cluster_cidr", cluster.id)),
        _ => Ok(()),
    }
}

fn unique<'a>(what: &str, mut values: impl Iterator<Item = &'a String>) -> Check {
    let mut seen = BTreeSet::new();
    let twice = values.find(|value| !seen.insert(*value));
    twice.map_or(Ok(()), |value| Err(format!("the {what} {value} is used twice")))
}

#[cfg(test)]
mod tests {
    use crate::world::World;

    const BASE: &str = "
accounts: { a: { uin: '1', app_id: 1 }, b: { uin: '2', app_id: 2 } }
vpcs:
- { id: vpc-aaaaaaaa, account: a, region: ap-guangzhou, name: n, cidr: 10.0.0.0/16,
    subnets: [ { id: subnet-aaaaaaaa, zone: ap-guangzhou-3, cidr: 10.0.1.0/24 } ] }
";

    fn cluster(change: (&str, &str)) -> String {
        let line = "clusters: [ { id: cls-aaaaaaaa, account: a, region: ap-guangzhou, vpc_id: vpc-aaaaaaaa, \
            subnet_id: subnet-aaaaaaaa, name: c, kind: managed, network: gr, cluster_cidr: 172.16.0.0/16, \
            service_cidr: 172.17.0.0/20, version: 1.30.0 } ]";
        line.replace(change.0, change.1)
    }

    #[test]
    fn a_consistent_world_is_accepted() {
        World::parse(&format!("{BASE}{}", cluster(("", "")))).unwrap();
    }

    #[test]
    fn contradictions_are_named() {
        let cases = [
            (cluster(("account: a", "account: c")), "no account \"c\""),
            (cluster(("account: a", "account: b")), "another account or region"),
            (cluster(("vpc-aaaaaaaa", "vpc-bbbbbbbb")), "there is no vpc-bbbbbbbb"),
            (cluster(("subnet-aaaaaaaa", "subnet-bbbbbbbb")), "there is no subnet-bbbbbbbb"),
            (cluster(("cls-aaaaaaaa", "cls-A")), "cls-A: must be cls-"),
            (cluster(("cluster_cidr: 172.16.0.0/16, ", "")), "needs a cluster_cidr"),
            (cluster(("network: gr", "network: vpc-cni")), "has no cluster_cidr"),
            ("users: [ { account: a, name: u, uin: '2', policy: { statement: [] } } ]".into(), "uin 2 is used twice"),
            ("clock: { scale: 0 }".into(), "clock.scale"),
        ];
        for (text, expected) in cases {
            let error = World::parse(&format!("{BASE}{text}")).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn subnets_must_lie_in_their_vpc_and_apart() {
        for (cidr, expected) in [("10.1.0.0/24", "is not inside"), ("10.0.1.128/25", "overlaps 10.0.1.0/24")] {
            let text = BASE.replace(
                "cidr: 10.0.1.0/24 }",
                &format!("cidr: 10.0.1.0/24 }}, {{ id: subnet-bbbbbbbb, zone: z, cidr: {cidr} }}"),
            );
            let error = World::parse(&text).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
