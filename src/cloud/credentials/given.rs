//! Long-lived keys, from arguments, environment and profile.

use super::environment::{self, Environment};
use super::profile::{self, Profile};
use super::{Arguments, Credential, Problem, Secret};

/// Long-lived keys, as far as they were given.
pub(super) struct Given {
    secret_id: Option<String>,
    secret_key: Option<String>,
    token: Option<String>,
}

impl Given {
    pub(super) fn of(arguments: &Arguments, variables: &Environment) -> Self {
        let exposed = |secret: &Option<Secret>| secret.as_ref().map(|secret| secret.expose().to_owned());
        Self {
            secret_id: variables.or(arguments.secret_id.as_ref(), environment::SECRET_ID),
            secret_key: variables.or(exposed(&arguments.secret_key).as_ref(), environment::SECRET_KEY),
            token: variables.or(exposed(&arguments.security_token).as_ref(), environment::SECURITY_TOKEN),
        }
    }

    fn is_nothing(&self) -> bool {
        self.secret_id.is_none() && self.secret_key.is_none() && self.token.is_none()
    }

    /// The profile, which is read only where nothing was given.
    pub(super) fn profile(&self, arguments: &Arguments, variables: &Environment) -> Result<Profile, Problem> {
        if self.is_nothing() { profile::read(arguments, variables) } else { Ok(Profile::default()) }
    }

    pub(super) fn or(self, profile: &Profile) -> Self {
        match self.is_nothing() {
            true => Self {
                secret_id: profile.secret_id.clone(),
                secret_key: profile.secret_key.clone(),
                token: profile.token.clone(),
            },
            false => self,
        }
    }

    pub(super) fn keys(self) -> Result<Option<Credential>, Problem> {
        match (self.secret_id, self.secret_key, self.token) {
            (Some(id), Some(key), token) => {
                let token = token.map(Into::into);
                Ok(Some(Credential { secret_id: id.into(), secret_key: key.into(), token }))
            }
            (None, None, None) => Ok(None),
            (Some(_), None, _) => Err(Problem::Incomplete { given: "secret_id", missing: "secret_key" }),
            (None, Some(_), _) => Err(Problem::Incomplete { given: "secret_key", missing: "secret_id" }),
            (None, None, Some(_)) => Err(Problem::Incomplete { given: "security_token", missing: "secret_id" }),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::super::region;
    use super::*;

    /// The keys that would sign, or why there are none.
    fn chosen(arguments: &Arguments, variables: &Environment) -> Result<Option<Credential>, String> {
        let given = Given::of(arguments, variables);
        let profile = given.profile(arguments, variables).map_err(|problem| problem.to_string())?;
        given.or(&profile).keys().map_err(|problem| problem.to_string())
    }

    /// A home with a profile; removed when the test ends.
    pub(in super::super) struct Home(PathBuf);

    impl Home {
        pub(in super::super) fn with_profile(name: &str, files: &[(&str, &str)]) -> Self {
            let path = std::env::temp_dir().join(format!("tcmesh-home-{}-{name}", std::process::id()));
            fs::create_dir_all(path.join(".tccli")).expect("the temporary directory can be written");
            for (file, text) in files {
                fs::write(path.join(".tccli").join(file), text).expect("the directory can be written");
            }
            Self(path)
        }

        pub(in super::super) fn environment(&self) -> Environment {
            Environment::from([("HOME", self.0.to_str().expect("the temporary directory has a Unicode name"))])
        }
    }

    impl Drop for Home {
        fn drop(&mut self) {
            // What is left behind in the temporary directory does not change what the test found.
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn arguments_win_over_the_environment_one_by_one() {
        let variables = Environment::from([
            ("TENCENTCLOUD_SECRET_ID", "id of environment"),
            ("TENCENTCLOUD_SECRET_KEY", "key of environment"),
            ("TENCENTCLOUD_SECURITY_TOKEN", "token of environment"),
        ]);
        let arguments = Arguments { secret_id: Some("id of argument".into()), ..Arguments::default() };
        let expected = Credential {
            secret_id: "id of argument".into(),
            secret_key: "key of environment".into(),
            token: Some("token of environment".into()),
        };
        assert_eq!(chosen(&arguments, &variables), Ok(Some(expected)));
    }

    #[test]
    fn a_profile_is_read_where_nothing_else_is_given_and_gives_the_region_too() {
        let credential = r#"{"secretId": " id ", "secretKey": "key", "token": "token", "sso": {"x": 1}}"#;
        let configure = r#"{"_sys_param": {"region": "ap-shanghai", "output": "json"}}"#;
        let home = Home::with_profile("read", &[("default.credential", credential), ("default.configure", configure)]);
        let (arguments, variables) = (Arguments::default(), home.environment());
        let expected = Credential { secret_id: "id".into(), secret_key: "key".into(), token: Some("token".into()) };
        assert_eq!(chosen(&arguments, &variables), Ok(Some(expected)));
        assert_eq!(region(&arguments, &variables).ok().as_deref(), Some("ap-shanghai"));
        let keys = (Some("id".to_owned()), Some("key".into()));
        let arguments = Arguments { secret_id: keys.0, secret_key: keys.1, ..Arguments::default() };
        assert_eq!(region(&arguments, &variables).ok().as_deref(), Some("ap-guangzhou"));
    }

    #[test]
    fn profile_and_directory_are_chosen_by_argument_or_variable() {
        let text = r#"{"secretId": "id of other", "secretKey": "key"}"#;
        let home = Home::with_profile("other", &[("other.credential", text)]);
        let (profile, directory) = (Some("other".to_owned()), Some("~/.tccli".to_owned()));
        let arguments = Arguments { profile, shared_credentials_dir: directory, ..Arguments::default() };
        let keys = chosen(&arguments, &home.environment()).expect("the profile is there");
        assert_eq!(keys.map(|keys| keys.secret_id), Some("id of other".into()));
        let directory = home.0.join(".tccli");
        let variables = Environment::from([
            ("TENCENTCLOUD_PROFILE", "other"),
            ("TENCENTCLOUD_SHARED_CREDENTIALS_DIR", directory.to_str().expect("a Unicode name")),
        ]);
        let keys = chosen(&Arguments::default(), &variables).expect("the profile is there");
        assert_eq!(keys.map(|keys| keys.secret_id), Some("id of other".into()));
    }
}
