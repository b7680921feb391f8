//! What both sides of an attachment share: how it is named, looked at, and ended.

use std::fmt;
use std::str::FromStr;

use super::outcome::Standing;
use crate::cloud::api::vpc::{self, AttachmentState, CcnAttachedInstance, CcnInstance};
use crate::cloud::{self, Client};
use crate::framework::{Diagnostic, Diagnostics, Error, Model, Planned, Severity, sentence};
use crate::resources::errors::Doing;
use crate::resources::ids::checks;
use crate::scope::Scope;
use crate::wait::{self, Probe};

/// The cloud lets the account of the other side do this, and only that (API reference, `DetachCcnInstances`).
pub(super) const OTHER_SIDE: &str = "UnsupportedOperation.AppIdMismatch";

/// The name of an attachment: nothing else has this CCN and this instance. Its text is that of the stock provider,
/// for example `ccn-gree226l#VPC#ap-guangzhou#vpc-86v957zb`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachmentId {
    /// The CCN.
    pub ccn_id: String,
    /// The kind of instance.
    pub instance_type: String,
    /// The region of the instance.
    pub instance_region: String,
    /// The instance.
    pub instance_id: String,
}

impl fmt::Display for AttachmentId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ccn_id, instance_type, instance_region, instance_id } = self;
        write!(formatter, "{ccn_id}#{instance_type}#{instance_region}#{instance_id}")
    }
}

impl FromStr for AttachmentId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<String> = text.split('#').map(str::to_owned).collect();
        let Ok([ccn_id, instance_type, instance_region, instance_id]) = <[String; 4]>::try_from(parts) else {
            let example = "ccn-gree226l#VPC#ap-guangzhou#vpc-86v957zb";
            return Err(format!("expected CCN, type, region and instance such as `{example}`, found `{text}`"));
        };
        checks::ccn(&ccn_id)?;
        checks::region(&instance_region)?;
        check_instance(&instance_type, &instance_id)?;
        Ok(Self { ccn_id, instance_type, instance_region, instance_id })
    }
}

/// As `FromStr`, for `#[tf(check = ..)]`.
///
/// # Errors
/// A sentence that says what was expected.
pub(super) fn check_id(text: &str) -> Result<(), String> {
    AttachmentId::from_str(text).map(drop)
}

/// Whether an instance can be of this type; the IDs of types other than VPC have several forms.
///
/// # Errors
/// A sentence that says what was expected.
pub(super) fn check_instance(instance_type: &str, instance_id: &str) -> Result<(), String> {
    match instance_type {
        "VPC" => checks::vpc(instance_id),
        _ if instance_id.is_empty() => Err("expected the ID of an instance, found nothing".to_owned()),
        _ => Ok(()),
    }
}

impl AttachmentId {
    /// The instance as requests name it.
    pub(super) fn instance(&self) -> CcnInstance {
        CcnInstance {
            instance_id: self.instance_id.clone(),
            instance_region: self.instance_region.clone(),
            instance_type: self.instance_type.clone(),
            ..CcnInstance::default()
        }
    }

    /// The attachment as the caller's account sees it: both sides do. One that was detached is none, also where the cloud
    /// still lists it.
    pub(super) async fn look(
        &self,
        scope: &Scope,
        client: &Client,
    ) -> Result<Option<CcnAttachedInstance>, cloud::Error> {
        let Self { ccn_id, instance_type, instance_region, instance_id } = self;
        let action =
            vpc::DescribeCcnAttachedInstances::of_instance(ccn_id, instance_type, instance_region, instance_id);
        let found = client.send(scope, &action).await?.instance_set;
        Ok(found.into_iter().find(|row| row.instance_id == *instance_id && row.state != AttachmentState::Deleted))
    }

    /// Gives the attachment another description; none removes it. Either side can.
    pub(super) async fn describe(&self, scope: &Scope, client: &Client, text: Option<&str>) -> Result<(), Error> {
        let description = Some(text.unwrap_or_default().to_owned());
        let instances = vec![CcnInstance { description, ..self.instance() }];
        let action = vpc::ModifyCcnAttachedInstancesAttribute { ccn_id: self.ccn_id.clone(), instances };
        client.send(scope, &action).await.map(drop).doing(|| format!("describe {self}"))
    }

    /// Takes the instance out of the CCN, or withdraws a request that does not connect it yet.
    pub(super) async fn detach(&self, scope: &Scope, client: &Client) -> Result<(), cloud::Error> {
        let action = vpc::DetachCcnInstances { ccn_id: self.ccn_id.clone(), instances: vec![self.instance()] };
        client.send(scope, &action).await.map(drop)
    }

    /// Waits until the attachment is gone, where it goes.
    pub(super) async fn until_gone(&self, scope: &Scope, client: &Client, waiting_for: &str) -> Result<(), Error> {
        let look = || async {
            Ok::<_, cloud::Error>(match self.look(scope, client).await? {
                Some(row) if row.state != AttachmentState::DetachFailed => Probe::Pending(row.state.to_string()),
                decided => Probe::Done(decided),
            })
        };
        let left = wait::until(scope, wait::SOON, waiting_for, look).await.doing(|| format!("detach {self}"))?;
        fail(left.and_then(|row| Standing::from(&row).broken()))
    }
}

/// Fails where there is something to tell.
pub(super) fn fail(found: Option<Diagnostic>) -> Result<(), Error> {
    found.map_or(Ok(()), |diagnostic| Err(diagnostic.into()))
}

/// What an apply will fail with, as a warning in its plan at the attribute that shows it.
pub(super) fn hopeless(error: Diagnostic, attribute: &str) -> Diagnostic {
    Diagnostic { severity: Severity::Warning, ..error }.at(attribute)
}

/// Makes sure that the keys are of the account on whose side of an attachment a resource stands.
///
/// # Errors
/// When they are not, naming both accounts.
pub(super) fn check_side(owned: &str, owner: Option<&String>, account_id: &str) -> Result<(), Error> {
    let Some(owner) = owner.filter(|owner| *owner != account_id) else { return Ok(()) };
    let detail = format!(
        "The {owned} of this attachment belongs to account {owner}, but the keys of this provider configuration are of account \
         {account_id}. `tcmesh_ccn_attachment` takes the keys of the account that owns the instance, \
         `tcmesh_ccn_attachment_accepter` those of the account that owns the CCN. Nothing was changed."
    );
    Err(Diagnostic::error("The other side of the attachment", detail).at("account_id").into())
}

/// The rules that both sides have for the attributes by which they name an attachment.
pub(super) fn check<M: Model>(planned: &Planned<'_, M>, diagnostics: &mut Diagnostics) {
    let (instance_type, instance_id) =
        (planned.known::<String>("instance_type"), planned.known::<String>("instance_id"));
    if let Some((instance_type, instance_id)) = instance_type.zip(instance_id)
        && let Err(problem) = check_instance(&instance_type, &instance_id)
    {
        diagnostics.error("instance_id", "Invalid value", sentence(&problem));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attachment_is_named_by_its_four_parts() {
        let text = "ccn-gree226l#VPC#ap-guangzhou#vpc-86v957zb";
        let id: AttachmentId = text.parse().unwrap();
        assert_eq!((id.ccn_id.as_str(), id.instance_id.as_str()), ("ccn-gree226l", "vpc-86v957zb"));
        assert_eq!(id.to_string(), text);
    }

    #[test]
    fn each_part_of_a_name_is_checked() {
        for (text, expected) in [
            ("ccn-gree226l", "expected CCN, type, region and instance"),
            ("ccn-gree226l#VPC#ap-guangzhou#vpc-86v957zb#x", "expected CCN, type, region and instance"),
            ("vpc-gree226l#VPC#ap-guangzhou#vpc-86v957zb", "expected an ID such as `ccn-gree226l`"),
            ("ccn-gree226l#VPC#guangzhou#vpc-86v957zb", "expected a region such as `ap-guangzhou`"),
            ("ccn-gree226l#VPC#ap-guangzhou#dcg-86v957zb", "expected an ID such as `vpc-86v957zb`"),
            ("ccn-gree226l#VPNGW#ap-guangzhou#", "expected the ID of an instance"),
        ] {
            let error = text.parse::<AttachmentId>().unwrap_err();
            assert!(error.starts_with(expected), "{text}: {error}");
        }
        assert!(check_id("ccn-gree226l#VPNGW#ap-guangzhou#vpngw-86v957zb").is_ok());
    }
}
