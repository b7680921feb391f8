//! Where each service is reached.

use std::collections::BTreeMap;

use reqwest::Url;

use super::error::Error;

/// The public root domain of the API.
const PUBLIC_DOMAIN: &str = "tencentcloudapi.com";

/// Where one service is reached, and under which host its requests are signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The full address that requests are sent to.
    pub url: String,
    /// The host, with the port unless it is the scheme's default, as `Host` is sent and signed.
    pub host: String,
}

/// The rules that give every service its endpoint; names and meaning are those of the stock `tencentcloud` provider.
#[derive(Clone, Debug, Default)]
pub struct Endpoints {
    /// The scheme of every address that does not name one.
    pub protocol: Protocol,
    /// The root domain, with or without port, instead of `tencentcloudapi.com`: `vpc` is at `vpc.<domain>`.
    pub domain: Option<String>,
    /// The endpoint of every service that has none of its own.
    pub all: Option<String>,
    /// The endpoint of single services by their name: a full address such as `http://127.0.0.1:1234`, or a host.
    pub services: BTreeMap<String, String>,
}

/// How requests travel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// Encrypted.
    #[default]
    Https,
    /// In clear text, for a simulator on the same machine.
    Http,
}

impl Protocol {
    /// Reads the argument `protocol`, in any letter case.
    ///
    /// # Errors
    /// When it is neither `HTTPS` nor `HTTP`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        match text.to_ascii_uppercase().as_str() {
            "HTTPS" => Ok(Self::Https),
            "HTTP" => Ok(Self::Http),
            _ => Err(wrong("protocol", format!("expected \"HTTPS\" or \"HTTP\", found {text:?}"))),
        }
    }

    fn scheme(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::Http => "http",
        }
    }
}

impl Endpoints {
    /// The endpoint of `service`.
    ///
    /// # Errors
    /// When what is configured for it is no address.
    pub fn of(&self, service: &str) -> Result<Endpoint, Error> {
        match (self.services.get(service), &self.all) {
            (Some(address), _) => self.parse(&format!("endpoints.{service}"), address),
            (None, Some(address)) => self.parse("endpoint", address),
            (None, None) => {
                let domain = self.domain.as_deref().unwrap_or(PUBLIC_DOMAIN);
                self.parse("domain", &format!("{service}.{domain}"))
            }
        }
    }

    /// Checks all that is configured, so that a wrong address is found before the first call.
    ///
    /// # Errors
    /// The first address that is none.
    pub fn check(&self) -> Result<(), Error> {
        self.of("vpc")?;
        self.services.keys().try_for_each(|service| self.of(service).map(drop))
    }

    pub(crate) fn parse(&self, argument: &str, address: &str) -> Result<Endpoint, Error> {
        let full = match address.contains("://") {
            true => address.to_owned(),
            false => format!("{}://{address}", self.protocol.scheme()),
        };
        // The address itself is not repeated: somebody may have put a password into it.
        let expected =
            "expected an address such as \"https://vpc.example.com\" or \"127.0.0.1:8080\", without user and query";
        let url = Url::parse(&full).map_err(|error| wrong(argument, format!("{expected}: {error}")))?;
        let plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
        match (url.scheme(), url.host_str()) {
            ("http" | "https", Some(host)) if plain => {
                let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
                Ok(Endpoint { url: url.to_string(), host })
            }
            _ => Err(wrong(argument, expected.to_owned())),
        }
    }
}

fn wrong(argument: &str, problem: String) -> Error {
    Error::Configuration { argument: argument.to_owned(), problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(url: &str, host: &str) -> Endpoint {
        Endpoint { url: url.into(), host: host.into() }
    }

    #[test]
    fn without_configuration_a_service_is_at_the_public_domain() {
        let found = Endpoints::default().of("vpc").expect("the public domain is an address");
        assert_eq!(found, endpoint("https://vpc.tencentcloudapi.com/", "vpc.tencentcloudapi.com"));
    }

    #[test]
    fn protocol_and_domain_work_as_in_the_stock_provider() {
        let domain = Some("localhost:8443".to_owned());
        let endpoints = Endpoints { protocol: Protocol::Http, domain, ..Endpoints::default() };
        let found = endpoints.of("tke").expect("a root domain with a port");
        assert_eq!(found, endpoint("http://tke.localhost:8443/", "tke.localhost:8443"));
    }

    #[test]
    fn a_services_own_endpoint_wins_and_its_port_is_signed_unless_it_is_the_default() {
        let mut endpoints = Endpoints { domain: Some("example.com".into()), ..Endpoints::default() };
        for (address, url, host) in [
            ("http://127.0.0.1:1234", "http://127.0.0.1:1234/", "127.0.0.1:1234"),
            ("https://vpc.example.org:443", "https://vpc.example.org/", "vpc.example.org"),
            ("http://[::1]:80/prefix", "http://[::1]/prefix", "[::1]"),
            ("vpc.ap-guangzhou.example.org", "https://vpc.ap-guangzhou.example.org/", "vpc.ap-guangzhou.example.org"),
        ] {
            endpoints.services.insert("vpc".into(), address.into());
            assert_eq!(endpoints.of("vpc").expect(address), endpoint(url, host));
        }
    }

    #[test]
    fn one_endpoint_serves_all_and_a_single_one_wins() {
        let services = BTreeMap::from([("vpc".to_owned(), "https://vpc.example.com".to_owned())]);
        let endpoints = Endpoints { all: Some("http://127.0.0.1:1".into()), services, ..Endpoints::default() };
        assert_eq!(endpoints.of("tcm").expect("the one for all"), endpoint("http://127.0.0.1:1/", "127.0.0.1:1"));
        assert_eq!(endpoints.of("vpc").expect("its own"), endpoint("https://vpc.example.com/", "vpc.example.com"));
        let error = Endpoints { all: Some("ftp://a".into()), ..Endpoints::default() }.check().expect_err("no address");
        assert!(error.to_string().starts_with("endpoint: expected an address"), "{error}");
    }

    #[test]
    fn what_is_no_address_is_refused_by_the_name_of_its_argument() {
        for address in ["", "ftp://vpc.example.com", "http://", "http://user:pass@example.com", "not a host"] {
            let services = BTreeMap::from([("vpc".to_owned(), address.to_owned())]);
            let error = Endpoints { services, ..Endpoints::default() }.check().expect_err(address);
            assert!(error.to_string().starts_with("endpoints.vpc: expected an address"), "{error}");
            assert!(!error.to_string().contains("pass@"), "{error}");
        }
        let domain = Some("exa mple".to_owned());
        let error = Endpoints { domain, ..Endpoints::default() }.check().expect_err("a space is in no host name");
        assert!(error.to_string().starts_with("domain: expected an address"), "{error}");
    }

    #[test]
    fn the_protocol_is_read_in_any_case_and_nothing_else_is_taken() {
        assert_eq!(Protocol::parse("http").ok(), Some(Protocol::Http));
        assert_eq!(Protocol::parse("HTTPS").ok(), Some(Protocol::Https));
        let error = Protocol::parse("gopher").expect_err("it is no protocol of the API");
        assert_eq!(error.to_string(), r#"protocol: expected "HTTPS" or "HTTP", found "gopher""#);
    }
}
