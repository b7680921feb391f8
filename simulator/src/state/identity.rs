//! Accounts, the keys that sign for them, and what each key may do.

use std::collections::BTreeMap;
use std::{fmt, iter};

use jiff::Timestamp;
use serde::Serialize;

use super::role::Role;
use crate::ids;
use crate::issued::Issued;
use crate::world::{Policy, Secret, World};

/// The number of a root account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Uin(String);

impl Uin {
    /// The number in decimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Uin {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for Uin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A root account.
#[derive(Clone, Debug, Serialize)]
pub struct Account {
    /// The name the world file uses for it.
    pub name: String,
    /// Its root uin.
    pub uin: Uin,
    /// Its application id.
    pub app_id: u64,
}

/// Who signs a request.
#[derive(Clone, Debug, Serialize)]
pub struct Caller {
    /// The account that is acted for.
    pub account: Account,
    /// Who acts.
    pub principal: Principal,
}

/// Who acts for an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Principal {
    /// The account itself: it may do everything.
    Root,
    /// A sub-user.
    User {
        /// Its own uin.
        uin: String,
        /// Its name.
        name: String,
    },
    /// Somebody who has assumed a role for a while.
    Session {
        /// The role.
        role_id: String,
        /// The name given to the session.
        name: String,
        /// What the session is narrowed to.
        #[serde(skip)]
        narrowed: Option<Policy>,
    },
}

impl Caller {
    /// The root uin of the account acted for.
    pub fn uin(&self) -> &Uin {
        &self.account.uin
    }

    /// The caller's own number: `UserId` of `GetCallerIdentity`, and the user name in clusters.
    pub fn user_id(&self) -> String {
        match &self.principal {
            Principal::Root => self.uin().to_string(),
            Principal::User { uin, .. } => uin.clone(),
            Principal::Session { role_id, name, .. } => format!("{role_id}:{name}"),
        }
    }
}

/// A key that signs requests.
#[derive(Clone, Debug)]
pub struct Key {
    /// What it signs with.
    pub secret: Secret,
    /// What must come with it, for a temporary key.
    pub token: Option<Secret>,
    /// When it stops working, for a temporary key.
    pub expires: Option<Timestamp>,
    /// Whom it stands for.
    pub caller: Caller,
}

/// A device that shows codes.
#[derive(Clone, Debug)]
struct Device {
    owner: Uin,
    serial_number: String,
    /// Those that were not used yet.
    codes: Vec<Secret>,
}

/// A provider of web identities.
#[derive(Clone, Debug)]
struct Provider {
    owner: Uin,
    name: String,
    tokens: Vec<Secret>,
}

/// All accounts with their users, roles and keys.
#[derive(Clone, Debug, Serialize)]
pub struct Identity {
    accounts: BTreeMap<Uin, Account>,
    users: BTreeMap<String, Policy>,
    /// All roles of all accounts.
    pub roles: Vec<Role>,
    #[serde(skip)]
    providers: Vec<Provider>,
    #[serde(skip)]
    devices: Vec<Device>,
    #[serde(skip)]
    keys: BTreeMap<String, Key>,
    #[serde(skip)]
    issued: Issued,
}

impl Identity {
    pub(super) fn new(world: &World, now: Timestamp, issued: Issued) -> Self {
        let uin = |account: &str| Uin::from(world.accounts[account].uin.as_str());
        let mut identity = Self {
            accounts: BTreeMap::new(),
            users: world.users.iter().map(|user| (user.uin.clone(), user.policy.clone())).collect(),
            roles: world.roles.iter().map(|role| Role::from_world(role, uin(&role.account), now)).collect(),
            providers: (world.identity_providers.iter())
                .map(|it| Provider { owner: uin(&it.account), name: it.name.clone(), tokens: it.tokens.clone() })
                .collect(),
            devices: (world.mfa_devices.iter())
                .map(|it| Device {
                    owner: uin(&it.account),
                    serial_number: it.serial_number.clone(),
                    codes: it.codes.clone(),
                })
                .collect(),
            keys: BTreeMap::new(),
            issued,
        };
        identity.add_accounts(world);
        identity.add_users(world);
        for token in identity.providers.iter().flat_map(|provider| &provider.tokens) {
            identity.issued.note("token of an identity provider", token.reveal());
        }
        identity
    }

    fn add_accounts(&mut self, world: &World) {
        for (name, account) in &world.accounts {
            let uin = Uin::from(account.uin.as_str());
            let known = Account { name: name.clone(), uin: uin.clone(), app_id: account.app_id };
            let caller = Caller { account: known.clone(), principal: Principal::Root };
            self.accounts.insert(uin, known);
            self.add_key(&account.secret_id, &account.secret_key, caller);
        }
    }

    fn add_users(&mut self, world: &World) {
        for user in &world.users {
            let account = self.accounts[&Uin::from(world.accounts[&user.account].uin.as_str())].clone();
            let principal = Principal::User { uin: user.uin.clone(), name: user.name.clone() };
            self.add_key(&user.secret_id, &user.secret_key, Caller { account, principal });
        }
    }

    fn add_key(&mut self, id: &str, secret: &Secret, caller: Caller) {
        self.insert(id, Key { secret: secret.clone(), token: None, expires: None, caller });
    }

    fn insert(&mut self, id: &str, key: Key) {
        self.issued.note("secret key", key.secret.reveal());
        if let Some(token) = &key.token {
            self.issued.note("session token", token.reveal());
        }
        self.keys.insert(id.to_owned(), key);
    }

    /// The key with this secret id.
    pub fn key(&self, secret_id: &str) -> Option<&Key> {
        self.keys.get(secret_id)
    }

    /// The root account with this uin.
    pub fn account(&self, uin: &Uin) -> Option<&Account> {
        self.accounts.get(uin)
    }

    /// The role of this account with this name or id.
    pub fn role(&self, owner: &Uin, name_or_id: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.owner == *owner && role.is(name_or_id))
    }

    /// The same, to change it.
    pub fn role_mut(&mut self, owner: &Uin, name_or_id: &str) -> Option<&mut Role> {
        self.roles.iter_mut().find(|role| role.owner == *owner && role.is(name_or_id))
    }

    /// Whether this identity provider of the account stands for the token.
    pub fn vouches(&self, owner: &Uin, provider: &str, token: &str) -> bool {
        let known = |it: &&Provider| it.owner == *owner && it.name == provider;
        self.providers.iter().filter(known).any(|it| it.tokens.iter().any(|secret| secret.reveal() == token))
    }

    /// Uses up a code of a device of the account; says whether it had that code.
    pub fn use_code(&mut self, owner: &Uin, serial_number: &str, code: &str) -> bool {
        let meant = |it: &&mut Device| it.owner == *owner && it.serial_number == serial_number;
        let device = self.devices.iter_mut().find(meant);
        device.is_some_and(|it| it.codes.extract_if(.., |known| known.reveal() == code).next().is_some())
    }

    /// The policies that say what `caller` may do: each inner list must allow it. The root account has none.
    pub fn policies<'a>(&'a self, caller: &'a Caller) -> Vec<Vec<&'a Policy>> {
        match &caller.principal {
            Principal::Root => Vec::new(),
            Principal::User { uin, .. } => vec![self.users.get(uin).into_iter().collect()],
            Principal::Session { role_id, narrowed, .. } => {
                let role = self.role(caller.uin(), role_id);
                let granted = role.into_iter().flat_map(|role| role.policies.values()).collect();
                iter::once(granted).chain(narrowed.iter().map(|policy| vec![policy])).collect()
            }
        }
    }

    /// Opens a session of a role until `expires`: the id of its temporary key, and the key.
    pub fn open_session(
        &mut self,
        role: &Role,
        name: &str,
        narrowed: Option<Policy>,
        expires: Timestamp,
    ) -> (String, Key) {
        let account = self.accounts[&role.owner].clone();
        let principal = Principal::Session { role_id: role.id.clone(), name: name.to_owned(), narrowed };
        self.temporary_key(Caller { account, principal }, expires)
    }

    /// A key of a caller that works until `expires`: its id, and the key.
    pub fn temporary_key(&mut self, caller: Caller, expires: Timestamp) -> (String, Key) {
        let token = Some(Secret::new(ids::session_token()));
        let key = Key { secret: Secret::default(), token, expires: Some(expires), caller };
        let id = ids::secret_id();
        self.insert(&id, key.clone());
        (id, key)
    }
}
