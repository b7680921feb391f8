//! What the API's error codes mean for a caller. A code is `Class` or `Class.Detail`.
//!
//! Sources: the common error codes and the per-action lists of the public API reference.

/// Codes that say that the object, or the relation, of the request does not exist.
const NOT_FOUND: &[&str] = &[
    "InternalError.ClusterNotFound",
    "InvalidParameter.ClusterNotFound",
    "InvalidParameter.LBIdNotFound",
    "InvalidParameter.RecordIdInvalid",
    "InvalidParameter.RecordNotExist",
    "InvalidParameter.RoleNotExist",
    "InvalidParameter.ZoneNotExists",
    "InvalidParameterValue.DomainNotExists",
    "ResourceNotFound",
    "ResourceNotFound.ClusterNotFound",
    "ResourceNotFound.NoDataOfRecord",
    "ResourceNotFound.RoleNotFound",
    "UnsupportedOperation.CcnNotAttached",
];

/// Codes that say that the object is busy now; whole classes stand without a detail.
const BUSY: &[&str] = &[
    "FailedOperation.CreateCcnFailed",
    "FailedOperation.FrequencyLimit",
    "InvalidParameter.ActionInProgress",
    "ResourceBusy",
    "ResourceInUse",
    "ResourceUnavailable",
    "UnsupportedOperation.ExistCcnInstancesNotSupportDeleteCcn",
    "UnsupportedOperation.InvalidState",
    "UnsupportedOperation.MutexOperationTaskRunning",
];

/// The part of a code before its first dot.
fn class(code: &str) -> &str {
    code.split_once('.').map_or(code, |(class, _)| class)
}

/// Exact codes only: another detail of `ResourceNotFound` may speak of something else than the object, such as a
/// missing subscription.
pub(crate) fn is_not_found(code: &str) -> bool {
    NOT_FOUND.contains(&code)
}

/// The account or the caller has sent too many requests; this one was not carried out.
pub(crate) fn is_throttled(code: &str) -> bool {
    class(code) == "RequestLimitExceeded"
}

/// The request was refused because something else is being done to the object.
pub(crate) fn is_busy(code: &str) -> bool {
    BUSY.contains(&code) || BUSY.contains(&class(code))
}

/// The service failed; whether the request was carried out is not known.
pub(crate) fn is_internal(code: &str) -> bool {
    class(code) == "InternalError" && code != "InternalError.CamNoAuth" && !is_not_found(code)
}

/// The temporary keys are not, or no longer, valid.
pub(crate) fn is_token_refused(code: &str) -> bool {
    code == "AuthFailure.TokenFailure"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_of_a_missing_subscription_are_not_a_missing_object() {
        assert!(is_not_found("ResourceNotFound"));
        assert!(is_not_found("UnsupportedOperation.CcnNotAttached"));
        assert!(!is_not_found("ResourceNotFound.ServiceNotSubscribed"));
        assert!(!is_not_found("ResourceNotFound.KubernetesResourceNotFound"));
    }

    #[test]
    fn every_detail_of_a_rate_limit_is_throttling_and_a_quota_is_not() {
        assert!(is_throttled("RequestLimitExceeded"));
        assert!(is_throttled("RequestLimitExceeded.UinLimitExceeded"));
        assert!(!is_throttled("LimitExceeded.CurrentInstanceAttachedCcnInstances"));
    }

    #[test]
    fn busy_codes_are_matched_whole_or_by_class() {
        assert!(is_busy("ResourceInUse.Whatever"));
        assert!(is_busy("UnsupportedOperation.MutexOperationTaskRunning"));
        assert!(!is_busy("UnsupportedOperation.CcnCrossAccount"));
    }

    #[test]
    fn an_internal_error_that_names_a_cause_is_not_temporary() {
        assert!(is_internal("InternalError.Db"));
        assert!(!is_internal("InternalError.ClusterNotFound"));
        assert!(!is_internal("InternalError.CamNoAuth"));
    }
}
