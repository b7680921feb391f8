//! TC3-HMAC-SHA256, checked (API reference, "Signature v3"). Pure: no clock, no keys of its own.

use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use sha2::{Digest, Sha256};

use super::ApiError;

const ALGORITHM: &str = "TC3-HMAC-SHA256";

/// The parts of an `Authorization` header.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Authorization<'a> {
    /// Which key signed.
    pub(super) secret_id: &'a str,
    /// `YYYY-MM-DD`, in UTC.
    pub(super) date: &'a str,
    /// The product name, whatever host was asked.
    pub(super) service: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

/// What was signed beside the headers.
pub(super) struct Signed<'a> {
    /// `GET` or `POST`.
    pub(super) method: &'a str,
    /// The query of a GET as it was sent.
    pub(super) query: &'a str,
    /// The headers that were sent, `host` among them.
    pub(super) headers: &'a HeaderMap,
    /// `X-TC-Timestamp`.
    pub(super) timestamp: i64,
    /// The body as it was sent.
    pub(super) body: &'a [u8],
}

impl<'a> Authorization<'a> {
    /// Reads `TC3-HMAC-SHA256 Credential=ID/DATE/SERVICE/tc3_request, SignedHeaders=a;b, Signature=HEX`.
    ///
    /// # Errors
    /// `AuthFailure.InvalidAuthorization` where it is anything else, or leaves `content-type` or `host` unsigned.
    pub(super) fn parse(header: &'a str) -> Result<Self, ApiError> {
        Self::parts(header).ok_or_else(|| {
            ApiError::new("AuthFailure.InvalidAuthorization", "The header `Authorization` is not as documented.")
        })
    }

    fn parts(header: &'a str) -> Option<Self> {
        let mut parts = header.strip_prefix(ALGORITHM)?.split(',').map(str::trim);
        let credential = parts.next()?.strip_prefix("Credential=")?;
        let signed_headers = parts.next()?.strip_prefix("SignedHeaders=")?;
        let signature = parts.next()?.strip_prefix("Signature=")?;
        let mut scope = credential.split('/');
        let (secret_id, date, service) = (scope.next()?, scope.next()?, scope.next()?);
        let complete = scope.next() == Some("tc3_request") && scope.next().is_none() && parts.next().is_none();
        let signs = |name: &str| signed_headers.split(';').any(|it| it == name);
        (complete && signs("content-type") && signs("host")).then_some(Self {
            secret_id,
            date,
            service,
            signed_headers,
            signature,
        })
    }

    /// Whether the signature is that of `secret_key` over what was sent.
    pub(super) fn verifies(&self, secret_key: &str, signed: &Signed<'_>) -> bool {
        let Some(signature) = unhex(self.signature) else { return false };
        // The documents lower-case the values of signed headers; the SDKs sign them as they are. Both are accepted.
        [Case::AsSent, Case::Lower].into_iter().any(|case| {
            let Some(request) = self.canonical_request(signed, case) else { return false };
            let mut mac = hmac(&self.signing_key(secret_key));
            mac.update(self.string_to_sign(signed.timestamp, &request).as_bytes());
            mac.verify_slice(&signature).is_ok()
        })
    }

    fn canonical_request(&self, signed: &Signed<'_>, case: Case) -> Option<String> {
        let mut headers = String::new();
        for name in self.signed_headers.split(';') {
            let value = signed.headers.get(name)?.to_str().ok()?.trim();
            let value = if case == Case::Lower { value.to_lowercase() } else { value.to_owned() };
            headers.push_str(&format!("{name}:{value}\n"));
        }
        let query = if signed.method == "GET" { signed.query } else { "" };
        let hash = payload_hash(signed);
        Some(format!("{}\n/\n{query}\n{headers}\n{}\n{hash}", signed.method, self.signed_headers))
    }

    fn string_to_sign(&self, timestamp: i64, canonical_request: &str) -> String {
        let hash = hex(&Sha256::digest(canonical_request));
        format!("{ALGORITHM}\n{timestamp}\n{}/{}/tc3_request\n{hash}", self.date, self.service)
    }

    fn signing_key(&self, secret_key: &str) -> Vec<u8> {
        let first = format!("TC3{secret_key}").into_bytes();
        [self.date, self.service, "tc3_request"].iter().fold(first, |key, part| {
            let mut mac = hmac(&key);
            mac.update(part.as_bytes());
            mac.finalize().into_bytes().to_vec()
        })
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Case {
    AsSent,
    Lower,
}

fn payload_hash(signed: &Signed<'_>) -> String {
    const UNSIGNED: &str = "UNSIGNED-PAYLOAD";
    let unsigned = signed.headers.get("x-tc-content-sha256").is_some_and(|value| value == UNSIGNED);
    hex(&Sha256::digest(if unsigned { UNSIGNED.as_bytes() } else { signed.body }))
}

fn hmac(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads small hexadecimal digits, as signatures are written: every other spelling would be another signature.
fn unhex(text: &str) -> Option<Vec<u8>> {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let digits = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let is_signature = text.len() == 64 && text.bytes().all(is_digit);
    is_signature.then(|| text.as_bytes().chunks(2).map(digits).collect()).flatten()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use serde_json::Value;

    use super::*;

    /// Vectors made by the vendor's Python SDK.
    fn vectors() -> Vec<Value> {
        let file: Value = serde_json::from_str(include_str!("../../tests/data/tc3-vectors.json")).unwrap();
        file["vectors"].as_array().unwrap().clone()
    }

    fn headers(vector: &Value) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, key) in [("content-type", "content_type"), ("host", "host")] {
            headers.insert(name, HeaderValue::from_str(vector[key].as_str().unwrap()).unwrap());
        }
        if vector["unsigned_payload"].as_bool().unwrap() {
            headers.insert("x-tc-content-sha256", HeaderValue::from_static("UNSIGNED-PAYLOAD"));
        }
        headers
    }

    fn signed<'a>(vector: &'a Value, headers: &'a HeaderMap) -> Signed<'a> {
        let method = vector["method"].as_str().unwrap();
        Signed {
            method,
            query: vector["canonical_query"].as_str().unwrap(),
            headers,
            timestamp: vector["timestamp"].as_i64().unwrap(),
            body: if method == "GET" { b"" } else { vector["payload"].as_str().unwrap().as_bytes() },
        }
    }

    #[test]
    fn every_vector_of_the_vendor_verifies() {
        let vectors = vectors();
        assert_eq!(vectors.len(), 37);
        for vector in vectors {
            let header = vector["authorization"].as_str().unwrap();
            let authorization = Authorization::parse(header).unwrap();
            let headers = headers(&vector);
            let signed = signed(&vector, &headers);
            let request = authorization.canonical_request(&signed, Case::AsSent).unwrap();
            assert_eq!(request, vector["canonical_request"], "{}", vector["id"]);
            assert_eq!(authorization.string_to_sign(signed.timestamp, &request), vector["string_to_sign"]);
            assert_eq!(authorization.secret_id, vector["secret_id"]);
            assert!(authorization.verifies(vector["secret_key"].as_str().unwrap(), &signed), "{}", vector["id"]);
        }
    }

    #[test]
    fn nothing_that_was_signed_can_be_changed() {
        let vector = &vectors()[1];
        let authorization = Authorization::parse(vector["authorization"].as_str().unwrap()).unwrap();
        let key = vector["secret_key"].as_str().unwrap();
        let headers = headers(vector);
        let original = signed(vector, &headers);
        let mut other_host = headers.clone();
        other_host.insert("host", HeaderValue::from_static("tke.tencentcloudapi.com"));

        assert!(authorization.verifies(key, &original));
        assert!(!authorization.verifies("another key", &original));
        assert!(!authorization.verifies(key, &Signed { body: b"{}", ..signed(vector, &headers) }));
        assert!(!authorization.verifies(key, &Signed { method: "GET", ..signed(vector, &headers) }));
        assert!(!authorization.verifies(key, &Signed { timestamp: 1, ..signed(vector, &headers) }));
        assert!(!authorization.verifies(key, &signed(vector, &other_host)));
    }

    #[test]
    fn a_signature_has_one_spelling() {
        let digits = "0a".repeat(32);
        assert_eq!(unhex(&digits), Some(vec![10; 32]));
        for other in [digits.replacen('0', "+", 1), digits.replacen('a', "A", 1), digits.replacen("0a", "a", 1)] {
            assert_eq!(unhex(&other), None, "{other}");
        }
    }

    #[test]
    fn headers_signed_in_lower_case_verify() {
        let header = "TC3-HMAC-SHA256 Credential=AKID/2023-11-14/vpc/tc3_request, \
            SignedHeaders=content-type;host;x-tc-action, Signature=";
        let zeros = "0".repeat(64);
        let text = format!("{header}{zeros}");
        let authorization = Authorization::parse(&text).unwrap();
        let mut headers = headers(&vectors()[0]);
        headers.insert("x-tc-action", HeaderValue::from_static("DescribeCcns"));
        let signed = Signed { method: "POST", query: "", headers: &headers, timestamp: 1_700_000_000, body: b"{}" };
        let request = authorization.canonical_request(&signed, Case::Lower).unwrap();
        assert!(request.contains("x-tc-action:describeccns\n"));

        let mut mac = hmac(&authorization.signing_key("key"));
        mac.update(authorization.string_to_sign(signed.timestamp, &request).as_bytes());
        let text = format!("{header}{}", hex(&mac.finalize().into_bytes()));
        assert!(Authorization::parse(&text).unwrap().verifies("key", &signed));
    }

    #[test]
    fn a_header_of_another_form_is_refused() {
        let good = vectors()[0]["authorization"].as_str().unwrap().to_owned();
        for header in [
            String::new(),
            "SKIP".into(),
            good.replace("TC3-HMAC-SHA256", "HmacSHA256"),
            good.replace("/tc3_request", ""),
            good.replace("content-type;host", "host"),
            good.replace(", Signature=", ", Sign="),
        ] {
            let error = Authorization::parse(&header).unwrap_err();
            assert_eq!(error.code, "AuthFailure.InvalidAuthorization", "{header}");
        }
    }
}
