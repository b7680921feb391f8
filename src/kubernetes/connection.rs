//! How a cluster is reached. There is no default: not localhost, not `~/.kube/config`, not an in-cluster account.

use std::collections::BTreeMap;
use std::fmt;

use kube::config::{AuthInfo, Context, KubeConfigOptions, Kubeconfig, NamedAuthInfo, NamedCluster};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{Error, plugin, renewing};
use crate::redaction;

/// What the API server and a credential for it are. Prints nothing of the credential.
#[derive(Clone)]
pub struct Connection {
    pub(super) kubeconfig: Kubeconfig,
    context: Option<String>,
}

/// A credential for an API server. Prints nothing.
#[derive(Clone, Default)]
pub enum Credential {
    /// None: the server must allow anonymous calls.
    #[default]
    Anonymous,
    /// A bearer token. It is not renewable.
    Token(String),
    /// A client certificate and its key, both PEM.
    ClientCertificate {
        /// The certificate.
        certificate: String,
        /// The private key.
        key: String,
    },
    /// A program that prints a credential, and is asked again when it expires.
    Exec(ExecPlugin),
}

/// A credential plugin as kubectl knows them.
#[derive(Clone)]
pub struct ExecPlugin {
    /// For example `client.authentication.k8s.io/v1`.
    pub api_version: String,
    /// The program.
    pub command: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// Environment variables that it gets in addition.
    pub env: BTreeMap<String, String>,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("server", &self.server()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credential")
    }
}

impl Connection {
    /// From the text of a kubeconfig; without `context` its current context counts.
    ///
    /// # Errors
    /// [`Error::Connection`] on `kubeconfig` or `context`: not YAML, no clusters, no such context.
    pub fn from_kubeconfig(text: &str, context: Option<&str>) -> Result<Self, Error> {
        let bad = |problem: &str| Error::Connection { argument: "kubeconfig", problem: problem.into() };
        // The parser's own message would quote the text, which holds keys.
        let kubeconfig = Kubeconfig::from_yaml(text).map_err(|_| bad("it is not the YAML of a kubeconfig"))?;
        if kubeconfig.clusters.is_empty() {
            return Err(bad("it names no cluster"));
        }
        learn_secrets(&kubeconfig);
        let connection = Self { kubeconfig, context: context.map(Into::into) };
        connection.check_context()?;
        Ok(connection)
    }

    /// From the text of a kubeconfig that the cloud gave out.
    ///
    /// # Errors
    /// As [`Connection::from_kubeconfig`], and where it names a program to run or a file to read: whoever answers in the
    /// cloud's place is not to do that here.
    pub fn from_answered_kubeconfig(text: &str) -> Result<Self, Error> {
        let connection = Self::from_kubeconfig(text, None)?;
        if connection.kubeconfig.auth_infos.iter().any(reaches_out)
            || connection.kubeconfig.clusters.iter().any(|named| authority_file(named).is_some())
        {
            let problem =
                "the one that the cloud gave out names a program or a file of this machine; nothing was run or read";
            return Err(Error::Connection { argument: "kubeconfig", problem: problem.into() });
        }
        Ok(connection)
    }

    /// From the parts of a connection. `ca` is PEM; without it the system's authorities count. `insecure` leaves the
    /// server's certificate unchecked.
    ///
    /// # Errors
    /// [`Error::Connection`] at the part that is no URL or no PEM.
    pub fn explicit(host: &str, ca: Option<&str>, insecure: bool, credential: &Credential) -> Result<Self, Error> {
        let is_url = host.parse::<http::Uri>().is_ok_and(|uri| uri.scheme().is_some() && uri.host().is_some());
        if !is_url {
            return Err(Error::Connection {
                argument: "host",
                problem: format!("expected a URL such as `https://10.0.0.1:6443`, got `{host}`"),
            });
        }
        if let Some(ca) = ca {
            check_pem("cluster_ca_certificate", ca)?;
        }
        let cluster =
            json!({"server": host, "certificate-authority-data": ca.map(encode), "insecure-skip-tls-verify": insecure});
        let kubeconfig = json!({
            "clusters": [{"name": "cluster", "cluster": cluster}],
            "users": [{"name": "user", "user": user(credential)?}],
            "contexts": [{"name": "context", "context": {"cluster": "cluster", "user": "user"}}],
            "current-context": "context",
        });
        let unusable = |_| Error::Connection { argument: "host", problem: "the parts make no connection".into() };
        Ok(Self { kubeconfig: serde_json::from_value(kubeconfig).map_err(unusable)?, context: None })
    }

    /// The API server's URL, for messages.
    pub fn server(&self) -> String {
        self.cluster().and_then(|cluster| cluster.server.clone()).unwrap_or_default()
    }

    /// Whether the API server's certificate is left unchecked.
    pub fn is_insecure(&self) -> bool {
        self.cluster().and_then(|cluster| cluster.insecure_skip_tls_verify).unwrap_or_default()
    }

    fn cluster(&self) -> Option<&kube::config::Cluster> {
        let name = &self.chosen()?.cluster;
        self.kubeconfig.clusters.iter().find(|cluster| cluster.name == *name)?.cluster.as_ref()
    }

    fn user(&self) -> Option<&AuthInfo> {
        let name = self.chosen()?.user.as_ref()?;
        self.kubeconfig.auth_infos.iter().find(|user| user.name == *name)?.auth_info.as_ref()
    }

    fn chosen(&self) -> Option<&Context> {
        let name = self.context_name();
        self.kubeconfig.contexts.iter().find(|context| Some(context.name.as_str()) == name)?.context.as_ref()
    }

    /// A client. Nothing is sent yet. Where a program prints the credential, it is asked again when that is refused.
    ///
    /// # Errors
    /// [`Error::Connection`] when the parts do not make a client: a missing file, a bad key, no authorities to trust.
    pub async fn client(&self) -> Result<kube::Client, Error> {
        let client = self.client_once().await?;
        let is_renewable = self.user().is_some_and(|user| user.exec.is_some());
        Ok(if is_renewable { renewing::client(self.clone(), client) } else { client })
    }

    /// A client whose credential is renewed only when it says itself that it ends.
    pub(super) async fn client_once(&self) -> Result<kube::Client, Error> {
        let options = KubeConfigOptions { context: self.context.clone(), ..KubeConfigOptions::default() };
        let unusable = |argument| move |problem: String| Error::Connection { argument, problem };
        let config = kube::Config::from_custom_kubeconfig(self.kubeconfig.clone(), &options).await;
        let config = config.map_err(|error| unusable("kubeconfig")(error.to_string()))?;
        let argument = if config.root_cert.is_none() { "cluster_ca_certificate" } else { "kubeconfig" };
        kube::Client::try_from(config).map_err(|error| match plugin::failure(&error) {
            Some(problem) => unusable("exec")(problem),
            None if names_a_proxy(&error) => unusable("kubeconfig")("it names a proxy, which is not supported".into()),
            None => unusable(argument)(error.to_string()),
        })
    }

    pub(super) fn context_name(&self) -> Option<&str> {
        self.context.as_deref().or(self.kubeconfig.current_context.as_deref())
    }

    fn check_context(&self) -> Result<(), Error> {
        let known: Vec<&str> = self.kubeconfig.contexts.iter().map(|context| context.name.as_str()).collect();
        match self.context_name() {
            Some(name) if known.contains(&name) => Ok(()),
            Some(name) => Err(Error::Connection {
                argument: "context",
                problem: format!("the kubeconfig has no context `{name}`; it has {}", known.join(", ")),
            }),
            None => Err(Error::Connection {
                argument: "kubeconfig",
                problem: "it has no current context, and none was chosen".into(),
            }),
        }
    }
}

/// Makes the credentials of a kubeconfig known for secrets.
fn learn_secrets(kubeconfig: &Kubeconfig) {
    for user in kubeconfig.auth_infos.iter().filter_map(|named| named.auth_info.as_ref()) {
        let secrets = [&user.token, &user.password, &user.client_key_data];
        secrets.into_iter().flatten().for_each(|secret| redaction::learn(secret.expose_secret()));
    }
}

/// Whether an error quotes the address of a proxy, which may hold a password.
fn names_a_proxy(error: &kube::Error) -> bool {
    matches!(error, kube::Error::ProxyProtocolUnsupported { .. } | kube::Error::ProxyProtocolDisabled { .. })
}

/// Whether a user's credential is made by a program, or is in a file.
fn reaches_out(named: &NamedAuthInfo) -> bool {
    named.auth_info.as_ref().is_some_and(|user| {
        let files = [&user.token_file, &user.client_certificate, &user.client_key];
        user.exec.is_some() || user.auth_provider.is_some() || files.iter().any(|file| file.is_some())
    })
}

fn authority_file(named: &NamedCluster) -> Option<&str> {
    named.cluster.as_ref()?.certificate_authority.as_deref()
}

fn user(credential: &Credential) -> Result<Value, Error> {
    Ok(match credential {
        Credential::Anonymous => json!({}),
        Credential::Token(token) => json!({"token": token}),
        Credential::ClientCertificate { certificate, key } => {
            check_pem("client_certificate", certificate)?;
            check_pem("client_key", key)?;
            json!({"client-certificate-data": encode(certificate), "client-key-data": encode(key)})
        }
        Credential::Exec(plugin) => {
            let env: Vec<Value> =
                plugin.env.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
            json!({"exec": {"apiVersion": plugin.api_version, "command": plugin.command, "args": plugin.args, "env": env,
                "interactiveMode": "Never"}})
        }
    })
}

fn check_pem(argument: &'static str, text: &str) -> Result<(), Error> {
    if text.contains("-----BEGIN ") && text.contains("-----END ") {
        return Ok(());
    }
    Err(Error::Connection { argument, problem: "expected PEM text with `-----BEGIN …-----`".into() })
}

fn encode(text: impl AsRef<[u8]>) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KUBECONFIG: &str = "apiVersion: v1\nkind: Config\ncurrent-context: a\nclusters:\n- {name: one, cluster: {server: 'https://10.0.0.1:6443'}}\n\
        contexts:\n- {name: a, context: {cluster: one, user: u}}\nusers:\n- {name: u, user: {token: hunter2}}\n";

    fn argument(result: Result<Connection, Error>) -> (&'static str, String) {
        match result {
            Err(Error::Connection { argument, problem }) => (argument, problem),
            other => panic!("expected a connection error, got {other:?}"),
        }
    }

    #[test]
    fn a_kubeconfig_names_its_server_and_prints_no_secret() {
        let connection = Connection::from_kubeconfig(KUBECONFIG, None).unwrap();
        assert_eq!(connection.server(), "https://10.0.0.1:6443");
        assert!(!format!("{connection:?}").contains("hunter2"));
    }

    #[test]
    fn what_is_unusable_is_told_at_its_argument() {
        assert_eq!(argument(Connection::from_kubeconfig(": [", None)).0, "kubeconfig");
        assert_eq!(argument(Connection::from_kubeconfig("kind: Config", None)).1, "it names no cluster");
        let (at, problem) = argument(Connection::from_kubeconfig(KUBECONFIG, Some("b")));
        assert_eq!((at, problem.as_str()), ("context", "the kubeconfig has no context `b`; it has a"));
        let explicit = |host, ca| Connection::explicit(host, ca, false, &Credential::Anonymous);
        assert_eq!(argument(explicit("10.0.0.1", None)).0, "host");
        assert_eq!(argument(explicit("https://10.0.0.1", Some("nonsense"))).0, "cluster_ca_certificate");
        let credential = Credential::ClientCertificate { certificate: "x".into(), key: "y".into() };
        assert_eq!(argument(Connection::explicit("https://a", None, false, &credential)).0, "client_certificate");
    }

    #[test]
    fn a_connection_knows_whether_it_is_insecure() {
        let explicit = |insecure| Connection::explicit("https://a", None, insecure, &Credential::Anonymous).unwrap();
        assert!(explicit(true).is_insecure() && !explicit(false).is_insecure());
        let skipping = KUBECONFIG.replace("{server:", "{insecure-skip-tls-verify: true, server:");
        assert!(Connection::from_kubeconfig(&skipping, None).unwrap().is_insecure());
    }

    #[test]
    fn what_the_cloud_gives_out_runs_and_reads_nothing_of_this_machine() {
        let answered = |from: &str, to: &str| Connection::from_answered_kubeconfig(&KUBECONFIG.replace(from, to));
        assert!(answered("", "").is_ok());
        let exec = "{exec: {apiVersion: client.authentication.k8s.io/v1, command: sh, interactiveMode: Never}}";
        for user in
            [exec, "{tokenFile: /a}", "{client-key: /a}", "{client-certificate: /a}", "{auth-provider: {name: a}}"]
        {
            let (at, problem) = argument(answered("{token: hunter2}", user));
            assert!(at == "kubeconfig" && problem.contains("a program or a file"), "{user}: {problem}");
        }
        assert!(answered("{server:", "{certificate-authority: /a, server:").is_err());
    }

    #[tokio::test]
    async fn a_plugin_that_fails_is_told_in_its_own_words_and_what_it_printed_is_not() {
        let script = "echo hunter2; echo 'sign in first' >&2; exit 3".to_owned();
        let plugin = ExecPlugin {
            api_version: "client.authentication.k8s.io/v1".into(),
            command: "sh".into(),
            args: vec!["-c".into(), script],
            env: BTreeMap::from([("PASSWORD".to_owned(), "swordfish".to_owned())]),
        };
        let connection = Connection::explicit("https://a", None, true, &Credential::Exec(plugin)).unwrap();
        let Err(Error::Connection { argument, problem }) = connection.client().await else { panic!("it is usable") };
        assert_eq!((argument, problem.as_str()), ("exec", "the program failed (exit status: 3): sign in first"));
    }

    #[tokio::test]
    async fn the_address_of_a_proxy_is_not_told() {
        for proxy in ["http://u:hunter2@proxy", "socks5://u:hunter2@proxy", "ftp://u:hunter2@proxy"] {
            let text = KUBECONFIG.replace("{server:", &format!("{{proxy-url: '{proxy}', server:"));
            let made = Connection::from_kubeconfig(&text, None).unwrap().client().await;
            let Err(Error::Connection { problem, .. }) = made else { panic!("it is usable") };
            assert_eq!(problem, "it names a proxy, which is not supported");
        }
    }

    #[test]
    fn an_error_quotes_nothing_of_a_kubeconfig() {
        let (_, problem) = argument(Connection::from_kubeconfig("users: [{name: u, user: {token: hunter2}}", None));
        assert!(!problem.contains("hunter2"));
    }
}
