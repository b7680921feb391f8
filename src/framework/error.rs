//! Why a resource's operation failed.

use std::fmt;

use super::diagnostics::{Diagnostic, Diagnostics};
use super::path::Path;
use crate::scope::Interrupted;

/// What the framework must know of an error beyond its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The object is positively not there: `read` answers "gone", `delete` is done.
    NotFound,
    /// The call was asked to stop, or its time was over.
    Stopped,
    /// Anything else.
    Other,
}

/// The failure of one operation: what to show, and what kind of failure it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Error {
    kind: ErrorKind,
    diagnostics: Diagnostics,
}

impl Error {
    /// An error of a kind, with what to show.
    pub fn new(kind: ErrorKind, diagnostic: Diagnostic) -> Self {
        Self { kind, diagnostics: diagnostic.into() }
    }

    /// The kind of failure.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The same error as one that does not mean "gone".
    #[must_use]
    pub(crate) fn not_gone(self) -> Self {
        let kind = if self.kind == ErrorKind::NotFound { ErrorKind::Other } else { self.kind };
        Self { kind, ..self }
    }

    /// The same error, at the attribute at `path` where it names none itself.
    #[must_use]
    pub fn at(self, path: impl Into<Path>) -> Self {
        Self { diagnostics: self.diagnostics.at(&path.into()), ..self }
    }

    /// What to show.
    pub fn diagnostics(&self) -> &Diagnostics {
        &self.diagnostics
    }

    /// What to show, by value.
    pub fn into_diagnostics(self) -> Diagnostics {
        self.diagnostics
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for Diagnostic { summary, .. } in &self.diagnostics {
            write!(formatter, "{separator}{summary}")?;
            separator = "; ";
        }
        Ok(())
    }
}

impl From<Diagnostic> for Error {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::new(ErrorKind::Other, diagnostic)
    }
}

impl From<Diagnostics> for Error {
    fn from(diagnostics: Diagnostics) -> Self {
        Self { kind: ErrorKind::Other, diagnostics }
    }
}

impl From<Interrupted> for Error {
    fn from(interrupted: Interrupted) -> Self {
        let diagnostic = match interrupted {
            Interrupted::Stopped => Diagnostic::error("Stopped on request", "Terraform asked the provider to stop."),
            Interrupted::TimedOut => Diagnostic::error(
                "Timed out",
                "The operation took longer than its timeout. A `timeouts` block can give it more time.",
            ),
        };
        Self::new(ErrorKind::Stopped, diagnostic)
    }
}
