//! A state that changes by itself at a known time: how every asynchronous step of the cloud is written down.

use jiff::Timestamp;
use serde::Serialize;

use crate::world::{Step, Waits};

/// A state and, where a step is under way, what it will become and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Phase<S> {
    state: S,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<Change<S>>,
}

/// What a state will become.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Change<S> {
    due: Timestamp,
    state: S,
}

impl<S: Copy> Phase<S> {
    /// A state that stays.
    pub fn settled(state: S) -> Self {
        Self { state, next: None }
    }

    /// A state that becomes `next` at `due`.
    pub fn changing(state: S, due: Timestamp, next: S) -> Self {
        Self { state, next: Some(Change { due, state: next }) }
    }

    /// The state now.
    pub fn state(&self) -> S {
        self.state
    }

    /// When the state will change by itself.
    pub fn due(&self) -> Option<Timestamp> {
        self.next.as_ref().map(|next| next.due)
    }

    /// Makes the change that is due by `now`, and says into what.
    pub fn settle(&mut self, now: Timestamp) -> Option<S> {
        let next = self.next.take_if(|next| next.due <= now)?;
        self.state = next.state;
        Some(next.state)
    }
}

/// How the steps that a request begins will go. Faults change it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum Course {
    /// They end well after their wait.
    #[default]
    Normal,
    /// They never end.
    Stuck,
    /// They fail after their wait.
    Failing,
}

/// World time at the moment, and how long steps take.
#[derive(Clone, Debug, Serialize)]
pub struct Timing {
    /// World time.
    pub now: Timestamp,
    /// How the steps begun now will go.
    pub course: Course,
    #[serde(skip)]
    pub(super) waits: Waits,
}

impl Timing {
    /// Begins a step: the state while it runs, after it, and where it fails.
    pub fn begin<S: Copy>(&self, step: Step, during: S, done: S, failed: S) -> Phase<S> {
        match self.course {
            Course::Normal => Phase::changing(during, self.after(step), done),
            Course::Stuck => Phase::settled(during),
            Course::Failing => Phase::changing(during, self.after(step), failed),
        }
    }

    /// When a step begun now ends.
    pub fn after(&self, step: Step) -> Timestamp {
        self.waits.of(step).after(self.now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timing(course: Course) -> Timing {
        Timing { now: Timestamp::UNIX_EPOCH, course, waits: Waits::default() }
    }

    #[test]
    fn a_step_ends_when_it_is_due_and_not_before() {
        let timing = timing(Course::Normal);
        let mut phase = timing.begin(Step::Attach, "attaching", "active", "failed");
        assert_eq!(phase.settle(timing.now), None);
        assert_eq!(phase.settle(timing.after(Step::Attach)), Some("active"));
        assert_eq!(phase, Phase::settled("active"));
    }

    #[test]
    fn a_stuck_step_never_ends() {
        let mut phase = timing(Course::Stuck).begin(Step::Attach, "attaching", "active", "failed");
        assert_eq!(phase.settle(Timestamp::MAX), None);
    }

    #[test]
    fn a_failing_step_fails_after_its_wait() {
        let mut phase = timing(Course::Failing).begin(Step::Attach, "attaching", "active", "failed");
        assert_eq!(phase.settle(Timestamp::MAX), Some("failed"));
    }
}
