//! What an API action is: a request type that answers itself, and the table by which requests find theirs.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::shape::{self, Shape};
use super::{ApiError, parameters, permission};
use crate::cluster_access::ClusterAccess;
use crate::state::{Caller, Cloud, Uin};

/// What an action answers: the members of `Response` without `RequestId`, or an error.
pub(crate) type Answer = Result<Value, ApiError>;

/// An action. The implementing type is its request, named as the API names it.
pub(crate) trait Action: DeserializeOwned {
    /// Whether everybody who signs may do it, whatever policies say.
    const FREE: bool = false;

    /// The resource that policies name, for actions with permissions on single resources.
    fn resource(&self, _call: &Call<'_>) -> Option<String> {
        None
    }

    /// Does it and answers.
    ///
    /// # Errors
    /// Those of the API; then nothing was done.
    fn run(self, call: &mut Call<'_>) -> Answer;
}

/// One request on its way through an action.
pub(crate) struct Call<'a> {
    /// The whole cloud.
    pub(crate) cloud: &'a mut Cloud,
    /// Who asks. Requests that are not signed have no caller.
    pub(crate) caller: Option<&'a Caller>,
    /// Where; empty for services without regions.
    pub(crate) region: &'a str,
    /// `service:Action`, as policies name it.
    pub(crate) action: &'a str,
    /// The id of the request.
    pub(crate) request_id: &'a str,
    /// The clusters' own APIs.
    pub(crate) access: &'a dyn ClusterAccess,
    /// What must be done in clusters before the answer goes out.
    pub(crate) effects: Vec<Effect>,
    /// Whether anything is changed: what the action's table entry says, unless the request says more.
    pub(crate) writes: bool,
}

/// Something that is done in a cluster after the action and before its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Gives a user all rights in a cluster.
    GrantAdmin {
        /// The cluster.
        cluster_id: String,
        /// The user's name in the cluster.
        user: String,
    },
}

impl Call<'_> {
    /// Who asks.
    ///
    /// # Errors
    /// `AuthFailure.InvalidAuthorization` where the request is not signed.
    pub(crate) fn caller(&self) -> Result<&Caller, ApiError> {
        self.caller.ok_or_else(|| ApiError::new("AuthFailure.InvalidAuthorization", "The request is not signed."))
    }

    /// The root uin of the account that asks.
    ///
    /// # Errors
    /// As [`Call::caller`].
    pub(crate) fn uin(&self) -> Result<Uin, ApiError> {
        Ok(self.caller()?.uin().clone())
    }

    /// Checks that the caller may do this to `resource`.
    ///
    /// # Errors
    /// `UnauthorizedOperation`, in tke `UnauthorizedOperation.CamNoAuth`.
    fn check_permission(&self, resource: Option<&str>) -> Result<(), ApiError> {
        let Some(caller) = self.caller else { return Ok(()) };
        if permission::allows(&self.cloud.identity.policies(caller), self.action, resource) {
            return Ok(());
        }
        let code =
            if self.action.starts_with("tke:") { "UnauthorizedOperation.CamNoAuth" } else { "UnauthorizedOperation" };
        let (action, resource) = (self.action, resource.unwrap_or("*"));
        Err(ApiError::new(
            code,
            format!("you are not authorized to perform operation ({action}) resource ({resource}) has no permission"),
        ))
    }
}

/// Whether a service needs `X-TC-Region`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RegionRule {
    /// It must be there.
    Required,
    /// It may be left out, and nothing depends on it.
    Ignored,
}

/// A service in one version, and its actions.
pub(crate) struct Service {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
    region: RegionRule,
    actions: BTreeMap<&'static str, Entry>,
    /// The action added last.
    last: &'static str,
}

/// An action in its service's table.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) writes: bool,
    pub(super) region: RegionRule,
    /// Parameters that are taken and change nothing.
    pub(super) ignored: &'static [&'static str],
    pub(super) run: fn(&mut Call<'_>, &Map<String, Value>) -> Answer,
    shape: fn() -> Shape,
}

/// An action that the simulator offers.
#[derive(Clone, Debug, Serialize)]
pub struct Offered {
    /// Its service.
    pub service: &'static str,
    /// The service's version.
    pub version: &'static str,
    /// Its name.
    pub action: &'static str,
    /// Whether it changes anything.
    pub writes: bool,
    /// Whether a region must be given.
    pub needs_region: bool,
    /// What it reads.
    pub parameters: Shape,
    /// Parameters that are taken and change nothing.
    pub ignored: &'static [&'static str],
}

impl Service {
    /// A service without actions.
    pub(crate) fn new(name: &'static str, version: &'static str, region: RegionRule) -> Self {
        Self { name, version, region, actions: BTreeMap::new(), last: "" }
    }

    /// Adds an action that only looks.
    pub(crate) fn read<A: Action>(self, name: &'static str) -> Self {
        self.add::<A>(name, false)
    }

    /// Adds an action that changes something.
    pub(crate) fn write<A: Action>(self, name: &'static str) -> Self {
        self.add::<A>(name, true)
    }

    fn add<A: Action>(mut self, name: &'static str, writes: bool) -> Self {
        let entry = Entry { writes, region: self.region, ignored: &[], run: run::<A>, shape: shape::of::<A> };
        self.actions.insert(name, entry);
        self.last = name;
        self
    }

    /// Has the action added last take parameters of the reference that are about things not modelled. They change
    /// nothing; parameters without which an answer would be wrong do not belong here.
    pub(crate) fn ignoring(mut self, parameters: &'static [&'static str]) -> Self {
        if let Some(entry) = self.actions.get_mut(self.last) {
            entry.ignored = parameters;
        }
        self
    }

    /// Lets the region be left out of the actions added so far whose name has `part` in it.
    pub(crate) fn without_region(mut self, part: &str) -> Self {
        let global = self.actions.iter_mut().filter(|(name, _)| name.contains(part));
        global.for_each(|(_, entry)| entry.region = RegionRule::Ignored);
        self
    }

    pub(super) fn action(&self, name: &str) -> Option<Entry> {
        self.actions.get(name).copied()
    }

    /// What is on offer.
    pub(super) fn offered(&self) -> impl Iterator<Item = Offered> {
        self.actions.iter().map(|(action, entry)| Offered {
            service: self.name,
            version: self.version,
            action,
            writes: entry.writes,
            needs_region: entry.region == RegionRule::Required,
            parameters: (entry.shape)(),
            ignored: entry.ignored,
        })
    }
}

fn run<A: Action>(call: &mut Call<'_>, parameters: &Map<String, Value>) -> Answer {
    let action: A = parameters::read(parameters)?;
    if !A::FREE {
        call.check_permission(action.resource(call).as_deref())?;
    }
    action.run(call)
}
