//! What runs in containers.
//!
//! A [`Runtime`] stands for images and the programs in them. The one here knows `stoplight/prism`, which answers HTTP
//! requests with the examples of an `OpenAPI` document; every other program runs and answers nothing, or ends at once where
//! its pod is not to be restarted.

use std::collections::BTreeMap;
use std::sync::Arc;

use k8s_openapi::api::core::v1::Container;

mod prism;
mod workloads;

pub use workloads::Workloads;

/// The files that are mounted into a container, by path.
pub type Files = BTreeMap<String, String>;

/// An HTTP request to a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpRequest {
    /// The port that it is sent to.
    pub port: u16,
    /// The method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
}

/// The answer of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The content type.
    pub content_type: String,
    /// The body.
    pub body: String,
}

/// A running program.
pub trait Process: Send + Sync {
    /// Answers a request; none when nothing listens on its port.
    fn answer(&self, request: &HttpRequest) -> Option<HttpAnswer>;
}

/// What became of a program that was started.
#[derive(Clone)]
pub enum Started {
    /// It runs.
    Running(Arc<dyn Process>),
    /// It ended, with this exit code.
    Ended(i32),
}

/// Why an image cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PullError {
    /// The name is no image's.
    #[error("couldn't parse image name {0:?}: invalid reference format")]
    Malformed(String),
    /// There is no such image.
    #[error("failed to pull and unpack image {0:?}: not found")]
    NotFound(String),
}

/// Pulls images and starts the programs in them.
pub trait Runtime: Send + Sync {
    /// Pulls an image.
    ///
    /// # Errors
    /// [`PullError`] when it cannot be had.
    fn pull(&self, image: &str) -> Result<(), PullError>;

    /// Starts the program of a container, with the files that are mounted. `restarts` tells whether it is started again
    /// when it ends well.
    fn start(&self, container: &Container, files: &Files, restarts: bool) -> Started;
}

/// The runtime of simulated clusters. Images whose name or tag contains `broken`, and those of registries under `invalid`
/// (RFC 2606), cannot be had; all others can.
#[derive(Clone, Copy, Debug, Default)]
pub struct SimulatedRuntime;

struct Silent;

impl Process for Silent {
    fn answer(&self, _: &HttpRequest) -> Option<HttpAnswer> {
        None
    }
}

impl Runtime for SimulatedRuntime {
    fn pull(&self, image: &str) -> Result<(), PullError> {
        let letters = |letter: char| letter.is_ascii_alphanumeric() || "./:@_-".contains(letter);
        let name = image.split(['@', ':']).next().unwrap_or_default();
        let is_upper =
            name.rsplit('/').next().is_some_and(|name| name.contains(|letter: char| letter.is_ascii_uppercase()));
        if image.is_empty() || !image.chars().all(letters) || is_upper || image.ends_with([':', '/', '@']) {
            return Err(PullError::Malformed(image.to_owned()));
        }
        let registry = image.split_once('/').map_or("", |(registry, _)| registry);
        if image.contains("broken") || registry.ends_with(".invalid") {
            return Err(PullError::NotFound(image.to_owned()));
        }
        Ok(())
    }

    fn start(&self, container: &Container, files: &Files, restarts: bool) -> Started {
        if let Some(code) = exit_code(container) {
            return Started::Ended(code);
        }
        match prism::Prism::start(container, files) {
            Some(Ok(prism)) => Started::Running(Arc::new(prism)),
            Some(Err(())) => Started::Ended(1),
            None if restarts => Started::Running(Arc::new(Silent)),
            None => Started::Ended(0),
        }
    }
}

/// The exit code that a command line plainly asks for: `true`, `false`, or `exit N` at its end.
fn exit_code(container: &Container) -> Option<i32> {
    let words = container.command.iter().flatten().chain(container.args.iter().flatten());
    match words.last()?.as_str() {
        "true" => Some(0),
        "false" => Some(1),
        script => script.rsplit_once("exit ")?.1.trim().parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_unknown_and_malformed_images_cannot_be_had() {
        for (image, expected) in [
            ("nginx", true),
            ("stoplight/prism:4", true),
            ("registry.example.com:5000/a/b:1.0", true),
            ("nginx@sha256:0123456789abcdef", true),
            ("nginx:broken", false),
            ("registry.invalid/nginx", false),
            ("", false),
            ("NGINX", false),
            ("a b", false),
            ("nginx:", false),
        ] {
            assert_eq!(SimulatedRuntime.pull(image).is_ok(), expected, "{image}");
        }
    }

    #[test]
    fn programs_end_as_their_command_says() {
        let container = |command: &[&str]| Container {
            command: Some(command.iter().map(|word| (*word).to_owned()).collect()),
            ..Container::default()
        };
        for (command, expected) in [
            (&["false"][..], Some(1)),
            (&["sh", "-c", "echo x; exit 3"], Some(3)),
            (&["sleep", "3"], None),
            (&["server"], None),
        ] {
            assert_eq!(exit_code(&container(command)), expected, "{command:?}");
        }
    }
}
