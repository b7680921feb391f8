//! Whether the container addresses of a cluster are published to a CCN.

use std::fmt;
use std::str::FromStr;

use super::attachment::AttachmentId;
use crate::cloud::api::Filter;
use crate::cloud::api::{tke, vpc};
use crate::cloud::{self, Client, page};
use crate::resources::ids::checks;
use crate::scope::Scope;

/// The name of a publication: the attachment of the cluster's VPC, and the cluster. Its text is for example
/// `ccn-gree226l#VPC#ap-guangzhou#vpc-86v957zb#cls-65r1c5nu`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicationId {
    /// The attachment of the cluster's VPC.
    pub attachment: AttachmentId,
    /// The cluster.
    pub cluster_id: String,
}

impl fmt::Display for PublicationId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}#{}", self.attachment, self.cluster_id)
    }
}

impl FromStr for PublicationId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((attachment, cluster_id)) = text.rsplit_once('#') else {
            return Err(format!("expected the ID of an attachment, `#` and the ID of a cluster, found `{text}`"));
        };
        checks::cluster(cluster_id)?;
        Ok(Self { attachment: attachment.parse()?, cluster_id: cluster_id.to_owned() })
    }
}

/// A cluster as far as its container network is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ContainerNetwork {
    pub(super) vpc_id: String,
    /// The addresses of the pods; none where they are those of the VPC.
    pub(super) cidr: Option<String>,
}

/// The container network of a cluster of the caller's account, where it has this cluster.
pub(super) async fn container_network(
    scope: &Scope,
    client: &Client,
    cluster_id: &str,
) -> Result<Option<ContainerNetwork>, cloud::Error> {
    let found = client.send(scope, &tke::DescribeClusters::by_id(cluster_id)).await?.clusters.into_iter().next();
    Ok(found.map(|cluster| {
        let settings = cluster.cluster_network_settings.unwrap_or_default();
        let cidr = settings.cluster_cidr.filter(|cidr| !cidr.is_empty());
        ContainerNetwork { vpc_id: settings.vpc_id.unwrap_or_default(), cidr }
    }))
}

/// A route of the CCN to the container addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Published {
    /// The route, where the caller is shown it.
    pub(super) route_id: Option<String>,
    /// Whether the CCN uses it; one that overlaps another is switched off.
    pub(super) enabled: bool,
}

/// How the addresses are published by the attachment, where they are.
///
/// The routes of the CCN tell; where the caller is not shown them, as may be with a CCN of another account, the caller's own
/// VPC does.
pub(super) async fn published(
    scope: &Scope,
    client: &Client,
    attachment: &AttachmentId,
    cidr: &str,
) -> Result<Option<Published>, cloud::Error> {
    let AttachmentId { ccn_id, instance_id, .. } = attachment;
    let filters = vec![Filter::new("instance-id", instance_id), Filter::new("cidr-block", cidr)];
    let action = vpc::DescribeCcnRoutes { ccn_id: ccn_id.clone(), filters: Some(filters), ..Default::default() };
    let routes = match page::all(scope, client, action).await {
        Err(error) if error.is_not_found() => Vec::new(),
        routes => routes?,
    };
    let is_meant = |route: &vpc::CcnRoute| route.instance_id == *instance_id && route.destination_cidr_block == cidr;
    if let Some(route) = routes.into_iter().find(is_meant) {
        return Ok(Some(Published { route_id: Some(route.route_id), enabled: route.enabled }));
    }
    let is_told = told_by_vpc(scope, client, instance_id, cidr).await?;
    Ok(is_told.then_some(Published { route_id: None, enabled: true }))
}

async fn told_by_vpc(scope: &Scope, client: &Client, vpc_id: &str, cidr: &str) -> Result<bool, cloud::Error> {
    let filters = vec![Filter::new("vpc-id", vpc_id), Filter::new("association.main", "true")];
    let action = vpc::DescribeRouteTables { filters: Some(filters), ..Default::default() };
    let tables = page::all(scope, client, action).await?;
    let mut entries =
        tables.into_iter().filter(|table| table.vpc_id == vpc_id).flat_map(|table| table.local_cidr_for_ccn);
    Ok(entries.any(|entry| entry.cidr == cidr && entry.published_to_vbc))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::cloud::script::{Script, Step, accept, refuse};

    const CIDR: &str = "172.16.0.0/18";

    async fn found<const N: usize>(steps: [Step; N]) -> Result<Option<Published>, cloud::Error> {
        let scope = Scope::unstopped(Duration::from_secs(60));
        let attachment = "ccn-1#VPC#ap-guangzhou#vpc-1".parse().unwrap();
        published(&scope, &Script::new(steps).client(), &attachment, CIDR).await
    }

    fn routes(enabled: bool) -> Step {
        let route =
            json!({"RouteId": "ccnr-1", "DestinationCidrBlock": CIDR, "InstanceId": "vpc-1", "Enabled": enabled});
        accept(json!({"TotalCount": 1, "RouteSet": [route]}))
    }

    fn table(published: bool) -> Step {
        let own = [json!({"Cidr": CIDR, "PublishedToVbc": published})];
        let table = json!({"RouteTableId": "rtb-1", "VpcId": "vpc-1", "LocalCidrForCcn": own});
        accept(json!({"TotalCount": 1, "RouteTableSet": [table]}))
    }

    fn no_routes() -> Step {
        accept(json!({"TotalCount": 0, "RouteSet": []}))
    }

    #[tokio::test(start_paused = true)]
    async fn a_route_of_the_ccn_tells_whether_it_is_used() {
        for enabled in [true, false] {
            let expected = Published { route_id: Some("ccnr-1".into()), enabled };
            assert_eq!(found([routes(enabled)]).await.unwrap(), Some(expected));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn where_the_routes_are_not_shown_the_vpc_tells() {
        let told = Some(Published { route_id: None, enabled: true });
        assert_eq!(found([no_routes(), table(true)]).await.unwrap(), told);
        assert_eq!(found([refuse("ResourceNotFound"), table(true)]).await.unwrap(), told);
        assert_eq!(found([no_routes(), table(false)]).await.unwrap(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_is_no_absence() {
        assert!(found([refuse("UnauthorizedOperation")]).await.is_err());
        assert!(found([no_routes(), refuse("UnauthorizedOperation")]).await.is_err());
    }

    #[test]
    fn a_publication_is_named_by_attachment_and_cluster() {
        let text = "ccn-gree226l#VPC#ap-guangzhou#vpc-86v957zb#cls-65r1c5nu";
        let id: PublicationId = text.parse().unwrap();
        assert_eq!((id.attachment.instance_id.as_str(), id.cluster_id.as_str()), ("vpc-86v957zb", "cls-65r1c5nu"));
        assert_eq!(id.to_string(), text);
        for wrong in ["", "cls-65r1c5nu", "ccn-gree226l#VPC#ap-guangzhou#vpc-86v957zb", "ccn-gree226l#cls-65r1c5nu"] {
            assert!(wrong.parse::<PublicationId>().is_err(), "{wrong}");
        }
    }
}
