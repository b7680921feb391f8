//! Tokens of a cluster that live for ten minutes, in an apply of ninety. The cluster's clock is moved by the test.

use std::fs;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use k8s_openapi::jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};
use tcmesh::provider::{self, Tcmesh};
use tcmesh::scope::StopSwitch;
use tcmesh_simulator::kubernetes::{ApiServer, Clock, Identity, MASTERS, Options};
use tempfile::NamedTempFile;

use crate::harness::client::{Stored, Terraform};
use crate::routing::support::cluster;

const MANIFEST: &str = "tcmesh_manifest";
const LIFETIME: SignedDuration = SignedDuration::from_mins(10);

/// A clock that stands until it is moved.
struct Moved(Mutex<Timestamp>);

impl Moved {
    fn forward(&self, by: SignedDuration) {
        let mut now = self.0.lock().unwrap();
        *now = now.checked_add(by).unwrap();
    }
}

impl Clock for Moved {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    fn sleep_until(&self, _: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(std::future::pending())
    }
}

/// A cluster, its clock, and the statuses that it answered with.
struct Served {
    server: ApiServer,
    clock: Arc<Moved>,
    statuses: Arc<Mutex<Vec<u16>>>,
}

impl Served {
    async fn start() -> Self {
        let clock = Arc::new(Moved(Mutex::new(Timestamp::now())));
        let statuses = Arc::<Mutex<Vec<u16>>>::default();
        let journal = Arc::clone(&statuses);
        let options = Options {
            clock: clock.clone(),
            journal: Some(Arc::new(move |entry| journal.lock().unwrap().push(entry.code))),
            ..Options::default()
        };
        Self { server: cluster(options).await, clock, statuses }
    }

    fn token(&self) -> String {
        self.server.token(&Identity::new("terraform", &[MASTERS]), LIFETIME)
    }

    /// A provider that says in its `kubernetes` block who it is.
    async fn terraform(&self, credential: (&str, Json)) -> Terraform<Tcmesh> {
        let terraform = Terraform::of(|| provider::server(StopSwitch::default()));
        let mut kubernetes = json!({"host": self.server.url(), "cluster_ca_certificate": self.server.ca_pem()});
        kubernetes[credential.0] = credential.1;
        let block =
            json!({"secret_id": "AKID", "secret_key": "key", "region": "ap-guangzhou", "kubernetes": kubernetes});
        assert_eq!(terraform.configure(&terraform.provider(block)).await, [""; 0]);
        terraform
    }

    fn refused(&self) -> usize {
        self.statuses.lock().unwrap().iter().filter(|status| **status == 401).count()
    }
}

fn manifest(terraform: &Terraform<Tcmesh>, number: usize) -> tcmesh::framework::value::Value {
    let yaml = format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: conf-{number}, namespace: test}}\n");
    terraform.config(MANIFEST, json!({"yaml": yaml}))
}

const API_VERSION: &str = "client.authentication.k8s.io/v1";

/// A credential plugin: it prints what is in a file.
struct Plugin(NamedTempFile);

impl Plugin {
    fn new() -> Self {
        Self(NamedTempFile::new().unwrap())
    }

    fn block(&self) -> (&'static str, Json) {
        ("exec", json!({"api_version": API_VERSION, "command": "cat", "args": [self.0.path().to_str()]}))
    }

    fn prints(&self, status: &Json) {
        let credential = json!({"apiVersion": API_VERSION, "kind": "ExecCredential", "status": status});
        fs::write(&self.0, credential.to_string()).unwrap();
    }

    /// By the machine's clock the token is about to end, so that it is asked for again.
    fn prints_one_that_ends(&self, token: &str) {
        let end = Timestamp::now().checked_add(SignedDuration::from_secs(30)).unwrap();
        self.prints(&json!({"token": token, "expirationTimestamp": end.to_string()}));
    }
}

#[tokio::test]
async fn ninety_minutes_on_a_plugins_tokens_of_ten_see_no_refusal() {
    let served = Served::start().await;
    let plugin = Plugin::new();
    plugin.prints_one_that_ends(&served.token());
    let terraform = served.terraform(plugin.block()).await;
    let mut made = Vec::new();
    for number in 0..9 {
        let (stored, told) = terraform.apply(MANIFEST, &manifest(&terraform, number), &Stored::nothing()).await;
        assert_eq!(told, [""; 0], "after {number} tokens");
        made.push(stored);
        served.clock.forward(LIFETIME);
        plugin.prints_one_that_ends(&served.token());
    }
    for stored in &made {
        let (gone, told) = terraform.destroy(MANIFEST, stored).await;
        assert!(gone.state.is_null() && told.is_empty(), "{told:?}");
    }
    assert_eq!(served.refused(), 0);
}

#[tokio::test]
async fn a_token_that_does_not_say_when_it_ends_is_asked_for_again_when_it_is_refused() {
    let served = Served::start().await;
    let plugin = Plugin::new();
    plugin.prints(&json!({"token": served.token()}));
    let terraform = served.terraform(plugin.block()).await;
    let (stored, told) = terraform.apply(MANIFEST, &manifest(&terraform, 0), &Stored::nothing()).await;
    assert_eq!(told, [""; 0]);
    for number in 1..=2 {
        served.clock.forward(LIFETIME);
        plugin.prints(&json!({"token": served.token()}));
        let (read, told) = terraform.read(MANIFEST, &stored).await;
        assert_eq!((read == stored, told), (true, vec![]));
        assert_eq!(served.refused(), number, "each token is refused once");
    }
    served.clock.forward(LIFETIME);
    let (read, told) = terraform.read(MANIFEST, &stored).await;
    assert!(read == stored && told.iter().any(|told| told.starts_with("error")), "{told:?}");
    plugin.prints(&json!({"token": served.token()}));
    let (gone, told) = terraform.destroy(MANIFEST, &stored).await;
    assert!(gone.state.is_null() && told.is_empty(), "{told:?}");
}

#[tokio::test]
async fn a_static_token_ends_and_what_is_in_the_state_stays() {
    let served = Served::start().await;
    let terraform = served.terraform(("token", served.token().into())).await;
    let (stored, told) = terraform.apply(MANIFEST, &manifest(&terraform, 0), &Stored::nothing()).await;
    assert_eq!(told, [""; 0]);
    served.clock.forward(LIFETIME);
    let (read, told) = terraform.read(MANIFEST, &stored).await;
    assert!(told.iter().any(|told| told.starts_with("error")), "{told:?}");
    assert!(terraform.details().contains("A static `token` is not renewed"), "{}", terraform.details());
    assert_eq!(read, stored);
    assert_ne!(served.refused(), 0);
}
