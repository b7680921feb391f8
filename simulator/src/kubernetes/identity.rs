//! Who makes a request.

/// The group whose members may do everything.
pub const MASTERS: &str = "system:masters";

/// A user and the groups that the user is in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    /// The user's name.
    pub user: String,
    /// The user's groups.
    pub groups: Vec<String>,
}

impl Identity {
    /// A user in groups.
    pub fn new(user: &str, groups: &[&str]) -> Self {
        Self { user: user.to_owned(), groups: groups.iter().map(|group| (*group).to_owned()).collect() }
    }

    /// Somebody who did not say who they are.
    pub(crate) fn anonymous() -> Self {
        Self::new("system:anonymous", &["system:unauthenticated"])
    }

    /// The account that pods of a namespace can run as.
    pub(crate) fn service_account(namespace: &str, name: &str) -> Self {
        let groups = ["system:serviceaccounts", &format!("system:serviceaccounts:{namespace}")];
        Self::new(&format!("system:serviceaccount:{namespace}:{name}"), &groups)
    }

    /// The identity with the group of everybody who is known.
    pub(crate) fn authenticated(mut self) -> Self {
        self.groups.push("system:authenticated".to_owned());
        self
    }

    /// Whether the user is in a group.
    pub(crate) fn is_in(&self, group: &str) -> bool {
        self.groups.iter().any(|it| it == group)
    }
}
