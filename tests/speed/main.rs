//! How fast the provider starts and how much memory it takes, measured from outside as Terraform would see it. Prints one
//! JSON object; `make bench` turns it into a table. `TCMESH_PROVIDER` names the executable.

#![allow(clippy::unwrap_used, reason = "a measurement that cannot go on has failed")]
#![allow(clippy::print_stdout, reason = "the figures are the output")]
#![allow(clippy::disallowed_methods, reason = "a program of its own")]
#![allow(dead_code, reason = "the protocol tests use more of the harness")]

mod harness;

use std::fs;
use std::time::{Duration, Instant};

use harness::plugin::Plugin;
use serde_json::json;
use tcmesh::proto::tfplugin6::get_provider_schema;

const RUNS: usize = 30;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    // The first start pays for a cold file cache.
    let _ = measure().await;
    let (mut starts, mut schemas, mut peaks) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let (start, schema, peak) = measure().await;
        starts.push(milliseconds(start));
        schemas.push(milliseconds(schema));
        peaks.push(peak);
    }
    let figures =
        json!({"handshake_ms": median(starts), "schema_ms": median(schemas), "schema_peak_mib": median(peaks)});
    println!("{figures}");
}

/// Start to handshake, the first schema call, and the peak of memory after it in MiB.
async fn measure() -> (Duration, Duration, f64) {
    let plugin = Plugin::start().await;
    let start = plugin.started_in;
    let connection = plugin.connect().await;
    let mut client = connection.provider();
    let asked = Instant::now();
    client.get_provider_schema(get_provider_schema::Request {}).await.unwrap();
    let schema = asked.elapsed();
    let peak = peak_mib(plugin.process.id());
    plugin.shut_down().await;
    (start, schema, peak)
}

/// `VmHWM`: `getrusage` would show the peak of the parent before it started this process.
fn peak_mib(process: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
