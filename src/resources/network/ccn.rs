//! `tcmesh_ccn`: a Cloud Connect Network, which joins VPCs of one or more accounts.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::cloud::api::vpc::{self, CcnState};
use crate::cloud::mark::Mark;
use crate::cloud::{self, Client, page, tags};
use crate::framework::{Change, Computed, Error, Model, Prior, Progress, Resource};
use crate::resources::context::Context;
use crate::resources::created;
use crate::resources::errors::Doing;
use crate::resources::ids::CcnId;
use crate::scope::Scope;
use crate::wait::{self, Probe};

/// A Cloud Connect Network (CCN): joins VPCs, also those of other accounts, over Tencent Cloud's backbone.
///
/// Deleting it waits until its attachments are gone; one that this configuration does not hold is named in the error.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Ccn {
    /// The ID of the CCN, for example `ccn-gree226l`.
    #[tf(computed, identity)]
    pub id: Computed<String>,
    /// The root account that owns the CCN, for example `100000000001`. Other accounts name it as `ccn_uin` when they ask to join.
    #[tf(computed, identity(optional))]
    pub account_id: Computed<String>,
    /// The region whose API holds the CCN, for example `ap-guangzhou`.
    #[tf(computed, identity(optional))]
    pub region: Computed<String>,
    /// The name, 1 to 60 characters, for example `cross-account-ingress`. Names need not be unique.
    #[tf(required, length(1..=60))]
    pub name: String,
    /// What the CCN is for, up to 100 characters, for example `Joins the VPCs of both accounts`.
    #[tf(optional, length(1..=100))]
    pub description: Option<String>,
    /// The service level: `PT` (platinum), `AU` (gold) or `AG` (silver).
    #[tf(optional, default = "AU", force_new, one_of("PT", "AU", "AG"))]
    pub qos_level: String,
    /// How it is paid for: `POSTPAID` or `PREPAID`.
    #[tf(optional, default = "POSTPAID", force_new, one_of("POSTPAID", "PREPAID"))]
    pub instance_charge_type: String,
    /// What is billed: `BANDWIDTH` or `TRAFFIC`; the cloud's default depends on the account.
    #[tf(optional, computed, force_new, one_of("BANDWIDTH", "TRAFFIC"))]
    pub instance_metering_type: Computed<String>,
    /// Where bandwidth is limited: `OUTER_REGION_LIMIT` (what leaves a region) or `INTER_REGION_LIMIT` (between two regions).
    #[tf(optional, default = "OUTER_REGION_LIMIT", one_of("OUTER_REGION_LIMIT", "INTER_REGION_LIMIT"))]
    pub bandwidth_limit_type: String,
    /// Whether routes of equal cost are all used, for example `true`.
    #[tf(optional, computed)]
    pub route_ecmp_flag: Computed<bool>,
    /// Whether routes may overlap, for example `true`. It cannot be switched off again.
    #[tf(optional, computed)]
    pub route_overlap_flag: Computed<bool>,
    /// The tags, for example `{ team = "network" }`.
    #[tf(optional)]
    pub tags: BTreeMap<String, String>,
}

impl Ccn {
    // Destructured, so that a new field of the API does not go unnoticed.
    fn of(found: vpc::Ccn, account_id: String, region: &str) -> Self {
        let vpc::Ccn { ccn_id, ccn_name, ccn_description, qos_level, tag_set, .. } = found;
        let vpc::Ccn { instance_charge_type, instance_metering_type, bandwidth_limit_type, .. } = found;
        let vpc::Ccn { route_ecmp_flag, route_overlap_flag, .. } = found;
        Self {
            id: ccn_id.into(),
            account_id: account_id.into(),
            region: region.into(),
            name: ccn_name,
            description: ccn_description.filter(|text| !text.is_empty()),
            qos_level: qos_level.unwrap_or_default(),
            instance_charge_type: instance_charge_type.unwrap_or_default(),
            instance_metering_type: instance_metering_type.into(),
            bandwidth_limit_type: bandwidth_limit_type.unwrap_or_default(),
            route_ecmp_flag: route_ecmp_flag.into(),
            route_overlap_flag: route_overlap_flag.into(),
            tags: tags::without_marks(tag_set),
        }
    }
}

fn create_request(plan: &Ccn, mark: &Mark) -> vpc::CreateCcn {
    let mut tags = tags::from_map(&plan.tags);
    tags.push(mark.tag());
    vpc::CreateCcn {
        ccn_name: plan.name.clone(),
        ccn_description: plan.description.clone(),
        qos_level: Some(plan.qos_level.clone()),
        instance_charge_type: Some(plan.instance_charge_type.clone()),
        instance_metering_type: plan.instance_metering_type.get().cloned(),
        bandwidth_limit_type: Some(plan.bandwidth_limit_type.clone()),
        tags: Some(tags),
    }
}

/// The resource.
pub struct CcnResource(Arc<Context>);

impl Resource for CcnResource {
    const NAME: &'static str = "ccn";
    type Configuration = Context;
    type Model = Ccn;
    type Id = CcnId;

    fn new(context: &Arc<Context>) -> Result<Self, Error> {
        Ok(Self(Arc::clone(context)))
    }

    async fn check_owner(&self, scope: &Scope, prior: &Ccn) -> Result<(), Error> {
        self.0.check_account(scope, &prior.account_id).await
    }

    async fn create(&self, scope: &Scope, _: &Ccn, plan: &Ccn, progress: &mut Progress<Ccn>) -> Result<(), Error> {
        let client = &self.0.cloud;
        let doing = || format!("create the CCN {}", plan.name);
        let account_id = client.account(scope).await.doing(doing)?;
        let mark = Mark::random()?;
        progress.private_mut().set("mark", &mark);
        let sent = client.send(scope, &create_request(plan, &mark)).await.map(|created| created.ccn);
        let created = created::or_found(sent, async || mark.find_ccn(scope, client).await).await.doing(doing)?;
        let id = created.ccn_id.clone();
        let region = client.region().into();
        progress.keep(Ccn { id: created.ccn_id.into(), account_id: account_id.into(), region, ..plan.clone() });
        self.set_flags(scope, client, &id, plan).await?;
        wait::until(scope, wait::SOON, "the CCN to be available", || self.available(scope, client, &id))
            .await
            .doing(doing)
    }

    async fn read(&self, scope: &Scope, id: &CcnId, prior: &Prior<Ccn>) -> Result<Option<Ccn>, Error> {
        let client = self.0.in_region(&prior.region);
        let account_id = client.account(scope).await?;
        let found = find(scope, &client, id.as_str()).await.doing(|| format!("read the CCN {id}"))?;
        Ok(found.map(|found| Ccn::of(found, account_id, client.region())))
    }

    async fn update(
        &self,
        scope: &Scope,
        id: &CcnId,
        change: &Change<'_, Ccn>,
        _: &mut Progress<Ccn>,
    ) -> Result<(), Error> {
        let client = self.0.in_region(&change.prior.region);
        let doing = || format!("change the CCN {id}");
        if change.any(|ccn| (&ccn.name, &ccn.description)) {
            let ccn_description = Some(change.plan.description.clone().unwrap_or_default());
            let ccn_name = Some(change.plan.name.clone());
            let action =
                vpc::ModifyCcnAttribute { ccn_id: id.to_string(), ccn_name, ccn_description, ..Default::default() };
            client.send(scope, &action).await.doing(doing)?;
        }
        if change.any(|ccn| (&ccn.route_ecmp_flag, &ccn.route_overlap_flag)) {
            self.set_flags(scope, &client, id.as_str(), change.plan).await?;
        }
        if change.any(|ccn| &ccn.bandwidth_limit_type) {
            let bandwidth_limit_type = Some(change.plan.bandwidth_limit_type.clone());
            let action = vpc::ModifyCcnRegionBandwidthLimitsType { ccn_id: id.to_string(), bandwidth_limit_type };
            client.send(scope, &action).await.doing(doing)?;
        }
        let resource = tags::resource_name("vpc", client.region(), &format!("ccn/{id}"));
        client.change_tags(scope, &resource, &change.prior.tags, &change.plan.tags).await.doing(doing)
    }

    async fn delete(&self, scope: &Scope, id: &CcnId, prior: &Prior<Ccn>) -> Result<(), Error> {
        let client = self.0.in_region(&prior.region);
        let doing = || format!("delete the CCN {id}");
        let drained = || self.drained(scope, &client, id.as_str());
        wait::until(scope, wait::SOON, "its attachments to be gone", drained).await.doing(doing)?;
        client.send(scope, &vpc::DeleteCcn { ccn_id: id.to_string() }).await.doing(doing)?;
        wait::until(scope, wait::SOON, "the CCN to be gone", || self.gone(scope, &client, id.as_str()))
            .await
            .doing(doing)
    }
}

impl CcnResource {
    /// Both flags, where the plan has them: a flag cannot be given at creation.
    async fn set_flags(&self, scope: &Scope, client: &Client, id: &str, plan: &Ccn) -> Result<(), Error> {
        let route_ecmp_flag = plan.route_ecmp_flag.get().copied();
        let route_overlap_flag = plan.route_overlap_flag.get().copied();
        if route_ecmp_flag.is_none() && route_overlap_flag.is_none() {
            return Ok(());
        }
        // The reference asks for a name or a description with every change.
        let ccn_name = Some(plan.name.clone());
        let ccn_id = id.to_owned();
        let action =
            vpc::ModifyCcnAttribute { ccn_id, ccn_name, route_ecmp_flag, route_overlap_flag, ..Default::default() };
        client.send(scope, &action).await.map(drop).doing(|| format!("set the route flags of the CCN {id}"))
    }

    async fn available(&self, scope: &Scope, client: &Client, id: &str) -> Result<Probe<()>, cloud::Error> {
        Ok(match find(scope, client, id).await? {
            Some(ccn) if ccn.state == CcnState::Available => Probe::Done(()),
            Some(ccn) => Probe::Pending(ccn.state.to_string()),
            None => Probe::Pending("not listed yet".into()),
        })
    }

    async fn drained(&self, scope: &Scope, client: &Client, id: &str) -> Result<Probe<()>, cloud::Error> {
        let of_this = vpc::DescribeCcnAttachedInstances { ccn_id: Some(id.into()), ..Default::default() };
        let left = page::all(scope, client, of_this).await?;
        if left.is_empty() {
            return Ok(Probe::Done(()));
        }
        let named = left.iter().map(|row| {
            format!(
                "{} of account {} ({})",
                row.instance_id,
                row.instance_uin.as_deref().unwrap_or("unknown"),
                row.state
            )
        });
        Ok(Probe::Pending(format!("still attached: {}", named.collect::<Vec<_>>().join(", "))))
    }

    async fn gone(&self, scope: &Scope, client: &Client, id: &str) -> Result<Probe<()>, cloud::Error> {
        let found = find(scope, client, id).await?;
        Ok(found.map_or(Probe::Done(()), |ccn| Probe::Pending(ccn.state.to_string())))
    }
}

async fn find(scope: &Scope, client: &Client, id: &str) -> Result<Option<vpc::Ccn>, cloud::Error> {
    Ok(client.send(scope, &vpc::DescribeCcns::by_id(id)).await?.ccn_set.into_iter().next())
}
