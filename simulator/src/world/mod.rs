//! The world file: what exists in the cloud when the simulator starts, and the rules it runs by.

mod accounts;
mod check;
mod settings;
mod things;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::PathBuf;

use ipnet::Ipv4Net;
use serde::Deserialize;
use serde::de::DeserializeOwned;

pub use self::accounts::{Account, IdentityProvider, MfaDevice, Policy, PolicyEffect, Role, Secret, Statement, User};
pub use self::settings::{
    ClockMode, ClockSettings, DetachRight, GatewayListRule, ManifestRule, Quotas, Settings, Step, Waits,
};
pub use self::things::{Cluster, ClusterKind, Domain, Endpoints, PodNetwork, Subnet, Vpc};

/// The worlds that the binary carries, by name.
const BUILT_IN: &[(&str, &str)] = &[
    ("cross-account", include_str!("../../worlds/cross-account.yaml")),
    ("fixed-waits", include_str!("../../worlds/fixed-waits.yaml")),
];

/// The public regions.
const REGIONS: &[&str] = &[
    "ap-bangkok",
    "ap-beijing",
    "ap-chengdu",
    "ap-chongqing",
    "ap-guangzhou",
    "ap-hongkong",
    "ap-jakarta",
    "ap-mumbai",
    "ap-nanjing",
    "ap-seoul",
    "ap-shanghai",
    "ap-singapore",
    "ap-tokyo",
    "eu-frankfurt",
    "na-ashburn",
    "na-siliconvalley",
    "na-toronto",
    "sa-saopaulo",
];

/// Everything that a world file says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct World {
    /// How time goes.
    #[serde(default)]
    pub clock: ClockSettings,
    /// How long the asynchronous steps take.
    #[serde(default)]
    pub waits: Waits,
    /// Rules that the cloud's documents leave open, and switches.
    #[serde(default)]
    pub settings: Settings,
    /// The largest numbers of things.
    #[serde(default)]
    pub quotas: Quotas,
    /// The root accounts by the name that this file uses for them.
    pub accounts: BTreeMap<String, Account>,
    /// Sub-users of the accounts.
    #[serde(default)]
    pub users: Vec<User>,
    /// Roles of the accounts.
    #[serde(default)]
    pub roles: Vec<Role>,
    /// Providers of identities, for `AssumeRoleWithWebIdentity` and `AssumeRoleWithSAML`.
    #[serde(default)]
    pub identity_providers: Vec<IdentityProvider>,
    /// Devices for multi-factor authentication.
    #[serde(default)]
    pub mfa_devices: Vec<MfaDevice>,
    /// Private networks.
    #[serde(default)]
    pub vpcs: Vec<Vpc>,
    /// Container clusters.
    #[serde(default)]
    pub clusters: Vec<Cluster>,
    /// Domains hosted by DNSPod.
    #[serde(default)]
    pub domains: Vec<Domain>,
}

/// Why a world cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// There is neither a file nor a built-in world of this name.
    #[error("cannot read the world file {path:?} (built-in worlds: {})", built_in_names())]
    Unreadable {
        /// What was asked for.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The text is not a world.
    #[error("the world file is not valid: {0}")]
    Malformed(String),
    /// The text is a world that contradicts itself.
    #[error("the world file is not valid: {0}")]
    Inconsistent(String),
}

impl World {
    /// Reads a world from its YAML text, which may be a variant: `extends: NAME` and other rules.
    ///
    /// # Errors
    /// Where the text is not YAML, has a key or value that no world has (the error names it), or contradicts itself.
    pub fn parse(text: &str) -> Result<Self, WorldError> {
        if text.lines().any(|line| line.starts_with("extends:")) {
            return read::<Variant>(text)?.world();
        }
        let world: Self = read(text)?;
        check::check(&world).map_err(WorldError::Inconsistent)?;
        Ok(world)
    }

    /// A built-in world by its name, else the world in the file of that name.
    ///
    /// # Errors
    /// Where there is no such file or it is not a world.
    pub fn load(name: &str) -> Result<Self, WorldError> {
        Self::parse(&text_of(name)?)
    }
}

/// A world file that is another one under other rules.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Variant {
    /// The world with the same things in it, as [`World::load`] takes it, but no variant itself.
    extends: String,
    clock: Option<ClockSettings>,
    waits: Option<Waits>,
    settings: Option<Settings>,
    quotas: Option<Quotas>,
}

impl Variant {
    fn world(self) -> Result<World, WorldError> {
        let base: World = read(&text_of(&self.extends)?)?;
        let world = World {
            clock: self.clock.unwrap_or(base.clock),
            waits: self.waits.unwrap_or(base.waits),
            settings: self.settings.unwrap_or(base.settings),
            quotas: self.quotas.unwrap_or(base.quotas),
            ..base
        };
        check::check(&world).map_err(WorldError::Inconsistent)?;
        Ok(world)
    }
}

fn text_of(name: &str) -> Result<Cow<'static, str>, WorldError> {
    if let Some((_, text)) = BUILT_IN.iter().find(|(known, _)| *known == name) {
        return Ok(Cow::Borrowed(text));
    }
    let text = std::fs::read_to_string(name);
    text.map(Cow::Owned).map_err(|source| WorldError::Unreadable { path: PathBuf::from(name), source })
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, WorldError> {
    serde_saphyr::from_str(text)
        .map_err(|error| WorldError::Malformed(error.to_string().trim_start_matches("error: ").to_owned()))
}

/// The names of the built-in worlds, for people.
fn built_in_names() -> String {
    BUILT_IN.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

/// Whether there is a public region of this name.
pub(crate) fn is_region(name: &str) -> bool {
    REGIONS.contains(&name)
}

/// The addresses of a network that machines can have: not the first, not the gateway's, not the last.
pub(crate) fn usable(cidr: Ipv4Net) -> impl Iterator<Item = Ipv4Addr> {
    cidr.hosts().skip(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = "accounts: { a: { uin: '100000000001', app_id: 1250000001 } }\n";

    #[test]
    fn every_built_in_world_is_valid() {
        for (name, _) in BUILT_IN {
            World::load(name).unwrap();
        }
    }

    #[test]
    fn a_variant_has_other_rules_and_the_same_things() {
        let world = World::parse("extends: cross-account\nwaits: { default: 2s, attach: 5ms }").unwrap();
        assert_eq!(world.vpcs.len(), 3);
        assert_eq!(world.waits.of(Step::Attach).duration().as_millis(), 5);
        assert_eq!(world.waits.of(Step::Detach).duration().as_millis(), 2_000);
    }

    #[test]
    fn an_unknown_key_is_named_with_its_place() {
        for (text, key) in [
            ("settings: { detatch: both }", "detatch"),
            ("waits: { atach: 1s }", "atach"),
            ("regions: []", "regions"),
            ("clock: { mode: explicit, speed: 2 }", "speed"),
        ] {
            let error = World::parse(&format!("{SMALL}{text}")).unwrap_err().to_string();
            assert!(error.contains(key), "{error}");
            assert!(error.contains("line 2"), "{error}");
        }
    }

    #[test]
    fn a_missing_file_names_the_built_in_worlds() {
        let error = World::load("/nowhere/world.yaml").unwrap_err().to_string();
        assert!(error.contains("/nowhere/world.yaml") && error.contains("cross-account"), "{error}");
    }

    #[test]
    fn keys_left_out_are_made_at_random_and_never_printed() {
        let one = World::parse(SMALL).unwrap();
        let other = World::parse(SMALL).unwrap();
        assert_ne!(one.accounts["a"].secret_key, other.accounts["a"].secret_key);
        assert!(!format!("{one:?}").contains(one.accounts["a"].secret_key.reveal()));
    }
}
