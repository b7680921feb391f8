//! Amounts of resources, such as `500m` or `1Gi`, in the canonical form that the API answers with.

use serde_json::Value;

const BINARY: [&str; 7] = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const DECIMAL: [(&str, i32); 10] =
    [("n", -9), ("u", -6), ("m", -3), ("", 0), ("k", 3), ("M", 6), ("G", 9), ("T", 12), ("P", 15), ("E", 18)];
const NANO: i32 = -9;

/// The canonical form of a quantity given as text or number (Kubernetes API reference, Quantity): no fraction, the
/// largest suffix that keeps the number whole, in the family of suffixes it was given in. `None` if it is no quantity.
pub(crate) fn canonical(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let split = text.find(|letter: char| !letter.is_ascii_digit() && !"+-.".contains(letter)).unwrap_or(text.len());
    let (number, suffix) = text.split_at(split);
    if let Some(power) = BINARY.iter().skip(1).position(|known| *known == suffix) {
        let factor = 1024_i128.checked_pow(u32::try_from(power).ok()? + 1)?;
        let nanos = nanos_of(number, 0)?.checked_mul(factor)?;
        return Some(if nanos % NANOS_PER_UNIT == 0 { binary(nanos / NANOS_PER_UNIT) } else { decimal(nanos) });
    }
    let exponent = match DECIMAL.iter().find(|(known, _)| *known == suffix) {
        Some((_, exponent)) => *exponent,
        None => suffix.strip_prefix(['e', 'E'])?.parse().ok()?,
    };
    Some(decimal(nanos_of(number, exponent)?))
}

const NANOS_PER_UNIT: i128 = 1_000_000_000;

/// The number times ten to the `exponent`, in billionths, rounded up.
fn nanos_of(number: &str, exponent: i32) -> Option<i128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.trim_start_matches(['+', '-']).is_empty() && fraction.is_empty() {
        return None;
    }
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    let shift = exponent - NANO - i32::try_from(fraction.len()).ok()?;
    let scale = 10_i128.checked_pow(shift.unsigned_abs())?;
    if shift >= 0 {
        digits.checked_mul(scale)
    } else {
        Some(digits.div_euclid(scale) + i128::from(digits % scale != 0))
    }
}

fn decimal(nanos: i128) -> String {
    if nanos == 0 {
        return "0".to_owned();
    }
    let fits = |exponent: i32| nanos % 10_i128.pow(u32::try_from(exponent - NANO).unwrap_or(0)) == 0;
    let (suffix, exponent) = DECIMAL.iter().rev().find(|(_, exponent)| fits(*exponent)).copied().unwrap_or(("n", NANO));
    format!("{}{suffix}", nanos / 10_i128.pow(u32::try_from(exponent - NANO).unwrap_or(0)))
}

fn binary(mut units: i128) -> String {
    let mut power = 0;
    while units != 0 && units % 1024 == 0 && power + 1 < BINARY.len() {
        units /= 1024;
        power += 1;
    }
    format!("{units}{}", BINARY[power])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn quantities_take_the_form_the_api_answers_with() {
        for (given, expected) in [
            (json!("1000m"), "1"),
            (json!(0.5), "500m"),
            (json!("0.5"), "500m"),
            (json!("1024Mi"), "1Gi"),
            (json!("1.5Gi"), "1536Mi"),
            (json!("1500"), "1500"),
            (json!("2000"), "2k"),
            (json!(1), "1"),
            (json!("100Ki"), "100Ki"),
            (json!("1e3"), "1k"),
            (json!("0"), "0"),
        ] {
            assert_eq!(canonical(&given).as_deref(), Some(expected), "{given}");
        }
    }

    #[test]
    fn other_text_is_no_quantity() {
        for text in ["", "abc", "1x", "Mi", "1.2.3", "-"] {
            assert_eq!(canonical(&json!(text)), None, "{text}");
        }
    }
}
