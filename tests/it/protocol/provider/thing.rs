//! `test_thing`: a resource with every kind of attribute.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use tcmesh::framework::value::Value;
use tcmesh::framework::{
    Change, Computed, Diagnostic, Diagnostics, Error, ErrorKind, JsonAttributes, Model, Planned, Prior, Progress,
    Resource, Timeouts, WriteOnly,
};
use tcmesh::scope::Scope;

use super::Session;
use super::world::{Fault, Record};

/// A thing with every kind of attribute.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub(crate) struct Thing {
    /// The ID, for example `t-1`.
    #[tf(computed, identity)]
    pub(crate) id: Computed<String>,
    /// The account that owns the thing.
    #[tf(computed, identity(optional))]
    pub(crate) account: Computed<String>,
    /// The name.
    #[tf(required, length(1..=20), same = same_name)]
    pub(crate) name: String,
    /// What for.
    #[tf(optional)]
    pub(crate) description: Option<String>,
    /// The size.
    #[tf(optional, default = 1, range(1..=1000))]
    pub(crate) size: i64,
    /// The share.
    #[tf(optional, default = 0.5)]
    pub(crate) share: f64,
    /// Whether it works.
    #[tf(optional, default = true)]
    pub(crate) enabled: bool,
    /// The level, which cannot be changed.
    #[tf(optional, default = "AU", force_new, one_of("AU", "AG"))]
    pub(crate) level: String,
    /// The hosts, in order.
    #[tf(optional, each = check_host)]
    pub(crate) hosts: Vec<String>,
    /// The zones.
    #[tf(optional)]
    pub(crate) zones: BTreeSet<String>,
    /// The tags.
    #[tf(optional)]
    pub(crate) tags: BTreeMap<String, String>,
    /// A secret.
    #[tf(optional, write_only)]
    pub(crate) secret: WriteOnly<String>,
    /// Grows when the secret changes.
    #[tf(optional, config_only)]
    pub(crate) secret_version: Option<i64>,
    /// What happens to the thing in the end.
    #[tf(optional, default = "delete", config_only)]
    pub(crate) on_destroy: String,
    /// A key that the API does not answer.
    #[tf(optional, carried, force_new)]
    pub(crate) key: Option<String>,
    /// Old.
    #[tf(optional, deprecated = "It has no effect.")]
    pub(crate) label: Option<String>,
    /// Anything.
    #[tf(optional, carried)]
    pub(crate) anything: Option<Value>,
    /// A token that is answered once.
    #[tf(computed, carried, sensitive)]
    pub(crate) token: Computed<String>,
    /// The address, made of the name.
    #[tf(computed, changes_with("name"))]
    pub(crate) address: Computed<String>,
    /// How often the thing was changed.
    #[tf(computed, volatile)]
    pub(crate) revision: Computed<i64>,
    /// Where it can be reached.
    #[tf(optional)]
    pub(crate) endpoint: Option<Endpoint>,
    /// The ports.
    #[tf(block, max = 3)]
    pub(crate) port: Vec<Port>,
    /// How it is secured.
    #[tf(block, opt_in)]
    pub(crate) tls: Option<Tls>,
}

/// Where a thing can be reached.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub(crate) struct Endpoint {
    /// The host.
    #[tf(required)]
    pub(crate) host: String,
    /// The port.
    #[tf(optional, default = 80)]
    pub(crate) port: i64,
}

/// A port.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub(crate) struct Port {
    /// The number.
    #[tf(required, range(1..=65535))]
    pub(crate) number: i64,
    /// The ID of the port.
    #[tf(computed)]
    pub(crate) port_id: Computed<String>,
}

/// How a thing is secured.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub(crate) struct Tls {
    /// The mode.
    #[tf(required, force_new)]
    pub(crate) mode: String,
}

fn same_name(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

fn check_host(host: &str) -> Result<(), String> {
    if host.contains('.') { Ok(()) } else { Err("Expected a host with a domain, such as `a.example`.".to_owned()) }
}

#[derive(Clone)]
pub(crate) struct ThingId(String);

impl FromStr for ThingId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        if text.starts_with("t-") { Ok(Self(text.to_owned())) } else { Err("expected `t-` and a number") }
    }
}

impl std::fmt::Display for ThingId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(formatter)
    }
}

fn record(account: &str, plan: &Thing) -> Record {
    Record {
        account: account.to_owned(),
        name: plan.name.clone(),
        description: plan.description.clone(),
        size: plan.size,
        share: plan.share,
        enabled: plan.enabled,
        level: plan.level.clone(),
        hosts: plan.hosts.clone(),
        zones: plan.zones.iter().cloned().collect(),
        tags: plan.tags.clone(),
        ports: plan.port.iter().map(|port| (port.number, format!("p-{}", port.number))).collect(),
        tls: plan.tls.as_ref().map(|tls| tls.mode.clone()),
        endpoint: plan.endpoint.as_ref().map(|endpoint| (endpoint.host.clone(), endpoint.port)),
        revision: 1,
    }
}

/// A thing as the API answers it: without what it does not know or tell.
fn found(id: &str, record: Record) -> Thing {
    let port = |(number, id): (i64, String)| Port { number, port_id: id.into() };
    Thing {
        id: id.into(),
        account: record.account.into(),
        address: format!("{}.example", record.name.to_lowercase()).into(),
        name: record.name,
        description: record.description,
        size: record.size,
        share: record.share,
        enabled: record.enabled,
        level: record.level,
        hosts: record.hosts,
        zones: record.zones.into_iter().collect(),
        tags: record.tags,
        revision: record.revision.into(),
        endpoint: record.endpoint.map(|(host, port)| Endpoint { host, port }),
        port: record.ports.into_iter().map(port).collect(),
        tls: record.tls.map(|mode| Tls { mode }),
        ..Thing::default()
    }
}

pub(crate) struct Things(Arc<Session>);

impl Things {
    /// What happens after a write that the API carried out.
    async fn after_write(&self, scope: &Scope) -> Result<(), Error> {
        let world = &self.0.world;
        match world.fault() {
            Fault::FailsAfter => {
                let detail = format!("Request r-1 in account a: {}.", world.last_call());
                Err(Diagnostic::error("The API failed", detail).into())
            }
            Fault::PanicsAfter => panic!("out of luck: {}", world.last_call()),
            Fault::HangsAfter | Fault::NeverEnds => {
                world.waiting.notify_one();
                let stopped = scope.run(std::future::pending::<()>()).await;
                if world.fault() == Fault::NeverEnds {
                    std::future::pending::<()>().await;
                }
                Ok(stopped?)
            }
            _ => Ok(()),
        }
    }

    fn refused(&self) -> Result<(), Error> {
        match self.0.world.fault() {
            Fault::Refused => Err(Diagnostic::error("The API refused", "Quota exceeded.").into()),
            _ => Ok(()),
        }
    }
}

impl Resource for Things {
    const NAME: &'static str = "thing";
    const TIMEOUTS: Timeouts = Timeouts { create: Duration::from_secs(600), ..Timeouts::DEFAULT };
    const VERSION: i64 = 1;
    type Configuration = Session;
    type Model = Thing;
    type Id = ThingId;

    fn new(session: &Arc<Session>) -> Result<Self, Error> {
        Ok(Self(Arc::clone(session)))
    }

    fn check(planned: &Planned<'_, Thing>, diagnostics: &mut Diagnostics) {
        let big = planned.known::<i64>("size").is_some_and(|size| size > 100);
        if big && planned.known::<String>("level").as_deref() == Some("AG") {
            diagnostics.error("size", "Too big", "At level AG a thing has at most 100.");
        }
        if planned.is_null("secret") && !planned.is_null("secret_version") {
            diagnostics.error("secret", "Secret missing", "A version needs a secret.");
        }
        for port in planned.each("port").iter().filter(|port| port.known("number") == Some(23)) {
            diagnostics.warning(port.at("number"), "Telnet", "Nobody should use that.");
        }
    }

    fn check_settings(&self, planned: &Planned<'_, Thing>, diagnostics: &mut Diagnostics) {
        if self.0.region == "sz" && !planned.is_configured("description") {
            diagnostics.error("description", "Description missing", "In this region a thing says what it is for.");
        }
    }

    async fn check_owner(&self, _: &Scope, prior: &Thing) -> Result<(), Error> {
        self.0.world.call("check_owner");
        match prior.account.get() {
            Some(owner) if *owner != self.0.account => {
                let detail = format!("The thing belongs to account {owner}, the keys to account {}.", self.0.account);
                // Even an error that says "not found" must not be taken for a deletion.
                Err(Error::new(ErrorKind::NotFound, Diagnostic::error("Wrong account", detail)))
            }
            _ => Ok(()),
        }
    }

    async fn create(
        &self,
        scope: &Scope,
        config: &Thing,
        plan: &Thing,
        progress: &mut Progress<Thing>,
    ) -> Result<(), Error> {
        self.0.world.call(format!("create with secret {:?}", config.secret.get()));
        self.refused()?;
        let mut record = record(&self.0.account, plan);
        if self.0.world.fault() == Fault::Normalises {
            record.description = record.description.map(|text| text.to_uppercase());
            record.name = record.name.to_uppercase();
        }
        let id = self.0.world.insert(record);
        if self.0.world.fault() == Fault::Silent {
            return Ok(());
        }
        let kept = Thing { id: id.as_str().into(), account: self.0.account.as_str().into(), ..plan.clone() };
        progress.keep(Thing { token: "token-1".into(), ..kept });
        progress.private_mut().set("region", &self.0.region);
        progress.warn(Diagnostic::warning("Created", "It takes a while until it works."));
        self.after_write(scope).await
    }

    async fn read(&self, _: &Scope, id: &ThingId, prior: &Prior<Thing>) -> Result<Option<Thing>, Error> {
        let world = &self.0.world;
        world.call(format!("read {id}, region {:?}", prior.private().get::<String>("region")));
        let model = world.get(&id.0).map(|record| found(&id.0, record));
        match world.fault() {
            Fault::Vanishes => Err(Error::new(ErrorKind::NotFound, Diagnostic::error("Not found", ""))),
            Fault::Unreadable => Err(Diagnostic::error("The API failed", "It is not available.").into()),
            Fault::PanicsInRead => panic!("out of luck"),
            Fault::HangsInRead => {
                world.waiting.notify_one();
                std::future::pending().await
            }
            Fault::OtherIdentity => Ok(model.map(|model| Thing { account: "z".into(), ..model })),
            Fault::Incomplete => Ok(model.map(|model| Thing { address: Computed::Unknown, share: f64::NAN, ..model })),
            _ => Ok(model),
        }
    }

    async fn update(
        &self,
        scope: &Scope,
        id: &ThingId,
        change: &Change<'_, Thing>,
        progress: &mut Progress<Thing>,
    ) -> Result<(), Error> {
        let world = &self.0.world;
        world.call(format!("update with secret {:?}", change.config.secret.get()));
        self.refused()?;
        let mut written = record(&self.0.account, change.plan);
        if matches!(world.fault(), Fault::FailsAfter | Fault::PanicsAfter) {
            // Only a part of the update was carried out.
            written.description = change.prior.description.clone();
        }
        world.change(&id.0, |record| *record = Record { revision: record.revision + 1, ..written });
        progress.private_mut().set("updated", true);
        self.after_write(scope).await
    }

    async fn delete(&self, scope: &Scope, id: &ThingId, prior: &Prior<Thing>) -> Result<(), Error> {
        self.0.world.call("delete");
        if prior.on_destroy == "keep" {
            prior.warn(Diagnostic::warning("Kept", "The thing still exists."));
            return self.refused();
        }
        self.refused()?;
        let removed = self.0.world.remove(&id.0);
        self.after_write(scope).await?;
        let not_found = || Error::new(ErrorKind::NotFound, Diagnostic::error("Not found", "It is gone already."));
        removed.map(drop).ok_or_else(not_found)
    }

    /// Version 0 called the name `title`.
    fn upgrade(version: i64, mut attributes: JsonAttributes) -> Result<JsonAttributes, Error> {
        if version != 0 {
            return Err(Diagnostic::error("Unknown version of the state", "Only version 0 is known.").into());
        }
        if let Some(title) = attributes.remove("title") {
            attributes.insert("name".to_owned(), title);
        }
        Ok(attributes)
    }
}
