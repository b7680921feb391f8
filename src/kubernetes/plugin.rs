//! What went wrong with a credential plugin, without what it printed and what it was called with: both hold secrets.

use std::error::Error;

use kube::client::AuthError;

/// What is wrong with the plugin, where that is why a client cannot be made or a request was not sent.
pub(super) fn failure(error: &kube::Error) -> Option<String> {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(of_plugin) = error.downcast_ref() {
            return Some(described(of_plugin));
        }
        cause = error.source();
    }
    None
}

fn described(error: &AuthError) -> String {
    match error {
        AuthError::AuthExecStart(cause) => format!("the program cannot be started: {cause}"),
        AuthError::AuthExecRun { out, .. } => {
            let own_words = String::from_utf8_lossy(&out.stderr);
            format!("the program failed ({}): {}", out.status, own_words.trim())
        }
        AuthError::AuthExecParse(_) | AuthError::ExecPluginFailed => "the program printed no ExecCredential".into(),
        AuthError::MalformedTokenExpirationDate(_) => {
            "the program printed an `expirationTimestamp` that is none".into()
        }
        AuthError::UnrefreshableTokenResponse => "asked again, the program printed no token that ends".into(),
        _ => "the credential cannot be used".into(),
    }
}
