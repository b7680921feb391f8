//! Identifiers in the cloud's own forms.

const LOWER: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
const MIXED: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// A new resource id: the prefix, a hyphen and 8 lower-case letters and digits, such as `ccn-0a1b2c3d`.
pub(crate) fn resource(prefix: &str) -> String {
    format!("{prefix}-{}", text(LOWER, 8))
}

/// Whether `id` has the form of [`resource`] with this prefix.
pub(crate) fn is_resource(prefix: &str, id: &str) -> bool {
    id.strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('-'))
        .is_some_and(|rest| rest.len() == 8 && rest.bytes().all(|byte| LOWER.contains(&byte)))
}

/// A new request id: a random UUID.
pub(crate) fn request() -> String {
    let mut bytes = random::<16>();
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// A new secret id.
pub(crate) fn secret_id() -> String {
    format!("AKID{}", text(MIXED, 32))
}

/// A new secret key.
pub(crate) fn secret_key() -> String {
    text(MIXED, 32)
}

/// A new session token.
pub(crate) fn session_token() -> String {
    text(MIXED, 96)
}

/// A new role id: a decimal number.
pub(crate) fn role() -> String {
    format!("46{}", text(b"0123456789", 17))
}

/// A new bootstrap token, id and secret: `[a-z0-9]{6}` and `[a-z0-9]{16}`.
pub(crate) fn bootstrap_token() -> (String, String) {
    (text(LOWER, 6), text(LOWER, 16))
}

fn text(alphabet: &[u8], length: usize) -> String {
    // 96 bytes are as many as any identifier needs; the small bias of `%` does not matter to a simulator.
    random::<96>().iter().take(length).map(|byte| char::from(alphabet[usize::from(*byte) % alphabet.len()])).collect()
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system always has random bytes once it has booted");
    bytes
}

/// The number of a resource, where the API has one beside its id: the id's own part, read in base 36.
pub(crate) fn number(id: &str) -> u64 {
    let own = id.rsplit('-').next().unwrap_or_default();
    u64::from_str_radix(own, 36).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_id_has_the_form_of_its_kind() {
        assert!(is_resource("ccn", &resource("ccn")));
        assert!(!is_resource("vpc", &resource("ccn")));
        for id in ["ccn-", "ccn-0a1b2c3", "ccn-0A1B2C3D", "ccn0a1b2c3d"] {
            assert!(!is_resource("ccn", id), "{id}");
        }
    }

    #[test]
    fn request_ids_are_random_uuids() {
        let id = request();
        assert_eq!(id.len(), 36);
        assert_eq!(&id[14..15], "4");
        assert_ne!(id, request());
    }
}
