//! Random names.

/// The letters of generated names: no vowels, no digits that look like letters, as the real server's.
const LETTERS: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";

/// Fills an array from the operating system's source of randomness.
pub(crate) fn random<const LENGTH: usize>() -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    // There is no way to go on without randomness, and no way to lose it once the process runs.
    getrandom::fill(&mut bytes).unwrap_or_else(|error| panic!("the operating system gives no random numbers: {error}"));
    bytes
}

/// What is put behind `generateName`: five letters.
pub(crate) fn suffix() -> String {
    random::<5>().iter().map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()])).collect()
}

/// A UUID of version 4.
pub(crate) fn uid() -> String {
    let number = u128::from_be_bytes(random());
    let version_4 = number & !(0xf << 76) | (4 << 76);
    let variant = version_4 & !(0b11 << 62) | (0b10 << 62);
    let hex = format!("{variant:032x}");
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uids_are_random_uuids_of_version_4() {
        let uid = uid();
        assert_eq!((uid.len(), &uid[14..15]), (36, "4"));
        assert!(["8", "9", "a", "b"].contains(&&uid[19..20]));
        assert_ne!(uid, super::uid());
    }
}
