//! Many objects made and destroyed by one provider process, whose memory and open files must not grow.
//!
//! `make soak` runs it for 10,000 cycles and writes what was measured to `target/reports/soak.json`.

use std::fs;
use std::path::Path;
use std::time::Instant;

use serde_json::{Value as Json, json};
use tcmesh::framework::value::Value;
use tcmesh::proto::tfplugin6::provider_client::ProviderClient;
use tcmesh::proto::tfplugin6::{
    Diagnostic, DynamicValue, apply_resource_change, configure_provider, plan_resource_change, read_resource,
};
use tcmesh::provider::{self, Tcmesh};
use tcmesh::scope::StopSwitch;

use crate::harness::client::{Terraform, message};
use crate::harness::connection::Connection;
use crate::harness::plugin::Plugin;
use crate::harness::world::World;

/// How many cycles, where not a hundred.
const CYCLES: &str = "TCMESH_SOAK_CYCLES";
/// The share of the cycles after which everything that is kept has been made.
const WARM_UP: usize = 5;
/// How much the peak of memory may grow after that, in percent.
const GROWTH: f64 = 5.0;
/// No step of the cloud takes time.
const AT_ONCE: &str = "extends: cross-account\nwaits: { default: 0ms }\n";

/// A provider process with the keys of account `a`.
struct Driver {
    client: ProviderClient<Connection>,
    /// Knows the schemas, and makes configurations.
    schemas: Terraform<Tcmesh>,
}

/// An object as its process answered it.
#[derive(Clone, Default)]
struct Made {
    state: Option<DynamicValue>,
    private: bytes::Bytes,
    identity: Option<tcmesh::proto::tfplugin6::ResourceIdentityData>,
}

impl Driver {
    async fn new(plugin: &Plugin, world: &World) -> Self {
        let schemas = Terraform::of(|| provider::server(StopSwitch::default()));
        let (id, key) = world.keys("a");
        let block = json!({
            "endpoint": world.endpoint(), "region": "ap-guangzhou", "cluster_endpoint": "extranet",
            "secret_id": id, "secret_key": key, "requests_per_second": 1000,
        });
        let mut client = plugin.connect().await.provider();
        let config = message(&schemas.provider(block));
        let request = configure_provider::Request { config, ..Default::default() };
        without_errors(&client.configure_provider(request).await.unwrap().into_inner().diagnostics);
        Self { client, schemas }
    }

    /// Creates an object, reads it, and destroys it.
    async fn cycle(&mut self, type_name: &str, attributes: Json) {
        let config = message(&self.schemas.config(type_name, attributes));
        let nothing = message(&Value::Null);
        let made = self.change(type_name, &config, Made { state: nothing.clone(), ..Made::default() }).await;
        let request = read_resource::Request {
            type_name: type_name.to_owned(),
            current_state: made.state.clone(),
            private: made.private.clone(),
            current_identity: made.identity.clone(),
            ..Default::default()
        };
        let read = self.client.read_resource(request).await.unwrap().into_inner();
        without_errors(&read.diagnostics);
        assert_eq!(read.new_state, made.state);
        assert_eq!(self.change(type_name, &nothing, made).await.state, nothing);
    }

    async fn change(&mut self, type_name: &str, config: &Option<DynamicValue>, prior: Made) -> Made {
        let type_name = type_name.to_owned();
        let request = plan_resource_change::Request {
            type_name: type_name.clone(),
            prior_state: prior.state.clone(),
            proposed_new_state: config.clone(),
            config: config.clone(),
            prior_private: prior.private,
            prior_identity: prior.identity,
            ..Default::default()
        };
        let planned = self.client.plan_resource_change(request).await.unwrap().into_inner();
        without_errors(&planned.diagnostics);
        let request = apply_resource_change::Request {
            type_name,
            prior_state: prior.state,
            planned_state: planned.planned_state,
            config: config.clone(),
            planned_private: planned.planned_private,
            planned_identity: planned.planned_identity,
            provider_meta: None,
        };
        let applied = self.client.apply_resource_change(request).await.unwrap().into_inner();
        without_errors(&applied.diagnostics);
        Made { state: applied.new_state, private: applied.private, identity: applied.new_identity }
    }
}

fn without_errors(diagnostics: &[Diagnostic]) {
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
}

/// What a process holds.
struct Held {
    /// The peak of its memory, in KiB.
    peak: u64,
    files: usize,
}

impl Held {
    fn by(process: u32) -> Self {
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        let peak = line.split_whitespace().next().unwrap().parse().unwrap();
        Self { peak, files: fs::read_dir(format!("/proc/{process}/fd")).unwrap().count() }
    }
}

#[test]
fn a_process_that_makes_and_destroys_for_long_holds_no_more_than_at_first() {
    let cycles = std::env::var(CYCLES).map_or(100, |cycles| cycles.parse().unwrap());
    let world = World::with(AT_ONCE);
    let begun = Instant::now();
    let (before, after) = world.block_on(async {
        let plugin = Plugin::start().await;
        let mut driver = Driver::new(&plugin, &world).await;
        let mut before = None;
        for number in 0..cycles {
            if number == cycles / WARM_UP {
                before = Some(Held::by(plugin.process.id()));
            }
            let tags = json!({"cycle": number.to_string()});
            driver.cycle("tcmesh_ccn", json!({"name": format!("run-{number}"), "tags": tags})).await;
            let metadata = format!("{{name: run-{number}, namespace: default}}");
            let yaml = format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {metadata}\n");
            driver.cycle("tcmesh_manifest", json!({"cluster_id": "cls-hub00001", "yaml": yaml})).await;
        }
        let after = Held::by(plugin.process.id());
        plugin.shut_down().await;
        (before.unwrap(), after)
    });
    #[allow(clippy::cast_precision_loss, reason = "no process holds 2^53 KiB")]
    let growth = (after.peak as f64 / before.peak as f64 - 1.0) * 100.0;
    let report = json!({
        "cycles": cycles, "warm_up": cycles / WARM_UP, "wall_s": begun.elapsed().as_secs(),
        "peak_kib": {"after_warm_up": before.peak, "at_end": after.peak, "growth_percent": (growth * 100.0).round() / 100.0},
        "files": {"after_warm_up": before.files, "at_end": after.files},
    });
    if std::env::var_os(CYCLES).is_some() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/reports");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("soak.json"), format!("{report:#}\n")).unwrap();
    }
    assert!(growth <= GROWTH, "{report}");
    assert!(after.files <= before.files, "{report}");
}
