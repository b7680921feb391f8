//! What the query of a request may say, whatever it is about.

use http::header::{ACCEPT, CONTENT_TYPE};
use serde_json::json;

use super::Call;
use crate::kubernetes::errors::{ApiError, Cause};

/// The formats that the real server can answer in. Answers here are JSON, which is YAML too.
const FORMATS: [&str; 3] = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];
/// The longest name of a field manager.
const MANAGER_BYTES: usize = 128;

impl Call<'_> {
    /// Checks the options of a request and the formats that it is about.
    pub(super) fn check_options(&self, verb: &str) -> Result<(), ApiError> {
        self.check_accept()?;
        let options = match verb {
            "create" => "CreateOptions",
            "update" => "UpdateOptions",
            "patch" => "PatchOptions",
            "list" | "watch" => return self.check_list_options(),
            _ => return Ok(()),
        };
        let causes: Vec<_> = self.wrong_options().collect();
        if !causes.is_empty() {
            return Err(ApiError::invalid_options(options, &causes));
        }
        if verb == "patch" { Ok(()) } else { self.check_content_type() }
    }

    fn check_list_options(&self) -> Result<(), ApiError> {
        let limit = self.parameters.text("limit");
        if !limit.is_empty() && limit.parse::<i64>().is_err() {
            return Err(ApiError::bad_request(format!("strconv.ParseInt: parsing {limit:?}: invalid syntax")));
        }
        let (revision, fit) = (self.parameters.text("resourceVersion"), self.parameters.text("resourceVersionMatch"));
        let begins = self.parameters.flag("watch") && !self.parameters.text("sendInitialEvents").is_empty();
        let because = match (revision, fit) {
            (_, "") if begins => "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
            (_, _) if begins => return Ok(()),
            (_, "") => return Ok(()),
            ("", _) => "resourceVersionMatch is forbidden unless resourceVersion is provided",
            ("0", "Exact") => "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"",
            _ => return Ok(()),
        };
        Err(ApiError::invalid_options("ListOptions", &[Cause::forbidden("resourceVersionMatch", because)]))
    }

    fn wrong_options(&self) -> impl Iterator<Item = Cause> {
        let dry_run = self.parameters.text("dryRun");
        let wrong_dry_run = !matches!(dry_run, "" | "All");
        let validation = self.parameters.text("fieldValidation");
        let wrong_validation = !matches!(validation, "" | "Ignore" | "Strict" | "Warn");
        let is_long = self.parameters.text("fieldManager").len() > MANAGER_BYTES;
        let validations = ["", "Ignore", "Strict", "Warn"];
        [
            wrong_dry_run.then(|| Cause::unsupported("dryRun", &json!([dry_run]), &["All"])),
            is_long.then(|| Cause::too_long("fieldManager", MANAGER_BYTES)),
            wrong_validation.then(|| Cause::unsupported("fieldValidation", &validation.into(), &validations)),
        ]
        .into_iter()
        .flatten()
    }

    /// A body is JSON unless its type says that it is something else.
    fn check_content_type(&self) -> Result<(), ApiError> {
        let content_type = self.header(CONTENT_TYPE).split(';').next().unwrap_or_default().trim();
        let is_known = matches!(content_type, "" | "*/*") || FORMATS[..2].contains(&content_type);
        if is_known { Ok(()) } else { Err(ApiError::unsupported_media_type(&FORMATS)) }
    }

    fn check_accept(&self) -> Result<(), ApiError> {
        let mut ranges = self.header(ACCEPT).split(',').map(|range| range.split(';').next().unwrap_or_default().trim());
        let fits = |range: &str| matches!(range, "" | "*/*" | "application/*") || FORMATS[..2].contains(&range);
        if ranges.any(fits) { Ok(()) } else { Err(ApiError::not_acceptable(&FORMATS)) }
    }
}
