//! What watches a mesh: Prometheus, tracing, access logs. They are kept and answered; nothing is watched.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::check_one_of;
use super::config::{self, AccessLog, Apm, Cls, PrometheusConfig, SelectedRange, Tracing, Zipkin};
use super::{merge, owned, running, store};
use crate::front::{Action, Answer, ApiError, Call};
use crate::ids;
use crate::state::{Prometheus, PrometheusState};
use crate::world::Step;

/// Links a Prometheus to a mesh.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LinkPrometheus {
    #[serde(rename = "MeshID")]
    mesh_id: String,
    #[serde(rename = "Prometheus")]
    prometheus: PrometheusConfig,
}

impl Action for LinkPrometheus {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let linked = prometheus(call, &self.prometheus);
        let mut mesh = running(call, &self.mesh_id)?;
        mesh.config["Prometheus"] = linked.config.clone();
        mesh.prometheus = Some(linked);
        store(call, mesh);
        Ok(json!({}))
    }
}

/// A Prometheus that is being linked.
pub(super) fn prometheus(call: &Call<'_>, config: &PrometheusConfig) -> Prometheus {
    let id = config.instance_id.clone().filter(|id| !id.is_empty()).unwrap_or_else(|| ids::resource("prom"));
    let states = (PrometheusState::Pending, PrometheusState::Running, PrometheusState::Abnormal);
    let phase = call.cloud.timing.begin(Step::Prometheus, states.0, states.1, states.2);
    Prometheus { id, config: config::json_of(config), phase }
}

/// Takes the Prometheus from a mesh.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UnlinkPrometheus {
    #[serde(rename = "MeshID")]
    mesh_id: String,
}

impl Action for UnlinkPrometheus {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let mut mesh = running(call, &self.mesh_id)?;
        if mesh.prometheus.take().is_none() {
            return Err(ApiError::new("ResourceNotFound", "The mesh has no Prometheus."));
        }
        mesh.config["Prometheus"] = Value::Null;
        store(call, mesh);
        Ok(json!({}))
    }
}

/// Changes how requests are traced.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ModifyTracingConfig {
    mesh_id: String,
    enable: Option<bool>,
    #[serde(rename = "APM")]
    apm: Option<Apm>,
    sampling: Option<f64>,
    zipkin: Option<Zipkin>,
}

impl Action for ModifyTracingConfig {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let mut mesh = running(call, &self.mesh_id)?;
        let Self { enable, apm, sampling, zipkin, .. } = self;
        if sampling.is_some_and(|percent| !(0.0..=100.0).contains(&percent)) {
            return Err(ApiError::invalid_value("`Sampling` is a percentage."));
        }
        merge(&mut mesh.config["Tracing"], config::json_of(&Tracing { sampling, enable, apm, zipkin }));
        store(call, mesh);
        Ok(json!({}))
    }
}

/// Changes which requests are logged and where.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ModifyAccessLogConfig {
    mesh_id: String,
    selected_range: Option<SelectedRange>,
    template: Option<String>,
    enable: Option<bool>,
    #[serde(rename = "CLS")]
    cls: Option<Cls>,
    encoding: Option<String>,
    format: Option<String>,
    enable_stdout: Option<bool>,
    enable_server: Option<bool>,
    address: Option<String>,
}

impl Action for ModifyAccessLogConfig {
    fn run(self, call: &mut Call<'_>) -> Answer {
        self.template.iter().try_for_each(|it| check_one_of("Template", it, &["istio", "trace", "custom"]))?;
        self.encoding.iter().try_for_each(|it| check_one_of("Encoding", it, &["TEXT", "JSON"]))?;
        let mut mesh = running(call, &self.mesh_id)?;
        let change = AccessLog {
            selected_range: self.selected_range,
            template: self.template,
            enable: self.enable,
            cls: self.cls,
            encoding: self.encoding,
            format: self.format,
            enable_stdout: self.enable_stdout,
            enable_server: self.enable_server,
            address: self.address,
        };
        merge(&mut mesh.config["AccessLog"], config::json_of(&change));
        store(call, mesh);
        Ok(json!({}))
    }
}

/// Says which requests are logged and where.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DescribeAccessLogConfig {
    mesh_id: String,
}

impl Action for DescribeAccessLogConfig {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let mut answer = json!({
            "File": "/dev/stdout",
            "Format": "",
            "Encoding": "TEXT",
            "SelectedRange": { "Items": [], "All": false },
            "Template": "istio",
            "CLS": { "Enable": false, "LogSet": "", "Topic": "", "NeedDelete": false },
            "Address": "",
            "EnableServer": false,
            "EnableStdout": false,
            "Enable": false,
        });
        merge(&mut answer, owned(call, &self.mesh_id)?.config["AccessLog"].clone());
        Ok(answer)
    }
}
