//! What a probe asks for, and where it goes for that: no IO here.

use std::net::IpAddr;

use super::RouteProbe;

/// A request and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// The URL as a user would write it, for messages and for what is encrypted.
    pub(super) url: String,
    /// The `Host` header.
    pub(super) authority: String,
    /// Whether the connection is encrypted.
    pub(super) encrypted: bool,
    /// Whom to connect to.
    pub(super) peer: Peer,
}

/// Whom to connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Peer {
    /// A name or an address.
    pub(super) host: String,
    /// The port.
    pub(super) port: u16,
}

impl Target {
    /// What a configuration, which was checked, asks for.
    pub(super) fn of(config: &RouteProbe) -> Self {
        let encrypted = config.scheme == "https";
        let usual = if encrypted { 443 } else { 80 };
        let port = config.port.and_then(|port| u16::try_from(port).ok()).unwrap_or(usual);
        let host = bracketed(&config.host);
        let authority = if port == usual { host } else { format!("{host}:{port}") };
        let elsewhere = config.connect_to.as_deref().and_then(split);
        let address = config.address.clone().unwrap_or_else(|| config.host.clone());
        Self {
            url: format!("{}://{authority}{}", config.scheme, config.path),
            authority,
            encrypted,
            peer: elsewhere.unwrap_or(Peer { host: address, port }),
        }
    }

    /// The URL of the request line: for what is not encrypted it names the peer, since the `Host` header names the host.
    pub(super) fn request_url(&self, peer: &Peer, path: &str) -> String {
        if self.encrypted { self.url.clone() } else { format!("http://{}:{}{path}", bracketed(&peer.host), peer.port) }
    }
}

impl Peer {
    /// The address, where no name has to be looked up.
    pub(super) fn ip(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }
}

/// `host:port`.
///
/// # Errors
/// A sentence that says what was expected.
pub(super) fn check_authority(text: &str) -> Result<(), String> {
    match split(text) {
        Some(_) => Ok(()),
        None => Err(format!("Expected host and port such as `127.0.0.1:8080`; found `{text}`.")),
    }
}

fn split(text: &str) -> Option<Peer> {
    let (host, port) = text.rsplit_once(':')?;
    let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let host = inner.unwrap_or(host);
    // Without brackets, the colons of an address of six could as well be that of the port.
    let is_host = !host.is_empty() && (inner.is_some() || !host.contains(':')) && !host.contains('/');
    let port = port.parse().ok().filter(|port| *port > 0)?;
    is_host.then(|| Peer { host: host.to_owned(), port })
}

/// Addresses of version six are bracketed in URLs.
fn bracketed(host: &str) -> String {
    if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> RouteProbe {
        let [host, path, scheme] = ["a.example.com", "/two?x=1", "http"].map(String::from);
        RouteProbe { host, path, scheme, ..Default::default() }
    }

    fn peer(host: &str, port: u16) -> Peer {
        Peer { host: host.into(), port }
    }

    #[test]
    fn a_request_names_the_host_wherever_it_goes() {
        let plain = Target::of(&config());
        assert_eq!((plain.url.as_str(), plain.authority.as_str()), ("http://a.example.com/two?x=1", "a.example.com"));
        assert_eq!(plain.peer, peer("a.example.com", 80));
        let address = Target::of(&RouteProbe { address: Some("203.0.113.10".into()), port: Some(8080), ..config() });
        assert_eq!(
            (address.authority.as_str(), address.peer.clone()),
            ("a.example.com:8080", peer("203.0.113.10", 8080))
        );
        assert_eq!(address.request_url(&address.peer, "/two?x=1"), "http://203.0.113.10:8080/two?x=1");
        let elsewhere = Target::of(&RouteProbe { connect_to: Some("127.0.0.1:9".into()), ..config() });
        assert_eq!((elsewhere.authority.as_str(), elsewhere.peer), ("a.example.com", peer("127.0.0.1", 9)));
    }

    #[test]
    fn what_is_encrypted_is_asked_for_by_name() {
        let target = Target::of(&RouteProbe { scheme: "https".into(), address: Some("::1".into()), ..config() });
        assert_eq!(target.peer, peer("::1", 443));
        assert_eq!(target.request_url(&target.peer, "/two?x=1"), "https://a.example.com/two?x=1");
    }

    #[test]
    fn addresses_of_version_six_are_bracketed() {
        let target = Target::of(&RouteProbe { host: "::1".into(), ..config() });
        assert_eq!((target.authority.as_str(), target.peer.ip()), ("[::1]", "::1".parse().ok()));
        assert_eq!(split("[::1]:80"), Some(peer("::1", 80)));
        for wrong in ["", "a", ":80", "a:0", "a:99999", "::1", "http://a:80"] {
            assert_eq!(split(wrong), None, "{wrong}");
        }
    }
}
