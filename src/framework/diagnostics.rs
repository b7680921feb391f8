//! What Terraform shows its user: errors and warnings, at the attribute concerned.

use super::path::Path;

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The operation failed.
    Error,
    /// The operation went on.
    Warning,
}

/// One message to Terraform's user. It never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// A short line without a period. It is constant for a kind of problem, since Terraform groups warnings by it.
    pub summary: String,
    /// Full sentences: what happened to which object, what state things are left in, what to do next.
    pub detail: String,
    /// The attribute to blame, so that Terraform shows the line of configuration.
    pub path: Path,
}

impl Diagnostic {
    /// An error about the whole object.
    pub fn error(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { severity: Severity::Error, summary: summary.into(), detail: detail.into(), path: Path::ROOT }
    }

    /// A warning about the whole object.
    pub fn warning(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(summary, detail) }
    }

    /// The same message, at the attribute at `path`.
    #[must_use]
    pub fn at(self, path: impl Into<Path>) -> Self {
        Self { path: path.into(), ..self }
    }

    /// Adds a paragraph to the detail.
    fn append(&mut self, paragraph: &str) {
        if !self.detail.is_empty() {
            self.detail.push_str("\n\n");
        }
        self.detail.push_str(paragraph);
    }
}

/// The text as a sentence: a capital first and a full stop last.
pub fn sentence(text: &str) -> String {
    let text = text.trim();
    let (first, rest) = text.split_at(text.chars().next().map_or(0, char::len_utf8));
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{}{rest}{end}", first.to_uppercase())
}

/// The messages of one call, in the order in which they were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// Adds a message.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Adds an error at the attribute at `path`.
    pub fn error(&mut self, path: impl Into<Path>, summary: impl Into<String>, detail: impl Into<String>) {
        self.push(Diagnostic::error(summary, detail).at(path));
    }

    /// Adds a warning at the attribute at `path`.
    pub fn warning(&mut self, path: impl Into<Path>, summary: impl Into<String>, detail: impl Into<String>) {
        self.push(Diagnostic::warning(summary, detail).at(path));
    }

    /// Whether one of the messages is an error.
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    /// How many messages of this severity there are.
    pub fn count(&self, severity: Severity) -> usize {
        self.0.iter().filter(|diagnostic| diagnostic.severity == severity).count()
    }

    /// Whether there is no message.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The messages in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// Puts what is about the whole object at the attribute at `path`.
    #[must_use]
    pub(crate) fn at(mut self, path: &Path) -> Self {
        for diagnostic in self.0.iter_mut().filter(|diagnostic| diagnostic.path == Path::ROOT) {
            diagnostic.path = path.clone();
        }
        self
    }

    /// Adds to the last error what state things are left in.
    #[must_use]
    pub(crate) fn leaving(mut self, state_of_things: &str) -> Self {
        if let Some(error) = self.0.iter_mut().rfind(|diagnostic| diagnostic.severity == Severity::Error) {
            error.append(state_of_things);
        }
        self
    }

    /// Drops the warnings.
    pub(crate) fn keep_errors(&mut self) {
        self.0.retain(|diagnostic| diagnostic.severity == Severity::Error);
    }

    /// Nothing when no message is an error, else all messages.
    pub(crate) fn into_result(self) -> Result<(), Self> {
        if self.has_errors() { Err(self) } else { Ok(()) }
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, diagnostics: I) {
        self.0.extend(diagnostics);
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
