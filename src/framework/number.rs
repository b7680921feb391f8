//! Numbers of any size, exactly as written.

use std::fmt;
use std::str::FromStr;

/// The longest text a number may have. The exact text of the smallest `f64` has 1,077 characters.
const MAX_LENGTH: i64 = 4096;

/// A decimal number of any size and precision, kept as its canonical text: no exponent, no superfluous zeros, no `-0`.
///
/// Two numbers are equal when their texts are, which is how Terraform compares fractions too.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(String);

/// A text that is not a decimal number, or one that is too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a decimal number")]
pub struct NotANumber;

impl Number {
    /// The canonical decimal text, without exponent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number, where it is whole and fits.
    pub fn to_i64(&self) -> Option<i64> {
        self.0.parse().ok()
    }

    /// The nearest `f64`, where there is a finite one.
    pub fn to_f64(&self) -> Option<f64> {
        self.0.parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// The shortest decimal that reads back as `number`; nothing for NaN and the infinities, which crash Terraform.
    pub fn from_f64(number: f64) -> Option<Self> {
        number.is_finite().then(|| Self(canonical(&format!("{number}"))))
    }

    /// Every digit of `number`. Terraform sends a binary fraction only where it is exact, and compares it as such.
    pub(crate) fn exactly_f64(number: f64) -> Option<Self> {
        number.is_finite().then(|| Self(canonical(&format!("{number:.1074}"))))
    }
}

impl From<i64> for Number {
    fn from(number: i64) -> Self {
        Self(number.to_string())
    }
}

impl From<u64> for Number {
    fn from(number: u64) -> Self {
        Self(number.to_string())
    }
}

impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for Number {
    type Err = NotANumber;

    fn from_str(text: &str) -> Result<Self, NotANumber> {
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let exponent: i32 = exponent.parse().map_err(|_| NotANumber)?;
        let (sign, digits) = match mantissa.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", mantissa.strip_prefix('+').unwrap_or(mantissa)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let digits = format!("{whole}{fraction}");
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NotANumber);
        }
        let positional = move_point(&digits, whole.len(), exponent).ok_or(NotANumber)?;
        Ok(Self(canonical(&format!("{sign}{positional}"))))
    }
}

/// Writes `digits`, whose point stands after `whole` of them, with the point moved right by `exponent`.
fn move_point(digits: &str, whole: usize, exponent: i32) -> Option<String> {
    let length = i64::try_from(digits.len()).ok()?;
    let point = i64::try_from(whole).ok()? + i64::from(exponent);
    if length.max(point).max(length - point) > MAX_LENGTH {
        return None;
    }
    let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0));
    let padded = format!("{}{digits}{}", zeros(1 - point), zeros(point - length));
    let (whole, fraction) = padded.split_at(usize::try_from(point.max(1)).ok()?);
    Some(format!("{whole}.{fraction}"))
}

/// Drops superfluous zeros, the point where nothing follows it, and the sign of zero.
fn canonical(positional: &str) -> String {
    let (sign, digits) = positional.strip_prefix('-').map_or(("", positional), |digits| ("-", digits));
    let digits = if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits };
    let digits = digits.trim_start_matches('0');
    let zero = if digits.is_empty() || digits.starts_with('.') { "0" } else { "" };
    let sign = if digits.is_empty() { "" } else { sign };
    format!("{sign}{zero}{digits}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> String {
        text.parse::<Number>().expect(text).to_string()
    }

    #[test]
    fn spellings_of_one_number_are_equal() {
        for spelling in ["5", "5.0", "05", "+5", "5e0", "0.5e1", "500e-2", "50E-1"] {
            assert_eq!(parsed(spelling), "5", "{spelling}");
        }
        assert_eq!(parsed("-0.0"), "0");
        assert_eq!(parsed("-0.50"), "-0.5");
        assert_eq!(parsed("1e-7"), "0.0000001");
        assert_eq!(parsed(".5"), "0.5");
    }

    #[test]
    fn large_numbers_keep_every_digit() {
        assert_eq!(parsed("9223372036854775808"), "9223372036854775808");
        assert_eq!(parsed("1e100"), format!("1{}", "0".repeat(100)));
        assert_eq!(parsed("0.1234567890123456789012345"), "0.1234567890123456789012345");
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", ".", "-", "NaN", "inf", "1e", "1e99999", "0x10", "1 ", "1.2.3", "1e-99999"] {
            assert_eq!(text.parse::<Number>(), Err(NotANumber), "{text}");
        }
    }

    #[test]
    fn floats_are_written_shortest_and_read_exactly() {
        assert_eq!(Number::from_f64(0.1).expect("finite").as_str(), "0.1");
        assert_eq!(Number::from_f64(1e21).expect("finite").as_str(), format!("1{}", "0".repeat(21)));
        assert_eq!(
            Number::exactly_f64(2f64.powi(-40)).expect("finite").as_str(),
            "0.0000000000009094947017729282379150390625"
        );
        assert_eq!(Number::from_f64(f64::NAN), None);
        assert_eq!(Number::from_f64(f64::INFINITY), None);
    }

    #[test]
    fn conversions_hold_only_what_fits() {
        let large: Number = "9223372036854775808".parse().expect("a number");
        assert_eq!(large.to_i64(), None);
        assert_eq!(large.to_f64(), Some(9_223_372_036_854_775_808.0));
        assert_eq!("0.5".parse::<Number>().expect("a number").to_i64(), None);
        assert_eq!("0.5".parse::<Number>().expect("a number").to_f64(), Some(0.5));
    }
}
