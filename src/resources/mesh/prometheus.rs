//! The block `prometheus` of a mesh's `config`.

use super::standing::{Failure, Standing};
use crate::cloud::api::tcm::{CustomPromConfig, MeshStatus, PrometheusConfig};
use crate::cloud::credentials::Secret;
use crate::framework::{Computed, Diagnostics, Model, Planned, WriteOnly};
use crate::resources::ids::checks;

/// The Prometheus that collects metrics: one that the cloud creates (`vpc_id` and `subnet_id`), one that exists
/// (`instance_id`), or your own (`custom`). Another one is linked in its place; the block left out, it is unlinked. What the
/// cloud created is not deleted.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Prometheus {
    /// The region of the instance, for example `ap-guangzhou`.
    #[tf(optional, computed, check = checks::region)]
    pub region: Computed<String>,
    /// The VPC of a new instance, for example `vpc-86v957zb`.
    #[tf(optional, computed, check = checks::vpc, changes_with("instance_id"))]
    pub vpc_id: Computed<String>,
    /// The subnet of a new instance, for example `subnet-5o0m3rtc`.
    #[tf(optional, computed, check = checks::subnet, changes_with("instance_id"))]
    pub subnet_id: Computed<String>,
    /// The instance, for example `prom-35pxn5pm`.
    #[tf(optional, computed, changes_with("vpc_id", "subnet_id", "region"))]
    pub instance_id: Computed<String>,
    /// A Prometheus of your own.
    #[tf(block)]
    pub custom: Option<Custom>,
}

/// A Prometheus of your own.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Custom {
    /// Its address, for example `http://10.0.0.9:9090`.
    #[tf(required, check = check_url)]
    pub url: String,
    /// How it is logged in to: `none` or `basic`.
    #[tf(optional, default = "none", one_of("none", "basic"))]
    pub auth_type: String,
    /// Whether the address is on the internet, for example `false`.
    #[tf(optional, computed)]
    pub is_public: Computed<bool>,
    /// The VPC of an address that is not on the internet, for example `vpc-86v957zb`.
    #[tf(optional, computed, check = checks::vpc)]
    pub vpc_id: Computed<String>,
    /// The user of `basic`, for example `mesh`.
    #[tf(optional)]
    pub username: Option<String>,
    /// The password of `basic`. It is stored nowhere: change `password_version` to have another one sent.
    #[tf(optional, write_only)]
    pub password_wo: WriteOnly<String>,
    /// Stands for the password in the state, for example `2`.
    #[tf(optional, config_only)]
    pub password_version: Option<String>,
}

impl Prometheus {
    /// The request to link it, with the password that only the configuration holds.
    pub(super) fn request(&self, config: Option<&Self>) -> PrometheusConfig {
        let mut request = PrometheusConfig::from(self);
        let password = config.and_then(|config| config.custom.as_ref()?.password_wo.get());
        if let Some(custom) = &mut request.custom_prom {
            custom.password = password.cloned().map(Secret::from);
        }
        request
    }

    /// How far it is linked. `PENDING` is documented; that it may be `ABNORMAL` is assumed after the states of meshes, and
    /// that one of your own is not listed, after the type `tmp` of those that are.
    pub(super) fn standing(&self, status: Option<&MeshStatus>) -> Standing {
        let state = status.and_then(|status| status.tps.as_ref()?.state.as_deref());
        match state {
            None if self.custom.is_some() => Standing::Reached(()),
            None | Some("PENDING") => Standing::Pending("its Prometheus is not linked yet".into()),
            Some("ABNORMAL") => {
                Standing::Failed(Failure { seen: "the Prometheus of the mesh is ABNORMAL".into(), reason: None })
            }
            Some(_) => Standing::Reached(()),
        }
    }
}

impl From<PrometheusConfig> for Prometheus {
    fn from(found: PrometheusConfig) -> Self {
        let PrometheusConfig { vpc_id, subnet_id, region, instance_id, custom_prom } = found;
        Self {
            region: region.into(),
            vpc_id: vpc_id.into(),
            subnet_id: subnet_id.into(),
            instance_id: instance_id.into(),
            custom: custom_prom.map(Into::into),
        }
    }
}

impl From<&Prometheus> for PrometheusConfig {
    fn from(Prometheus { region, vpc_id, subnet_id, instance_id, custom }: &Prometheus) -> Self {
        Self {
            vpc_id: vpc_id.get().cloned(),
            subnet_id: subnet_id.get().cloned(),
            region: region.get().cloned(),
            instance_id: instance_id.get().cloned(),
            custom_prom: custom.as_ref().map(|custom| CustomPromConfig {
                url: custom.url.clone(),
                auth_type: custom.auth_type.clone(),
                is_public_addr: custom.is_public.get().copied(),
                vpc_id: custom.vpc_id.get().cloned(),
                username: custom.username.clone(),
                password: None,
            }),
        }
    }
}

impl From<CustomPromConfig> for Custom {
    fn from(found: CustomPromConfig) -> Self {
        let CustomPromConfig { url, auth_type, is_public_addr, vpc_id, username, password: _ } = found;
        Self {
            url,
            auth_type,
            is_public: is_public_addr.into(),
            vpc_id: vpc_id.into(),
            username: username.filter(|name| !name.is_empty()),
            ..Self::default()
        }
    }
}

fn check_url(text: &str) -> Result<(), String> {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    match rest {
        Some(host) if !host.is_empty() && !host.contains(char::is_whitespace) => Ok(()),
        _ => Err("Expected an address such as `http://10.0.0.9:9090`.".into()),
    }
}

/// What `basic` needs, and which kinds exclude each other.
pub(super) fn check<M: Model>(planned: &Planned<'_, M>, diagnostics: &mut Diagnostics) {
    let Some(prometheus) = planned.object("config.prometheus") else { return };
    let Some(custom) = prometheus.object("custom") else { return };
    for name in ["region", "vpc_id", "subnet_id", "instance_id"] {
        if planned.is_configured(&format!("config.prometheus.{name}")) {
            let detail = "It describes a Prometheus of the cloud: leave it out beside `custom`.";
            diagnostics.error(prometheus.at(name), "Two kinds of Prometheus", detail);
        }
    }
    let basic = custom.known::<String>("auth_type").as_deref() == Some("basic");
    for name in ["username", "password_wo"] {
        if basic && custom.is_null(name) {
            diagnostics.error(custom.at(name), "Missing argument", "`auth_type = \"basic\"` needs it.");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::value::Value;
    use crate::resources::mesh::config::Config;
    use crate::resources::mesh::mesh::Mesh;

    /// Where the rules find something wrong.
    fn found(prometheus: &Prometheus, with_password: bool) -> Vec<String> {
        let config = Config { prometheus: Some(prometheus.clone()), ..Config::default() };
        let mut object = Mesh { config: Some(config), ..Mesh::default() }.to_object();
        if with_password {
            object = with(object, &["config", "prometheus", "custom", "password_wo"], "secret".into());
        }
        let mut diagnostics = Diagnostics::default();
        check(&Planned::<Mesh>::new(&object, &Value::Null, &object), &mut diagnostics);
        diagnostics.iter().map(|found| found.path.to_string()).collect()
    }

    /// An object with another value at a place in it: write-only values are in configurations, and in no model.
    fn with(object: Value, names: &[&str], value: Value) -> Value {
        let (Value::Map(mut entries), Some((name, rest))) = (object, names.split_first()) else { return value };
        let inner = entries.remove(*name).unwrap_or(Value::Null);
        entries.insert((*name).to_owned(), with(inner, rest, value));
        Value::Map(entries)
    }

    fn basic() -> Custom {
        Custom { auth_type: "basic".into(), username: Some("mesh".into()), ..Custom::default() }
    }

    #[test]
    fn basic_needs_user_and_password() {
        let prometheus = |custom| Prometheus { custom: Some(custom), ..Prometheus::default() };
        assert_eq!(found(&prometheus(basic()), true), [""; 0]);
        assert_eq!(found(&prometheus(basic()), false), ["config.prometheus.custom.password_wo"]);
        let nobody = Custom { username: None, ..basic() };
        assert_eq!(found(&prometheus(nobody), true), ["config.prometheus.custom.username"]);
        assert_eq!(found(&prometheus(Custom { auth_type: "none".into(), ..Custom::default() }), false), [""; 0]);
    }

    #[test]
    fn a_prometheus_of_your_own_is_none_of_the_cloud() {
        let both = Prometheus { custom: Some(basic()), vpc_id: "vpc-1".into(), ..Prometheus::default() };
        assert_eq!(found(&both, true), ["config.prometheus.vpc_id"]);
    }

    #[test]
    fn an_address_is_checked_by_form() {
        assert!(check_url("http://10.0.0.9:9090").is_ok());
        for wrong in ["", "10.0.0.9:9090", "http://", "http://a b"] {
            assert!(check_url(wrong).is_err(), "{wrong}");
        }
    }
}
