//! Durations as Terraform users write them: `30m`, `1h30m`, `1.5h`.

use std::time::Duration;

/// Reads a positive duration: decimal numbers, each with a unit of `h`, `m`, `s`, `ms`, `us`, `µs` or `ns`, in any order.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let number = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
        let (count, tail) = rest.split_at(number);
        let unit = tail.find(|letter: char| letter.is_ascii_digit() || letter == '.').unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit);
        let seconds = count.parse::<f64>().ok()? * seconds_of(unit)?;
        total = total.checked_add(Duration::try_from_secs_f64(seconds).ok()?)?;
        rest = tail;
    }
    (!total.is_zero()).then_some(total)
}

fn seconds_of(unit: &str) -> Option<f64> {
    match unit {
        "h" => Some(3600.0),
        "m" => Some(60.0),
        "s" => Some(1.0),
        "ms" => Some(1e-3),
        "us" | "µs" | "μs" => Some(1e-6),
        "ns" => Some(1e-9),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_of_one_or_several_units_are_read() {
        let seconds = |text| parse_duration(text).map(|duration| duration.as_secs_f64());
        assert_eq!(seconds("30m"), Some(1800.0));
        assert_eq!(seconds("1h30m"), Some(5400.0));
        assert_eq!(seconds("1.5h"), Some(5400.0));
        assert_eq!(seconds("250ms"), Some(0.25));
        assert_eq!(seconds("3µs"), Some(3e-6));
    }

    #[test]
    fn what_is_no_positive_duration_is_refused() {
        for text in ["", "0s", "30", "m", "-5m", "5 m", "1.2.3s", "1d", "9e99h", "99999999999999999999999h"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }
}
