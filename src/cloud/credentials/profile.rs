//! Profile files, as the vendor's command line tool writes them.
//!
//! `<profile>.credential` is a JSON object with texts `secretId`, `secretKey`, `token`, `role-arn` and
//! `role-session-name`; `<profile>.configure` has the region at `_sys_param.region`.

use std::io;
use std::path::PathBuf;

use serde_json::Value;

use super::{Arguments, Environment, Problem, environment};

/// What the two files of a profile say; absent and empty texts are `None`.
#[derive(Debug, Default)]
pub(super) struct Profile {
    pub(super) secret_id: Option<String>,
    pub(super) secret_key: Option<String>,
    pub(super) token: Option<String>,
    pub(super) role_arn: Option<String>,
    pub(super) role_session_name: Option<String>,
    pub(super) region: Option<String>,
}

/// The path of a profile's file with the given extension.
pub(super) fn path(arguments: &Arguments, variables: &Environment, extension: &str) -> PathBuf {
    let profile = variables.or(arguments.profile.as_ref(), environment::PROFILE);
    let directory = variables.or(arguments.shared_credentials_dir.as_ref(), environment::SHARED_CREDENTIALS_DIR);
    let home = PathBuf::from(variables.get("HOME").unwrap_or_default());
    let directory = match directory {
        None => home.join(".tccli"),
        Some(given) => match given.strip_prefix('~') {
            Some(below) => home.join(below.trim_start_matches('/')),
            None => PathBuf::from(given),
        },
    };
    directory.join(format!("{}.{extension}", profile.as_deref().unwrap_or("default")))
}

/// Reads a profile; files that do not exist say nothing.
///
/// # Errors
/// When a file exists but cannot be read, or is not JSON.
pub(super) fn read(arguments: &Arguments, variables: &Environment) -> Result<Profile, Problem> {
    let credential = document(path(arguments, variables, "credential"))?;
    let configure = document(path(arguments, variables, "configure"))?;
    Ok(Profile {
        secret_id: text(&credential["secretId"]),
        secret_key: text(&credential["secretKey"]),
        token: text(&credential["token"]),
        role_arn: text(&credential["role-arn"]),
        role_session_name: text(&credential["role-session-name"]),
        region: text(&configure["_sys_param"]["region"]),
    })
}

fn document(path: PathBuf) -> Result<Value, Problem> {
    match std::fs::read_to_string(&path) {
        // The parser's error is dropped: it may quote a key.
        Ok(text) => serde_json::from_str(&text)
            .map_err(|_| Problem::Malformed { given: path.display().to_string(), expected: "a JSON object".into() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Value::Null),
        Err(cause) => Err(Problem::Unreadable { argument: "profile", path, cause }),
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}
