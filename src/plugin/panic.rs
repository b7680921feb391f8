//! What is written when something panics.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::{self, Write};
use std::panic::{self, PanicHookInfo};

use crate::redaction::redact;

/// A panic in a task ends that task alone, and whoever waits for it answers with an error: that is logged. Any other
/// panic ends the process, and only then is a line written that begins with `panic: `, at which Terraform tells its
/// user that the plugin has crashed and shows what follows (measured on Terraform 1.11.4).
pub(super) fn install_hook() {
    panic::set_hook(Box::new(|panic| {
        if tokio::task::try_id().is_some() {
            tracing::error!(location = location(panic), "a task panicked: {}", message(panic));
        } else {
            // Nobody is left to tell when stderr is closed.
            let _ = io::stderr().write_all(last_words(panic, &Backtrace::capture()).as_bytes());
        }
    }));
}

fn last_words(panic: &PanicHookInfo<'_>, backtrace: &Backtrace) -> String {
    let mut words = format!("panic: {}\n\nat {}\n", redact(message(panic)), location(panic));
    if backtrace.status() == BacktraceStatus::Captured {
        words.push_str(&backtrace.to_string());
    }
    words
}

fn message<'a>(panic: &'a PanicHookInfo<'_>) -> &'a str {
    panic.payload_as_str().unwrap_or("no message")
}

fn location(panic: &PanicHookInfo<'_>) -> String {
    panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::redaction;

    const SECRET: &str = "panic-test-secret-one";
    const CANARY: &str = "panic-test-canary";

    /// Runs in a process of its own: the hook is the whole process's.
    #[test]
    #[ignore = "it panics, for the test below"]
    fn panics() {
        redaction::learn(SECRET);
        install_hook();
        assert!(std::thread::spawn(|| panic!("{CANARY} {SECRET}")).join().is_err());
    }

    #[test]
    fn the_last_words_tell_everything_but_secrets() {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "plugin::panic::tests::panics", "--ignored", "--nocapture"]);
        let output = command.env("RUST_BACKTRACE", "1").output().unwrap();
        let told = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(told.contains(&format!("panic: {CANARY} (secret)\n\nat src/plugin/panic.rs:")), "{told}");
        assert!(!told.contains(SECRET), "{told}");
    }
}
