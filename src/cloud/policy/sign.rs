//! Makes the signed request of one try.

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, InvalidHeaderValue, USER_AGENT};

use super::Call;
use crate::cloud::credentials::Credential;
use crate::cloud::error::Error;
use crate::cloud::sign;

/// Sent and signed exactly like this: a suffix such as a character set would break the signature.
const JSON: &str = "application/json";
/// What stands for a signature in the actions that take none: `AssumeRoleWithWebIdentity` (the vendor's clients).
const UNSIGNED: &str = "SKIP";

/// The request of a try that begins now.
///
/// # Errors
/// When keys, region or user agent hold a character that no header can, such as a line break.
pub(crate) fn request(
    call: &Call,
    credential: Option<&Credential>,
    user_agent: &str,
) -> Result<http::Request<Bytes>, Error> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    request_at(call, credential, user_agent, now).map_err(|_| Error::Configuration {
        argument: "credentials and region".to_owned(),
        problem: "expected texts of one line without control characters".to_owned(),
    })
}

fn request_at(
    call: &Call,
    credential: Option<&Credential>,
    user_agent: &str,
    timestamp: u64,
) -> Result<http::Request<Bytes>, http::Error> {
    let authorization = credential.map_or_else(|| UNSIGNED.to_owned(), |keys| authorization(call, keys, timestamp));
    // `Host` is left to the HTTP library, which takes it from the address: HTTP/2 writes it in another place.
    let mut request = http::Request::post(&call.endpoint.url)
        .header(CONTENT_TYPE, JSON)
        .header(AUTHORIZATION, secret(&authorization)?)
        .header(USER_AGENT, user_agent)
        .header("X-TC-Action", &call.origin.action)
        .header("X-TC-Version", &call.version)
        .header("X-TC-Region", &call.origin.region)
        .header("X-TC-Timestamp", timestamp)
        .header("X-TC-Language", "en-US")
        .header("X-TC-RequestClient", user_agent);
    if let Some(token) = credential.and_then(|keys| keys.token.as_ref()) {
        request = request.header("X-TC-Token", secret(token.expose())?);
    }
    request.body(call.body.clone())
}

fn authorization(call: &Call, keys: &Credential, timestamp: u64) -> String {
    let signed = sign::Request {
        method: "POST",
        query: "",
        content_type: JSON,
        host: &call.endpoint.host,
        service: &call.origin.service,
        timestamp,
        hashed_payload: &sign::hash(&call.body),
    };
    signed.authorization(keys.secret_id.expose(), keys.secret_key.expose())
}

/// A header value that the HTTP libraries do not print.
fn secret(text: &str) -> Result<HeaderValue, InvalidHeaderValue> {
    let mut value = HeaderValue::from_str(text)?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::action::Effect;
    use crate::cloud::endpoint::Endpoint;
    use crate::cloud::error::Origin;
    use crate::cloud::script::keys;

    fn call() -> Call {
        let [service, action, region] = ["vpc", "DescribeCcns", "ap-guangzhou"].map(String::from);
        Call {
            origin: Box::new(Origin { service, action, region, account: None }),
            version: "2017-03-12".into(),
            effect: Effect::Read,
            endpoint: Endpoint { url: "http://127.0.0.1:18080/".into(), host: "127.0.0.1:18080".into() },
            body: Bytes::from_static(b"{}"),
        }
    }

    fn header<'a>(request: &'a http::Request<Bytes>, name: &str) -> Option<&'a str> {
        request.headers().get(name).map(|value| value.to_str().expect("the headers are ASCII"))
    }

    #[test]
    fn a_request_has_the_headers_of_the_reference() {
        let request = request_at(&call(), Some(&keys()), "agent/1", 1_700_000_000).expect("plain header values");
        assert_eq!(request.uri(), "http://127.0.0.1:18080/");
        for (name, value) in [
            ("Content-Type", "application/json"),
            ("X-TC-Action", "DescribeCcns"),
            ("X-TC-Version", "2017-03-12"),
            ("X-TC-Region", "ap-guangzhou"),
            ("X-TC-Timestamp", "1700000000"),
            ("X-TC-RequestClient", "agent/1"),
        ] {
            assert_eq!(header(&request, name), Some(value));
        }
        assert_eq!(header(&request, "X-TC-Token"), None);
    }

    #[test]
    fn host_time_service_and_body_are_in_the_signature() {
        let signed = |call: &Call, time| {
            let request = request_at(call, Some(&keys()), "agent/1", time).expect("plain header values");
            header(&request, "Authorization").map(str::to_owned)
        };
        let plain = signed(&call(), 1_700_000_000);
        let start = "TC3-HMAC-SHA256 Credential=AKIDfake/2023-11-14/vpc/tc3_request, SignedHeaders=content-type;host, ";
        assert!(plain.as_ref().is_some_and(|value| value.starts_with(start)), "{plain:?}");
        let mut other_host = call();
        other_host.endpoint.host = "127.0.0.1:18081".into();
        let other_body = Call { body: Bytes::from_static(b"{ }"), ..call() };
        for other in
            [signed(&other_host, 1_700_000_000), signed(&other_body, 1_700_000_000), signed(&call(), 1_700_000_001)]
        {
            assert_ne!(plain, other);
        }
    }

    #[test]
    fn temporary_keys_bring_their_token_and_it_is_not_printed() {
        let credential = Credential { token: Some("fake-token".into()), ..keys() };
        let request = request_at(&call(), Some(&credential), "agent/1", 1_700_000_000).expect("plain header values");
        assert_eq!(header(&request, "X-TC-Token"), Some("fake-token"));
        let printed = format!("{request:?}");
        assert!(!printed.contains("fake-token") && !printed.contains("Signature="), "{printed}");
    }

    #[test]
    fn a_call_without_keys_says_that_it_is_not_signed() {
        let request = request_at(&call(), None, "agent/1", 1_700_000_000).expect("plain header values");
        assert_eq!(header(&request, "Authorization"), Some("SKIP"));
    }

    #[test]
    fn keys_that_no_header_can_hold_are_an_error_and_not_a_panic() {
        let credential = Credential { secret_id: "a\nb".into(), ..keys() };
        let error = request(&call(), Some(&credential), "agent/1").expect_err("a header has one line");
        assert!(matches!(error, Error::Configuration { .. }));
    }
}
