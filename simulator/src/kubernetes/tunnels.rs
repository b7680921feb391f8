//! Tunnels: the way through a hub into the clusters whose agents keep a connection to it (Clusternet, `SocketConnection`).

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use axum::body::Body;
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use http::{HeaderValue, Request, Response, Uri};
use kube::Client;

use super::errors::ApiError;
use super::identity::Identity;
use super::server::Server;
use super::service::Lost;

/// Where tunnels begin.
const SOCKETS: &str = "/apis/proxies.clusternet.io/v1alpha1/sockets/";
/// What follows the id of a tunnel.
const DIRECT: &str = "/proxy/direct";

/// A tunnel, and what is at its end.
#[derive(Clone, Debug)]
pub struct Tunnel {
    id: String,
    name: String,
    member: Option<Member>,
}

/// What is at the end of a tunnel.
#[derive(Clone)]
pub(crate) enum Member {
    /// A server of this process.
    Server(Arc<Server>),
    /// A server elsewhere, and a client of it that may act for others.
    Elsewhere(Client),
}

impl std::fmt::Debug for Member {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Member")
    }
}

impl Tunnel {
    /// One that leads to a server.
    pub(crate) fn open(id: &str, name: &str, member: &Arc<Server>) -> Self {
        Self { id: id.to_owned(), name: name.to_owned(), member: Some(Member::Server(Arc::clone(member))) }
    }

    /// One that leads to a server elsewhere, by a client that may act for others.
    pub(crate) fn to_client(id: &str, name: &str, client: Client) -> Self {
        Self { id: id.to_owned(), name: name.to_owned(), member: Some(Member::Elsewhere(client)) }
    }

    /// One whose agent is not connected.
    pub fn broken(id: &str, name: &str) -> Self {
        Self { id: id.to_owned(), name: name.to_owned(), member: None }
    }
}

/// The tunnels through a server, by id.
#[derive(Debug, Default)]
pub(crate) struct Tunnels(RwLock<BTreeMap<String, Tunnel>>);

impl Tunnels {
    /// Replaces all of them.
    pub(crate) fn set(&self, tunnels: impl IntoIterator<Item = Tunnel>) {
        let tunnels = tunnels.into_iter().map(|tunnel| (tunnel.id.clone(), tunnel)).collect();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = tunnels;
    }

    /// The id of the tunnel of a name.
    pub(crate) fn id(&self, name: &str) -> Option<String> {
        let tunnels = self.0.read().unwrap_or_else(PoisonError::into_inner);
        tunnels.values().find(|tunnel| tunnel.name == name).map(|tunnel| tunnel.id.clone())
    }

    /// The server at the end of a tunnel, for anybody who is known: what they may do there is for that server to say.
    ///
    /// # Errors
    /// 401 for who is not known, 400 where the tunnel leads nowhere, in the words of Clusternet's hub.
    pub(crate) fn member(&self, id: &str, user: &Identity) -> Result<Member, ApiError> {
        if *user == Identity::anonymous() {
            return Err(ApiError::unauthorized());
        }
        let tunnels = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let tunnel = tunnels.get(id).ok_or_else(|| ApiError::bad_request(format!("no cluster id is {id}")))?;
        let broken = || format!("cannot proxy through cluster {id}, whose agent is disconnected");
        tunnel.member.clone().ok_or_else(|| ApiError::bad_request(broken()))
    }
}

/// The answer of a server elsewhere to a request, made for somebody.
///
/// # Errors
/// [`Lost`] when the server does not answer.
pub(crate) async fn forward(client: Client, user: &Identity, request: Request<Bytes>) -> Result<Response<Body>, Lost> {
    let (parts, body) = request.into_parts();
    let mut forwarded = Request::new(kube::client::Body::from(body.to_vec()));
    *forwarded.method_mut() = parts.method;
    *forwarded.uri_mut() = parts.uri;
    for name in [ACCEPT, CONTENT_TYPE, USER_AGENT] {
        if let Some(value) = parts.headers.get(&name) {
            forwarded.headers_mut().insert(name, value.clone());
        }
    }
    let header = |text: &str| HeaderValue::from_str(text).map_err(|_| Lost);
    forwarded.headers_mut().insert("impersonate-user", header(&user.user)?);
    for group in &user.groups {
        forwarded.headers_mut().append("impersonate-group", header(group)?);
    }
    let (answer, body) = client.send(forwarded).await.map_err(|_| Lost)?.into_parts();
    let mut response = Response::new(Body::new(body));
    *response.status_mut() = answer.status;
    if let Some(kind) = answer.headers.get(CONTENT_TYPE) {
        response.headers_mut().insert(CONTENT_TYPE, kind.clone());
    }
    Ok(response)
}

/// The address at which a tunnel begins.
pub(crate) fn url(server: &str, id: &str) -> String {
    format!("{server}{SOCKETS}{id}{DIRECT}")
}

/// The id of the tunnel that a request goes into, and what it asks for at the other end.
pub(crate) fn entrance(uri: &Uri) -> Option<(String, Uri)> {
    let (id, rest) = uri.path().strip_prefix(SOCKETS)?.split_once('/')?;
    let path = rest.strip_prefix(&DIRECT[1..]).filter(|path| path.is_empty() || path.starts_with('/'))?;
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let path = if path.is_empty() { "/" } else { path };
    Some((id.to_owned(), format!("{path}{query}").parse().ok()?))
}

/// A request as it comes out at the other end.
pub(crate) fn moved(mut request: Request<Bytes>, to: Uri) -> Request<Bytes> {
    *request.uri_mut() = to;
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entrance_of(path: &str) -> Option<(String, String)> {
        let uri = url("", "5c1d").parse::<Uri>().unwrap().to_string() + path;
        entrance(&uri.parse().unwrap()).map(|(id, below)| (id, below.to_string()))
    }

    #[test]
    fn what_is_below_a_tunnel_is_asked_for_at_its_end() {
        let below = |path: &str| Some(("5c1d".to_owned(), path.to_owned()));
        assert_eq!(entrance_of("/api/v1/pods?watch=1"), below("/api/v1/pods?watch=1"));
        assert_eq!(entrance_of(""), below("/"));
        assert_eq!(entrance_of("ly/api"), None);
        assert_eq!(entrance(&Uri::from_static("/api/v1/pods")), None);
    }

    #[test]
    fn a_tunnel_that_leads_nowhere_says_why() {
        let tunnels = Tunnels::default();
        tunnels.set([Tunnel::broken("1", "cls-1")]);
        let told = |id: &str, user: &Identity| tunnels.member(id, user).unwrap_err();
        let user = Identity::new("somebody", &[]);
        assert_eq!(told("1", &user).to_string(), "cannot proxy through cluster 1, whose agent is disconnected");
        assert_eq!(told("2", &user).to_string(), "no cluster id is 2");
        assert_eq!(told("1", &Identity::anonymous()).code(), 401);
        assert_eq!(tunnels.id("cls-1"), Some("1".to_owned()));
    }
}
