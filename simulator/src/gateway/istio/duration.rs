//! Durations as Istio's objects write them: Go's notation, such as `1.5s`, `100ms` or `1h30m`.

use std::time::Duration;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// Reads an optional duration.
pub(super) fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    parse(&text).map(Some).ok_or_else(|| D::Error::custom(format!("`{text}` is not a duration such as 1.5s")))
}

/// The duration that a text such as `1h30m` writes.
fn parse(text: &str) -> Option<Duration> {
    let mut seconds = 0.0;
    let mut rest = text;
    while !rest.is_empty() || text.is_empty() {
        let number = rest.find(|c: char| c != '.' && !c.is_ascii_digit())?;
        let unit = rest[number..].find(|c: char| c == '.' || c.is_ascii_digit()).map_or(rest.len(), |end| number + end);
        seconds += rest[..number].parse::<f64>().ok()? * seconds_in(&rest[number..unit])?;
        rest = &rest[unit..];
    }
    Duration::try_from_secs_f64(seconds).ok()
}

fn seconds_in(unit: &str) -> Option<f64> {
    match unit {
        "h" => Some(3600.0),
        "m" => Some(60.0),
        "s" => Some(1.0),
        "ms" => Some(1e-3),
        "us" => Some(1e-6),
        "ns" => Some(1e-9),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::{prop_assert_eq, proptest};

    use super::parse;

    #[test]
    fn units_add_up() {
        assert_eq!(parse("1h30m"), Some(Duration::from_secs(5400)));
        assert_eq!(parse("1.5s"), Some(Duration::from_millis(1500)));
        assert_eq!(parse("0s"), Some(Duration::ZERO));
    }

    #[test]
    fn other_texts_are_no_durations() {
        for text in ["", "5", "s", "5 s", "-5s", "1.2.3s", "5d", "5s3"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn whole_milliseconds_are_read_exactly(millis in 0_u64..100_000_000) {
            prop_assert_eq!(parse(&format!("{millis}ms")).map(|read| read.as_millis()), Some(u128::from(millis)));
        }
    }
}
