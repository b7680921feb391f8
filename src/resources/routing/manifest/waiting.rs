//! What an apply of a manifest waits for.

use crate::framework::{Diagnostics, Error, Model, Part, Planned};
use crate::kubernetes::{
    self, Cluster, ObjectReference, documents, failure, has_condition, has_field, is_path, pod_problems, rolled_out,
};
use crate::resources::errors::Doing;
use crate::scope::Scope;
use crate::wait::{self, Probe};

use super::Manifest;

/// What an apply waits for after the objects were applied.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Wait {
    /// Whether every `Deployment`, `StatefulSet`, `DaemonSet` and `Job` must run as the manifest says, for example `true`. A timeout tells which
    /// pod does not, and why.
    #[tf(optional)]
    pub rollout: Option<bool>,
    /// A condition that an object must report.
    #[tf(block)]
    pub condition: Vec<WaitCondition>,
    /// A field that an object must have.
    #[tf(block)]
    pub field: Vec<WaitField>,
}

/// A condition that an object must report.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct WaitCondition {
    /// The type, for example `Available`.
    #[tf(required, length(1..=316))]
    pub r#type: String,
    /// The status, for example `True`, which is also the default.
    #[tf(optional, default = "True", one_of("True", "False", "Unknown"))]
    pub status: String,
    /// The kind of the objects, for example `Deployment`. It can be left out where the manifest holds one object.
    #[tf(optional, length(1..=63))]
    pub kind: Option<String>,
    /// The name of the object, for example `web`; all of the kind where absent.
    #[tf(optional, length(1..=253))]
    pub name: Option<String>,
}

/// A field that an object must have.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct WaitField {
    /// The path, for example `status.loadBalancer.ingress[0].ip`.
    #[tf(required, check = check_path)]
    pub path: String,
    /// The value, for example `Active`; any that is not empty where absent.
    #[tf(optional)]
    pub value: Option<String>,
    /// The kind of the objects, for example `Service`. It can be left out where the manifest holds one object.
    #[tf(optional, length(1..=63))]
    pub kind: Option<String>,
    /// The name of the object, for example `web`; all of the kind where absent.
    #[tf(optional, length(1..=253))]
    pub name: Option<String>,
}

fn check_path(path: &str) -> Result<(), String> {
    if is_path(path) {
        return Ok(());
    }
    Err(format!("Expected the path of a field such as `status.loadBalancer.ingress[0].ip`; found `{path}`."))
}

/// Waits for everything, one after the other.
///
/// # Errors
/// A timeout that tells what was seen last; a failure that no waiting mends; any of a read.
pub(super) async fn until_ready(
    scope: &Scope,
    cluster: &Cluster,
    objects: &[ObjectReference],
    wait: Option<&Wait>,
) -> Result<(), Error> {
    let Some(wait) = wait else { return Ok(()) };
    if wait.rollout == Some(true) {
        for object in objects {
            let rolled_out = until_rolled_out(scope, cluster, object).await;
            rolled_out.doing(|| format!("roll out the {}", object.title()))?;
        }
    }
    for WaitCondition { r#type, status, kind, name } in &wait.condition {
        for object in chosen(objects, kind.as_deref(), name.as_deref()) {
            let what = format!("{} to report {type} as {status}", object.title(), r#type = r#type);
            let look = |live: &_| has_condition(live, r#type, status);
            until(scope, cluster, object, &what, look).await.doing(|| format!("see the {} ready", object.title()))?;
        }
    }
    for WaitField { path, value, kind, name } in &wait.field {
        for object in chosen(objects, kind.as_deref(), name.as_deref()) {
            let what = format!("{} to have {path}", object.title());
            let look = |live: &_| has_field(live, path, value.as_deref());
            until(scope, cluster, object, &what, look).await.doing(|| format!("see the {} ready", object.title()))?;
        }
    }
    Ok(())
}

fn chosen<'a>(
    objects: &'a [ObjectReference],
    kind: Option<&'a str>,
    name: Option<&'a str>,
) -> impl Iterator<Item = &'a ObjectReference> {
    let fits = move |object: &&ObjectReference| {
        kind.is_none_or(|kind| kind == object.kind) && name.is_none_or(|name| name == object.name)
    };
    objects.iter().filter(fits)
}

async fn until_rolled_out(scope: &Scope, cluster: &Cluster, object: &ObjectReference) -> Result<(), kubernetes::Error> {
    wait::until(scope, wait::PATIENT, &format!("{} to be rolled out", object.title()), || async {
        let Some(live) = cluster.get(scope, object).await? else { return Ok(Probe::Pending("absent".into())) };
        let Probe::Pending(seen) = rolled_out(&live) else { return Ok(Probe::Done(())) };
        let problems = pod_problems(cluster, scope, &live).await?;
        let seen: Vec<_> = [seen].into_iter().chain(problems.iter().map(ToString::to_string)).collect();
        match failure(&live) {
            Some(reason) => Err(failed(object, &[vec![reason], seen].concat())),
            None => Ok(Probe::Pending(seen.join("; "))),
        }
    })
    .await
}

async fn until(
    scope: &Scope,
    cluster: &Cluster,
    object: &ObjectReference,
    what: &str,
    look: impl Fn(&serde_json::Value) -> Probe<()>,
) -> Result<(), kubernetes::Error> {
    wait::until(scope, wait::PATIENT, what, || async {
        let Some(live) = cluster.get(scope, object).await? else { return Ok(Probe::Pending("absent".into())) };
        match (look(&live), failure(&live)) {
            (Probe::Pending(_), Some(reason)) => Err(failed(object, &[reason])),
            (seen, _) => Ok(seen),
        }
    })
    .await
}

fn failed(object: &ObjectReference, reasons: &[String]) -> kubernetes::Error {
    kubernetes::Error::Failed { object: object.title(), reason: reasons.join("; ") }
}

/// Each condition and field must be about an object of the manifest.
pub(super) fn check(planned: &Planned<'_, Manifest>, diagnostics: &mut Diagnostics) {
    let Some(documents) = planned.known::<String>("yaml").and_then(|yaml| documents(&yaml).ok()) else { return };
    let objects = super::references(&documents);
    let Some(wait) = planned.object("wait") else { return };
    for part in wait.each("condition").iter().chain(&wait.each("field")) {
        check_choice(part, &objects, diagnostics);
    }
}

fn check_choice(part: &Part<'_>, objects: &[ObjectReference], diagnostics: &mut Diagnostics) {
    if part.is_unknown("kind") || part.is_unknown("name") {
        return;
    }
    let (kind, name) = (part.known::<String>("kind"), part.known::<String>("name"));
    if kind.is_none() && objects.len() > 1 {
        let detail = "The manifest holds several objects: say by `kind`, and `name` where needed, which one is meant.";
        diagnostics.error(part.at("kind"), "Missing argument", detail);
    } else if chosen(objects, kind.as_deref(), name.as_deref()).next().is_none() {
        let titles: Vec<_> = objects.iter().map(ObjectReference::title).collect();
        let detail = format!("The manifest has no such object; it has {}.", titles.join(", "));
        diagnostics.error(part.path().clone(), "Wait for an object of another manifest", detail);
    }
}
