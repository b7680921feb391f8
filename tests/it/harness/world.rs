//! A simulated cloud of a test's own.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{env, fs};

use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::Value;
use tcmesh::cloud::credentials::{self, Arguments, Environment, Secret};
use tcmesh::cloud::endpoint::Endpoints;
use tcmesh::cloud::{self, Client};
use tcmesh::kubernetes::{Cluster, Connection};
use tcmesh::scope::Scope;
use tcmesh_simulator::state::SharedCloud;
use tcmesh_simulator::world::World as Description;
use tcmesh_simulator::{Handle, Options, Ready, Simulator};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

/// The story's world, in which every asynchronous step takes 20 ms.
pub(crate) const QUICK: &str = "extends: cross-account\nwaits: { default: 20ms }\n";

/// A running simulator, and a runtime for what a test does there itself.
pub(crate) struct World {
    handle: Handle,
    runtime: Runtime,
}

impl World {
    /// The story's world.
    pub(crate) fn start() -> Self {
        Self::with(QUICK)
    }

    /// A world by its description, in YAML.
    pub(crate) fn with(description: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        Self::start_on(runtime, Description::parse(description).unwrap())
    }

    /// A world in which everything, the provider too, happens on the thread that calls [`block_on`](Self::block_on), and
    /// only meanwhile.
    pub(crate) fn on_this_thread(description: Description) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self::start_on(runtime, description)
    }

    fn start_on(runtime: Runtime, description: Description) -> Self {
        // Installed once; a second time is refused, which does no harm.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let options = Options { kubeconfigs: real_clusters(&description), ..Options::default() };
        let handle = runtime.block_on(Simulator::start(description, options)).unwrap();
        Self { handle, runtime }
    }

    /// A cluster, with all rights.
    pub(crate) fn cluster(&self, id: &str) -> Cluster {
        let kubeconfig = fs::read_to_string(self.handle.ready().clusters[id].kubeconfig.as_ref().unwrap()).unwrap();
        let connection = Connection::from_kubeconfig(&kubeconfig, None).unwrap();
        self.block_on(Cluster::connect(&connection)).unwrap()
    }

    /// The simulated cloud itself.
    pub(crate) fn cloud(&self) -> &SharedCloud {
        self.handle.cloud()
    }

    /// The address of all services.
    pub(crate) fn endpoint(&self) -> String {
        self.handle.endpoint()
    }

    /// The address of the name servers.
    pub(crate) fn dns(&self) -> String {
        self.handle.dns().to_string()
    }

    /// What the simulator says of its world when it is ready.
    pub(crate) fn ready(&self) -> Ready {
        self.handle.ready()
    }

    /// ID and key of an account, by its name in the world.
    pub(crate) fn keys(&self, account: &str) -> (String, String) {
        let ready = self.handle.ready();
        let account = &ready.accounts[account];
        (account.secret_id.clone(), account.secret_key.clone())
    }

    /// A client of a cluster that may do everything there. It must be made and used on the world's runtime.
    pub(crate) async fn kubernetes(&self, cluster_id: &str) -> kube::Client {
        let path = self.handle.ready().clusters[cluster_id].kubeconfig.clone().unwrap();
        let kubeconfig = Kubeconfig::read_from(path).unwrap();
        let config = kube::Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await.unwrap();
        kube::Client::try_from(config).unwrap()
    }

    /// A client with the keys of an account, as somebody who works at the console would have.
    pub(crate) fn client(&self, account: &str) -> Client {
        let (id, key) = self.keys(account);
        let arguments = Arguments { secret_id: Some(id), secret_key: Some(Secret::from(key)), ..Arguments::default() };
        let keys = credentials::resolve(&arguments, &Environment::default()).unwrap();
        let endpoints = Endpoints { all: Some(self.endpoint()), ..Endpoints::default() };
        Client::new(cloud::Options { endpoints, ..cloud::Options::new(Arc::clone(&keys), "ap-guangzhou") }).unwrap()
    }

    /// Does something in the world, outside of Terraform, within a minute.
    pub(crate) fn does<T>(&self, work: impl AsyncFnOnce(&Scope) -> T) -> T {
        self.block_on(async { work(&Scope::unstopped(Duration::from_secs(60))).await })
    }

    /// Runs a future on the world's runtime.
    pub(crate) fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// What a control endpoint answers, for example `journal`.
    pub(crate) fn look(&self, path: &str) -> Value {
        self.request("GET", path, "")
    }

    /// Posts JSON to a control endpoint, for example `faults`.
    pub(crate) fn control(&self, path: &str, body: &Value) {
        self.request("POST", path, &body.to_string());
    }

    /// Asks a control endpoint, on a connection of its own: a client with TLS takes long to make.
    pub(crate) fn request(&self, method: &str, path: &str, body: &str) -> Value {
        let address = self.endpoint().trim_start_matches("http://").to_owned();
        let headers = format!("host: {address}\r\nconnection: close\r\ncontent-length: {}", body.len());
        let request = format!("{method} /_sim/{path} HTTP/1.1\r\n{headers}\r\n\r\n{body}");
        let mut answer = Vec::new();
        self.block_on(async {
            let mut stream = TcpStream::connect(&address).await.unwrap();
            stream.write_all(request.as_bytes()).await.unwrap();
            stream.read_to_end(&mut answer).await.unwrap();
        });
        let text = String::from_utf8(answer).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{path}: {text}");
        serde_json::from_str(body).unwrap()
    }

    /// The calls since `since` that changed something, as `service:Action` or `service:Action code`.
    pub(crate) fn writes_since(&self, since: usize) -> Vec<String> {
        let journal = self.look("journal");
        let calls = journal.as_array().unwrap().iter().skip(since).filter(|call| call["write"] == true);
        let text = |call: &Value, key: &str| call[key].as_str().unwrap_or_default().to_owned();
        calls
            .map(|call| {
                format!("{}:{} {}", text(call, "service"), text(call, "action"), text(call, "code")).trim().to_owned()
            })
            .collect()
    }

    /// The answer of a gateway, which the world must have one of, to a request with this `Host` header: status and body.
    pub(crate) fn ask(&self, host: &str, path: &str) -> (u16, String) {
        let gateways = self.look("gateways");
        let listener = gateways.as_object().unwrap().values().next().unwrap()["80"].as_str().unwrap().to_owned();
        self.block_on(async {
            let request = reqwest::Client::new().get(format!("http://{listener}{path}")).header("host", host);
            let answer = request.send().await.unwrap();
            (answer.status().as_u16(), answer.text().await.unwrap().trim().to_owned())
        })
    }

    /// How many calls there were.
    pub(crate) fn calls(&self) -> usize {
        self.look("journal").as_array().unwrap().len()
    }

    /// Waits until a look at the world says yes, for as long as its steps may take.
    pub(crate) fn comes_true(&self, look: impl Fn() -> bool) {
        assert!(self.rests_when(|is_true| *is_true, STEPS_TAKE, look), "it does not come true");
    }

    /// What a look finds when the world has come to rest as it should, or when the time is over.
    pub(crate) fn rests_when<T>(&self, is_right: impl Fn(&T) -> bool, within: Duration, look: impl Fn() -> T) -> T {
        let begun = Instant::now();
        loop {
            let now = look();
            if is_right(&now) || begun.elapsed() > within {
                return now;
            }
            self.pause(Duration::from_millis(25));
        }
    }

    /// What a look finds when nothing has changed for a while.
    pub(crate) fn rests<T: PartialEq>(&self, look: impl Fn() -> T) -> T {
        let mut earlier = look();
        loop {
            self.pause(Duration::from_millis(400));
            let now = look();
            if now == earlier {
                return now;
            }
            earlier = now;
        }
    }

    fn pause(&self, time: Duration) {
        self.block_on(async { tokio::time::sleep(time).await });
    }

    /// Everything that exists, one line each, without clocks and counters.
    pub(crate) fn inventory(&self) -> BTreeSet<String> {
        let mut lines = BTreeSet::new();
        list("", &self.look("state"), &mut lines);
        lines
    }

    /// Fails where something exists that did not before, or the other way round, once the world had time for its last steps.
    pub(crate) fn is_as_before(&self, before: &BTreeSet<String>, when: &str) {
        let now = self.rests_when(|now| now == before, STEPS_TAKE, || self.inventory());
        let added: Vec<_> = now.difference(before).collect();
        let missing: Vec<_> = before.difference(&now).collect();
        assert!(added.is_empty() && missing.is_empty(), "{when}: left over: {added:#?}, missing: {missing:#?}");
    }
}

/// The real API servers whose kubeconfigs `TCMESH_KUBECONFIGS` lists, for the world's first clusters.
fn real_clusters(world: &Description) -> BTreeMap<String, PathBuf> {
    let paths = env::var_os("TCMESH_KUBECONFIGS").unwrap_or_default();
    let paths = env::split_paths(&paths).filter(|path| path.is_file());
    world.clusters.iter().map(|cluster| cluster.id.clone()).zip(paths).collect()
}

/// How long a test waits for the steps that the world takes by itself.
pub(crate) const STEPS_TAKE: Duration = Duration::from_secs(10);

/// What only ever grows, or moves by itself.
const COUNTERS: &[&str] = &["last_record", "now", "resource_version", "serial", "tasks"];

fn list(path: &str, value: &Value, lines: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            let lasting = members.iter().filter(|(key, _)| !COUNTERS.contains(&key.as_str()));
            lasting.for_each(|(key, value)| list(&format!("{path}/{key}"), value, lines));
        }
        Value::Array(items) => items.iter().for_each(|item| list(&format!("{path}/-"), item, lines)),
        scalar => drop(lines.insert(format!("{path} = {scalar}"))),
    }
}
