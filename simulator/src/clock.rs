//! World time, on which every timer and expiry of the simulated cloud runs.
//!
//! Request signatures are not checked against it: those always use real time, as the signer does.

use std::str::FromStr;
use std::time::Duration;

use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::world::{ClockMode, ClockSettings};

/// A length of world time, written as `300ms`, `2s` or `168h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span(Duration);

impl Span {
    /// A span of whole milliseconds.
    pub const fn from_millis(millis: u64) -> Self {
        Self(Duration::from_millis(millis))
    }

    /// A span of whole hours.
    pub const fn from_hours(hours: u64) -> Self {
        Self(Duration::from_secs(hours * 3600))
    }

    /// The same length as a standard duration.
    pub const fn duration(self) -> Duration {
        self.0
    }

    /// The moment this long after `moment`, or the last moment there is.
    pub fn after(self, moment: Timestamp) -> Timestamp {
        SignedDuration::try_from(self.0).ok().and_then(|span| moment.checked_add(span).ok()).unwrap_or(Timestamp::MAX)
    }
}

/// A text that is no length of time.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not a length of time: write it as 300ms, 2s or 168h")]
pub struct SpanError(String);

impl FromStr for Span {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed: Option<SignedDuration> = text.parse().ok();
        let duration = parsed.and_then(|span| Duration::try_from(span).ok());
        duration.map(Self).ok_or_else(|| SpanError(text.to_owned()))
    }
}

impl TryFrom<String> for Span {
    type Error = SpanError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Span> for String {
    fn from(span: Span) -> Self {
        format!("{}ms", span.0.as_millis())
    }
}

/// The clock of one world.
#[derive(Debug)]
pub struct Clock {
    mode: ClockMode,
    scale: f64,
    started: Instant,
    /// World time at `started`; moved by [`Clock::advance`].
    origin: Timestamp,
}

/// The clock was asked to go past the last moment there is.
#[derive(Debug, thiserror::Error)]
#[error("the clock cannot go that far")]
pub struct ClockOverflow;

impl Clock {
    /// A clock that shows real time now.
    pub fn start(settings: &ClockSettings) -> Self {
        Self { mode: settings.mode, scale: settings.scale, started: Instant::now(), origin: Timestamp::now() }
    }

    /// World time.
    pub fn now(&self) -> Timestamp {
        match self.mode {
            ClockMode::Explicit => self.origin,
            ClockMode::Auto => Span(self.started.elapsed().mul_f64(self.scale)).after(self.origin),
        }
    }

    /// Moves world time forward.
    ///
    /// # Errors
    /// Where world time would leave the range of timestamps.
    pub fn advance(&mut self, by: Span) -> Result<(), ClockOverflow> {
        let by = SignedDuration::try_from(by.0).map_err(|_| ClockOverflow)?;
        self.origin = self.origin.checked_add(by).map_err(|_| ClockOverflow)?;
        Ok(())
    }

    /// When `due` will come without help, or nothing where only [`Clock::advance`] moves time.
    pub fn real(&self, due: Timestamp) -> Option<Instant> {
        let left = Duration::try_from(due.duration_since(self.now())).unwrap_or_default();
        match self.mode {
            ClockMode::Explicit => None,
            ClockMode::Auto => Duration::try_from_secs_f64(left.as_secs_f64() / self.scale)
                .ok()
                .and_then(|wait| Instant::now().checked_add(wait)),
        }
    }
}

/// Beijing time as vpc, clb and dnspod write it: `2025-01-02 10:50:01`.
pub fn beijing(moment: Timestamp) -> String {
    moment.to_zoned(TimeZone::fixed(Offset::constant(8))).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Beijing time as tcm writes it: `2025-01-02T10:50:01+08:00`.
pub fn beijing_offset(moment: Timestamp) -> String {
    moment.to_zoned(TimeZone::fixed(Offset::constant(8))).strftime("%Y-%m-%dT%H:%M:%S+08:00").to_string()
}

/// UTC as tke and sts write it: `2025-01-02T02:50:01Z`.
pub fn utc(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_people_write_them() {
        for (text, millis) in [("300ms", 300), ("2s", 2_000), ("168h", 604_800_000), ("1m 30s", 90_000)] {
            assert_eq!(text.parse::<Span>().unwrap(), Span::from_millis(millis), "{text}");
        }
    }

    #[test]
    fn what_is_no_length_of_time_is_refused() {
        for text in ["", "soon", "-1s", "5"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_explicit_clock_moves_only_when_told() {
        let mut clock = Clock::start(&ClockSettings { mode: ClockMode::Explicit, scale: 1.0 });
        let before = clock.now();
        clock.advance(Span::from_hours(720)).unwrap();
        assert_eq!(clock.now(), Span::from_hours(720).after(before));
        assert!(clock.real(Timestamp::MAX).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn an_automatic_clock_runs_scaled() {
        let clock = Clock::start(&ClockSettings { mode: ClockMode::Auto, scale: 10.0 });
        let before = clock.now();
        tokio::time::advance(Duration::from_secs(3)).await;
        assert_eq!(clock.now(), Span::from_millis(30_000).after(before));
        assert_eq!(clock.real(Span::from_millis(60_000).after(before)), Some(Instant::now() + Duration::from_secs(3)));
    }

    #[test]
    fn moments_are_written_as_each_service_writes_them() {
        let moment: Timestamp = "2025-01-02T02:50:01.338Z".parse().unwrap();
        assert_eq!(beijing(moment), "2025-01-02 10:50:01");
        assert_eq!(beijing_offset(moment), "2025-01-02T10:50:01+08:00");
        assert_eq!(utc(moment), "2025-01-02T02:50:01Z");
    }
}
