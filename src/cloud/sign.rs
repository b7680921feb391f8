//! The signature of a request, TC3-HMAC-SHA256, as pure functions.
//!
//! Source: "Signature v3" of the API's public documentation. Only `content-type` and `host` are signed, as the
//! vendor's own clients do; the canonical path is always `/`, whatever path the request is sent to.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// The name of the algorithm, as it stands in the header and in the string to sign.
pub const ALGORITHM: &str = "TC3-HMAC-SHA256";
/// The headers that are signed, in the order in which they are signed.
pub const SIGNED_HEADERS: &str = "content-type;host";

/// What is signed of a request.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// `POST` or `GET`.
    pub method: &'a str,
    /// The query exactly as it is sent; empty for `POST`.
    pub query: &'a str,
    /// The value of `Content-Type` exactly as it is sent.
    pub content_type: &'a str,
    /// The value of `Host`: with the port, unless it is the scheme's default.
    pub host: &'a str,
    /// The product's name, such as `vpc`, whatever the host is.
    pub service: &'a str,
    /// Seconds since the UNIX epoch, as sent in `X-TC-Timestamp`.
    pub timestamp: u64,
    /// The hash of the body's bytes: see [`hash`].
    pub hashed_payload: &'a str,
}

impl Request<'_> {
    /// The request in the form that both sides hash.
    pub fn canonical(&self) -> String {
        let Self { method, query, content_type, host, hashed_payload, .. } = self;
        format!("{method}\n/\n{query}\ncontent-type:{content_type}\nhost:{host}\n\n{SIGNED_HEADERS}\n{hashed_payload}")
    }

    /// The text that the derived key signs.
    pub fn string_to_sign(&self) -> String {
        let (timestamp, scope) = (self.timestamp, self.credential_scope());
        format!("{ALGORITHM}\n{timestamp}\n{scope}\n{}", hash(self.canonical().as_bytes()))
    }

    /// The signature, in lower-case hexadecimal.
    pub fn signature(&self, secret_key: &str) -> String {
        let date = hmac(format!("TC3{secret_key}").as_bytes(), &utc_date(self.timestamp));
        let service = hmac(&date, self.service);
        let key = hmac(&service, "tc3_request");
        hexadecimal(&hmac(&key, &self.string_to_sign()))
    }

    /// The value of the `Authorization` header.
    pub fn authorization(&self, secret_id: &str, secret_key: &str) -> String {
        let (scope, signature) = (self.credential_scope(), self.signature(secret_key));
        format!("{ALGORITHM} Credential={secret_id}/{scope}, SignedHeaders={SIGNED_HEADERS}, Signature={signature}")
    }

    fn credential_scope(&self) -> String {
        format!("{}/{}/tc3_request", utc_date(self.timestamp), self.service)
    }
}

/// The SHA-256 of `bytes` in lower-case hexadecimal.
pub fn hash(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

fn hmac(key: &[u8], message: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The UTC date of a UNIX time, as `2023-11-14`.
fn utc_date(timestamp: u64) -> String {
    // Days are counted from 0000-03-01, so that a leap day is the last day of its year.
    let days = timestamp / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Vectors {
        count: usize,
        vectors: Vec<Vector>,
    }

    #[derive(Deserialize)]
    struct Vector {
        id: String,
        secret_id: String,
        secret_key: String,
        service: String,
        host: String,
        method: String,
        canonical_query: String,
        timestamp: u64,
        content_type: String,
        unsigned_payload: bool,
        payload: String,
        canonical_request: String,
        string_to_sign: String,
        signature: String,
        authorization: String,
    }

    impl Vector {
        fn hashed_payload(&self) -> String {
            match (self.unsigned_payload, self.method.as_str()) {
                (true, _) => hash(b"UNSIGNED-PAYLOAD"),
                (false, "GET") => hash(b""),
                (false, _) => hash(self.payload.as_bytes()),
            }
        }

        fn request<'a>(&'a self, hashed_payload: &'a str) -> Request<'a> {
            Request {
                method: &self.method,
                query: &self.canonical_query,
                content_type: &self.content_type,
                host: &self.host,
                service: &self.service,
                timestamp: self.timestamp,
                hashed_payload,
            }
        }
    }

    #[test]
    fn every_vector_of_the_vendors_own_signer_is_reproduced() {
        let file: Vectors =
            serde_json::from_str(include_str!("../../tests/data/tc3-vectors.json")).expect("the vectors are JSON");
        assert_eq!((file.count, file.vectors.len()), (37, 37));
        for vector in &file.vectors {
            let hashed_payload = vector.hashed_payload();
            let request = vector.request(&hashed_payload);
            assert_eq!(request.canonical(), vector.canonical_request, "{}", vector.id);
            assert_eq!(request.string_to_sign(), vector.string_to_sign, "{}", vector.id);
            assert_eq!(request.signature(&vector.secret_key), vector.signature, "{}", vector.id);
            let authorization = request.authorization(&vector.secret_id, &vector.secret_key);
            assert_eq!(authorization, vector.authorization, "{}", vector.id);
        }
    }

    #[test]
    fn the_published_example_has_the_published_hash() {
        let body = r#"{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}"#;
        let hashed_payload = hash(body.as_bytes());
        let request = Request {
            method: "POST",
            query: "",
            content_type: "application/json; charset=utf-8",
            host: "cvm.tencentcloudapi.com",
            service: "cvm",
            timestamp: 1_551_113_065,
            hashed_payload: &hashed_payload,
        };
        let published = "5ffe6a04c0664d6b969fab9a13bdab201d63ee709638e2749d62a09ca18d7031";
        assert_eq!(hash(request.canonical().as_bytes()), published);
    }

    #[test]
    fn dates_change_at_midnight_utc_and_know_leap_days() {
        assert_eq!(utc_date(0), "1970-01-01");
        assert_eq!(utc_date(951_782_400), "2000-02-29");
        assert_eq!(utc_date(1_704_067_199), "2023-12-31");
        assert_eq!(utc_date(1_704_067_200), "2024-01-01");
        assert_eq!(utc_date(4_107_542_400), "2100-03-01");
    }
}
