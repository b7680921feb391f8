//! What each state of an attachment means to either side.
//!
//! | state | to the account of the instance | to the account of the CCN |
//! |---|---|---|
//! | none, `DELETED` | asks | waits for a request |
//! | `PENDING` | is done, and says who must accept; with `wait_for_accept` it waits | accepts |
//! | `ATTACHING` | waits | waits |
//! | `ACTIVE` | is done; a new object refuses to take it over | is done, whoever accepted it |
//! | `EXPIRED` | asks again, by a reset | error: the other account has to ask again |
//! | `REJECTED` | error that names who rejected; a new object asks anew | error: the other account has to ask anew |
//! | `FAILED`, `DETACHFAILED` | error that says what the cloud will do | the same |
//! | `DETACHING` | waits for its end, then asks | waits for its end, then for a request |
//!
//! A state that is not known here counts as one that passes by itself.

use crate::cloud::api::vpc::{AttachmentState, CcnAttachedInstance};
use crate::framework::Diagnostic;

/// An attachment in a state, and whom it concerns.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    pub(super) instance_id: String,
    pub(super) ccn_id: String,
    /// The root account of the instance.
    pub(super) asking: String,
    /// The root account of the CCN.
    pub(super) owner: String,
    pub(super) state: AttachmentState,
}

impl From<&CcnAttachedInstance> for Standing {
    fn from(row: &CcnAttachedInstance) -> Self {
        let account = |uin: &Option<String>| uin.clone().unwrap_or_else(|| "unknown".to_owned());
        Self {
            instance_id: row.instance_id.clone(),
            ccn_id: row.ccn_id.clone(),
            asking: account(&row.instance_uin),
            owner: account(&row.ccn_uin),
            state: row.state.clone(),
        }
    }
}

/// The word for an attachment that neither works nor is about to.
pub(super) fn problem(state: &AttachmentState) -> Option<&AttachmentState> {
    use AttachmentState::{DetachFailed, Detaching, Expired, Failed, Rejected};
    Some(state).filter(|state| matches!(state, Expired | Rejected | Failed | Detaching | DetachFailed))
}

impl Standing {
    /// The error of the asking side, where neither waiting nor asking again helps.
    pub(super) fn lost_to_asking(&self) -> Option<Diagnostic> {
        let Self { instance_id, ccn_id, owner, state, .. } = self;
        if *state != AttachmentState::Rejected {
            return self.broken();
        }
        let detail = format!(
            "Account {owner}, which owns the CCN {ccn_id}, has rejected the request of {instance_id} to join it. The rejected \
             request stays as it is. Agree with that account, then ask anew: `terraform apply -replace=…` of this attachment \
             withdraws the rejected request and makes another one."
        );
        Some(Diagnostic::error(format!("Account {owner} has rejected the request"), detail))
    }

    /// The error of the asking side while it waits: whatever does not lead to a connection ends the wait.
    pub(super) fn ends_waiting(&self) -> Option<Diagnostic> {
        let Self { instance_id, ccn_id, owner, state, .. } = self;
        match state {
            AttachmentState::Expired => {
                let detail = format!(
                    "The request of {instance_id} to join the CCN {ccn_id} has expired before account {owner}, which owns the \
                     CCN, accepted it. The next apply asks again."
                );
                Some(Diagnostic::error(format!("Account {owner} did not accept the request in time"), detail))
            }
            AttachmentState::Detaching => {
                let detail = format!(
                    "Somebody takes {instance_id} out of the CCN {ccn_id} at this moment: this account, or account {owner}, \
                     which owns the CCN. The next apply attaches it again."
                );
                Some(Diagnostic::error("The instance is being detached", detail))
            }
            _ => self.lost_to_asking(),
        }
    }

    /// The error of the owner's side, where neither waiting nor accepting helps.
    pub(super) fn lost_to_owner(&self) -> Option<Diagnostic> {
        let Self { instance_id, ccn_id, asking, state, .. } = self;
        let (summary, detail) = match state {
            AttachmentState::Expired => (
                format!("The request of account {asking} has expired"),
                format!(
                    "Account {asking} asked for {instance_id} to join the CCN {ccn_id}, and nobody accepted that in time. Only \
                     that account can ask again: the next apply of its `tcmesh_ccn_attachment` does. Then apply here again."
                ),
            ),
            AttachmentState::Rejected => (
                format!("The request of account {asking} was rejected"),
                format!(
                    "This account has rejected the request of {instance_id} of account {asking} to join the CCN {ccn_id}. That \
                     account has to ask anew, by replacing its `tcmesh_ccn_attachment` (`terraform apply -replace=…`). Then \
                     apply here again, or remove this object."
                ),
            ),
            _ => return self.broken(),
        };
        Some(Diagnostic::error(summary, detail))
    }

    /// The error for what the cloud could not make or end: it cleans up by itself (API reference, `CcnAttachedInstance`).
    pub(super) fn broken(&self) -> Option<Diagnostic> {
        let Self { instance_id, ccn_id, asking, state, .. } = self;
        let (what, preposition) = match state {
            AttachmentState::Failed => ("attach", "to"),
            AttachmentState::DetachFailed => ("detach", "from"),
            _ => return None,
        };
        let detail = format!(
            "The cloud failed to {what} {instance_id} of account {asking} {preposition} the CCN {ccn_id} (state {state}). It \
             takes the instance out by itself, two hours after that; nothing was changed here. The next apply after that \
             starts anew. To try at once, detach the instance in the console, or replace the attachment (`terraform apply \
             -replace=…`)."
        );
        Some(Diagnostic::error(format!("The cloud failed to {what} {instance_id}"), detail))
    }

    /// The error for a new object where there is one that no object holds.
    pub(super) fn taken(&self, id: &str) -> Option<Diagnostic> {
        let Self { instance_id, ccn_id, asking, state, .. } = self;
        if problem(state).is_some() {
            return self.broken();
        }
        let detail = format!(
            "{instance_id} of account {asking} is in the CCN {ccn_id} already, or asks to be (state {state}), and no object of \
             this configuration holds that. Nothing was changed. Have it detached first, or import it:\n\nimport {{\n  to = \
             tcmesh_ccn_attachment.example\n  id = \"{id}\"\n}}"
        );
        Some(Diagnostic::error("The instance is attached already", detail).at("instance_id"))
    }

    /// The warning of a request that waits for the other account.
    pub(super) fn to_be_accepted(&self) -> Diagnostic {
        let Self { instance_id, ccn_id, asking, owner, .. } = self;
        let detail = format!(
            "Account {asking} has asked for {instance_id} to join the CCN {ccn_id}. Account {owner}, which owns the CCN, has to \
             accept that: with a `tcmesh_ccn_attachment_accepter` under its keys, or in its console. Where that resource is in \
             this configuration, nothing is left to do."
        );
        Diagnostic::warning(format!("Account {owner} has to accept the request"), detail)
    }

    /// The warning of a destruction that leaves the attachment, with its reason.
    pub(super) fn left(&self, why: &str) -> Diagnostic {
        let Self { instance_id, ccn_id, asking, state, .. } = self;
        let detail = format!(
            "{instance_id} of account {asking} is still in the CCN {ccn_id}, or asks to be (state {state}), {why}. What ends that \
             is the destruction of the `tcmesh_ccn_attachment` of that account; where it is destroyed in the same run, nothing \
             is left to do."
        );
        Diagnostic::warning("The attachment still exists", detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATES: [&str; 9] =
        ["PENDING", "ATTACHING", "ACTIVE", "EXPIRED", "REJECTED", "FAILED", "DETACHING", "DETACHFAILED", "DELETED"];

    fn standing(state: &str) -> Standing {
        Standing {
            instance_id: "vpc-mem00003".into(),
            ccn_id: "ccn-gree226l".into(),
            asking: "100000000002".into(),
            owner: "100000000001".into(),
            state: state.into(),
        }
    }

    /// The states for which there is a diagnostic.
    fn told(tell: impl Fn(&Standing) -> Option<Diagnostic>) -> Vec<&'static str> {
        STATES.into_iter().filter(|state| tell(&standing(state)).is_some()).collect()
    }

    #[test]
    fn each_side_gives_up_only_where_it_cannot_help() {
        assert_eq!(told(Standing::lost_to_asking), ["REJECTED", "FAILED", "DETACHFAILED"]);
        assert_eq!(told(Standing::ends_waiting), ["EXPIRED", "REJECTED", "FAILED", "DETACHING", "DETACHFAILED"]);
        assert_eq!(told(Standing::lost_to_owner), ["EXPIRED", "REJECTED", "FAILED", "DETACHFAILED"]);
    }

    #[test]
    fn a_new_object_takes_nothing_over_and_asks_anew_after_a_refusal() {
        let taken = told(|standing| standing.taken("ccn-gree226l#VPC#ap-guangzhou#vpc-mem00003"));
        // What is `DELETED` is never looked at.
        assert_eq!(taken, ["PENDING", "ATTACHING", "ACTIVE", "FAILED", "DETACHFAILED", "DELETED"]);
    }

    #[test]
    fn an_error_names_the_account_that_has_to_act() {
        let rejected = standing("REJECTED").lost_to_asking().unwrap();
        assert_eq!(rejected.summary, "Account 100000000001 has rejected the request");
        let expired = standing("EXPIRED").lost_to_owner().unwrap();
        assert_eq!(expired.summary, "The request of account 100000000002 has expired");
        let waiting = standing("PENDING").to_be_accepted();
        assert!(
            waiting.detail.contains("Account 100000000001, which owns the CCN, has to accept"),
            "{}",
            waiting.detail
        );
    }

    #[test]
    fn what_the_cloud_failed_to_do_says_what_the_cloud_will_do() {
        for (state, summary) in [
            ("FAILED", "The cloud failed to attach vpc-mem00003"),
            ("DETACHFAILED", "The cloud failed to detach vpc-mem00003"),
        ] {
            let diagnostic = standing(state).broken().unwrap();
            assert_eq!(diagnostic.summary, summary);
            assert!(diagnostic.detail.contains("It takes the instance out by itself, two hours after that"));
        }
    }
}
