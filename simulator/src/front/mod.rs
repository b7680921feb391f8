//! The API's front: one HTTP endpoint for all services. It receives, authenticates, finds the action, applies faults,
//! carries out and answers, and writes everything into the journal.

mod action;
mod authentication;
mod envelope;
mod error;
mod parameters;
mod permission;
mod reply;
mod shape;
mod signature;

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use http::{Method, Request};
use jiff::Timestamp;
use serde_json::{Map, Value};

use self::action::Entry;
pub use self::action::Offered;
pub(crate) use self::action::{Action, Answer, Call, Effect, RegionRule, Service};
use self::envelope::Envelope;
pub(crate) use self::error::ApiError;
pub(crate) use self::permission::matches;
pub(crate) use self::reply::HungUp;
use self::reply::Reply;
pub use self::shape::Shape;
use crate::cluster_access::ClusterAccess;
use crate::faults::{Asked, Fault, Faults};
use crate::journal::{self, Journal};
use crate::oversight::Oversight;
use crate::state::{Caller, Course, SharedCloud};
use crate::{ids, services, world};

/// All actions on offer, by service.
pub fn actions() -> Vec<Offered> {
    services::all().iter().flat_map(Service::offered).collect()
}

/// The API of the whole cloud.
pub(crate) struct Front {
    pub(crate) cloud: SharedCloud,
    pub(crate) journal: Arc<Journal>,
    pub(crate) faults: Arc<Faults>,
    pub(crate) access: Arc<dyn ClusterAccess>,
    services: Vec<Service>,
}

/// A request that may be carried out.
struct Prepared {
    entry: Entry,
    caller: Option<Caller>,
    parameters: Map<String, Value>,
}

impl Front {
    pub(crate) fn new(cloud: SharedCloud, access: Arc<dyn ClusterAccess>, oversight: Oversight) -> Self {
        let Oversight { journal, faults } = oversight;
        Self { cloud, journal, faults, access, services: services::all() }
    }

    /// Answers one request.
    pub(crate) async fn answer(&self, request: Request<Body>) -> Response {
        let id = ids::request();
        if request.method() == Method::CONNECT {
            // Any answer but an error would open a tunnel: only plain HTTP is proxied.
            return Reply::Http(405).into_response(&id);
        }
        let reply = match Envelope::receive(request).await {
            Ok(envelope) => self.handle(&envelope, &id).await,
            Err(error) => Reply::Error(error),
        };
        reply.into_response(&id)
    }

    async fn handle(&self, envelope: &Envelope, id: &str) -> Reply {
        let mut entry = self.journal_entry(envelope, id);
        let reply = match self.prepare(envelope, &mut entry) {
            Ok(prepared) => self.carry_out(prepared, &mut entry).await,
            Err(error) => Reply::Error(error),
        };
        entry.code = reply.code();
        tracing::debug!(service = entry.service, action = entry.action, account = entry.account, code = entry.code);
        self.journal.add(entry);
        reply
    }

    fn journal_entry(&self, envelope: &Envelope, id: &str) -> journal::Entry {
        let text = |name: &str| envelope.header(name).unwrap_or_default().to_owned();
        journal::Entry {
            time: self.cloud.now(),
            service: authentication::service(envelope).to_owned(),
            action: text("x-tc-action"),
            region: text("x-tc-region"),
            account: None,
            write: false,
            parameters: Value::Null,
            code: None,
            request_id: id.to_owned(),
        }
    }

    /// Authenticates a request and finds its action.
    fn prepare(&self, envelope: &Envelope, entry: &mut journal::Entry) -> Result<Prepared, ApiError> {
        let caller = self.cloud.read(|cloud| authentication::authenticate(cloud, envelope, Timestamp::now()))?;
        entry.account = caller.as_ref().map(|caller| caller.account.name.clone());
        let action =
            self.find(&entry.service, envelope.required("x-tc-version")?, envelope.required("x-tc-action")?)?;
        entry.write = action.writes;
        check_region(action.region, &entry.region)?;
        let mut parameters = envelope.parameters()?;
        entry.parameters = Value::Object(parameters.clone());
        parameters.retain(|name, _| !action.ignored.contains(&name.as_str()));
        Ok(Prepared { entry: action, caller, parameters })
    }

    fn find(&self, service: &str, version: &str, action: &str) -> Result<Entry, ApiError> {
        let versions = || self.services.iter().filter(|it| it.name == service);
        if versions().next().is_none() {
            return Err(ApiError::new("NoSuchProduct", format!("There is no product `{service}`.")));
        }
        let Some(found) = versions().find(|it| it.version == version) else {
            return Err(ApiError::new("NoSuchVersion", format!("`{service}` has no version `{version}`.")));
        };
        let name = format!("{service}:{action}");
        let missing = |pattern: &String| matches(pattern, &name);
        let offline = self.cloud.world().settings.missing_actions.iter().any(missing);
        let invalid = || ApiError::new("InvalidAction", format!("The action `{action}` is invalid or not found."));
        found.action(action).filter(|_| !offline).ok_or_else(invalid)
    }

    /// Carries out a request, or what a fault makes of it.
    async fn carry_out(&self, mut prepared: Prepared, entry: &mut journal::Entry) -> Reply {
        let fault = self.faults.strike(&Asked {
            service: &entry.service,
            action: Some(&entry.action),
            account: entry.account.as_deref(),
            ..Asked::default()
        });
        match fault {
            Some(Fault::Throttle) => Reply::Error(throttled(&entry.action)),
            Some(Fault::Error { code, message }) => Reply::Error(ApiError::new(code, message)),
            Some(Fault::ErrorAfter { code, message }) => {
                self.perform(&prepared, entry, Course::Normal).await;
                Reply::Error(ApiError::new(code, message))
            }
            Some(Fault::Http5xx(status)) => Reply::Http(status),
            Some(Fault::DropRequest) => Reply::HangUp,
            Some(Fault::DropReply) => {
                self.perform(&prepared, entry, Course::Normal).await;
                Reply::HangUp
            }
            Some(Fault::Partial) => {
                prepared.parameters.values_mut().for_each(keep_first);
                self.perform(&prepared, entry, Course::Normal).await;
                Reply::Error(ApiError::new("InternalError", "An internal error has occurred."))
            }
            Some(Fault::Delay(wait)) => {
                tokio::time::sleep(wait.duration()).await;
                self.perform(&prepared, entry, Course::Normal).await
            }
            Some(Fault::StuckState) => self.perform(&prepared, entry, Course::Stuck).await,
            Some(Fault::FailState) => self.perform(&prepared, entry, Course::Failing).await,
            None => self.perform(&prepared, entry, Course::Normal).await,
        }
    }

    /// Runs the action on the locked cloud, then what it wants done in clusters.
    async fn perform(&self, prepared: &Prepared, entry: &mut journal::Entry, course: Course) -> Reply {
        let (answer, effects) = self.run(prepared, entry, course);
        for effect in &effects {
            match effect {
                Effect::GrantAdmin { cluster_id, user } => self.access.grant_admin(cluster_id, user).await,
            }
        }
        // What the answer tells must be so in the clusters too.
        self.access.caught_up().await;
        answer.map_or_else(Reply::Error, Reply::Answer)
    }

    fn run(&self, prepared: &Prepared, entry: &mut journal::Entry, course: Course) -> (Answer, Vec<Effect>) {
        let action = format!("{}:{}", entry.service, entry.action);
        self.cloud.act(|cloud| {
            cloud.timing.course = course;
            let mut call = Call {
                cloud,
                caller: prepared.caller.as_ref(),
                region: &entry.region,
                action: &action,
                request_id: &entry.request_id,
                access: &*self.access,
                effects: Vec::new(),
                writes: prepared.entry.writes,
            };
            let answer = (prepared.entry.run)(&mut call, &prepared.parameters);
            let Call { cloud, effects, writes, .. } = call;
            cloud.timing.course = Course::Normal;
            entry.write = writes;
            let changed = writes && answer.is_ok();
            ((answer, effects), changed)
        })
    }
}

fn check_region(rule: RegionRule, region: &str) -> Result<(), ApiError> {
    match rule {
        RegionRule::Required if region.is_empty() => {
            Err(ApiError::new("MissingParameter", "The request is missing the common parameter `X-TC-Region`."))
        }
        RegionRule::Required if !world::is_region(region) => {
            Err(ApiError::new("UnsupportedRegion", format!("The region `{region}` is not supported.")))
        }
        _ => Ok(()),
    }
}

fn throttled(action: &str) -> ApiError {
    ApiError::new("RequestLimitExceeded", format!("Your requests for `{action}` exceed the frequency limit."))
}

fn keep_first(value: &mut Value) {
    if let Value::Array(items) = value {
        items.truncate(1);
    }
}
