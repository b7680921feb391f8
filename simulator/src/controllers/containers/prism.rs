//! `stoplight/prism`: answers with the examples of an `OpenAPI` document (Prism documentation, "Mocking with Prism").
//!
//! Modelled: `mock -p PORT FILE`, path templates, the example or default or enumeration of a response, and the errors for
//! unknown paths and methods. Not modelled: making up data from schemas, validation of requests, and reading the file again
//! while it runs.

use k8s_openapi::api::core::v1::Container;
use serde_json::{Value, json};

use super::{Files, HttpAnswer, HttpRequest, Process};

/// The port that it listens on unless it is told.
const DEFAULT_PORT: u16 = 4010;

/// A running mock server.
#[derive(Debug)]
pub(super) struct Prism {
    port: u16,
    document: Value,
}

impl Prism {
    /// Starts a container, if it is one of prism's; it fails without a document that can be read.
    pub(super) fn start(container: &Container, files: &Files) -> Option<Result<Self, ()>> {
        let image = container.image.as_deref().unwrap_or_default();
        let name = image.split(['@', ':']).next().unwrap_or_default();
        if name != "stoplight/prism" && !name.ends_with("/stoplight/prism") {
            return None;
        }
        let words: Vec<_> = container.command.iter().flatten().chain(container.args.iter().flatten()).collect();
        let after = |flags: [&str; 2]| {
            words.iter().position(|word| flags.contains(&word.as_str())).and_then(|it| words.get(it + 1))
        };
        let port = after(["-p", "--port"]).and_then(|port| port.parse().ok()).unwrap_or(DEFAULT_PORT);
        let document =
            words.last().and_then(|path| files.get(path.as_str())).and_then(|text| serde_saphyr::from_str(text).ok());
        Some(document.map(|document| Self { port, document }).ok_or(()))
    }

    fn respond(&self, request: &HttpRequest) -> HttpAnswer {
        let paths = self.document["paths"].as_object();
        let mut matching: Vec<_> =
            paths.into_iter().flatten().filter(|(path, _)| matches(path, &request.path)).collect();
        // A path without placeholders is meant before one with.
        matching.sort_by_key(|(path, _)| path.contains('{'));
        let Some((_, operations)) = matching.first() else {
            let detail = format!("The route {} hasn't been found in the specification file", request.path);
            return problem(404, "NO_PATH_MATCHED_ERROR", "Route not resolved, no path matched", &detail);
        };
        let operation = &operations[request.method.to_lowercase()];
        if operation.is_null() {
            let detail = format!(
                "The route {} has been matched, but there is no {:?} method defined",
                request.path, request.method
            );
            return problem(405, "NO_METHOD_MATCHED_ERROR", "Route resolved, but no method matched", &detail);
        }
        response(operation)
    }
}

impl Process for Prism {
    fn answer(&self, request: &HttpRequest) -> Option<HttpAnswer> {
        (request.port == self.port).then(|| self.respond(request))
    }
}

/// Whether a path is one of those that a template such as `/a/{id}` stands for.
fn matches(template: &str, path: &str) -> bool {
    let (template, path) = (template.split('/'), path.split('/'));
    let is_placeholder = |segment: &str| segment.starts_with('{') && segment.ends_with('}');
    template.clone().count() == path.clone().count()
        && template.zip(path).all(|(wanted, given)| wanted == given || is_placeholder(wanted) && !given.is_empty())
}

/// The response with the least success status, or else the default one.
fn response(operation: &Value) -> HttpAnswer {
    let responses = operation["responses"].as_object();
    let success =
        responses.into_iter().flatten().filter(|(status, _)| status.starts_with('2')).min_by_key(|(status, _)| *status);
    let (status, response) = success.map_or((200, &operation["responses"]["default"]), |(status, response)| {
        (status.parse().unwrap_or(200), response)
    });
    match response["content"].as_object().and_then(|content| content.iter().next()) {
        Some((content_type, media)) => {
            let example = example(media);
            let body = example
                .as_str()
                .filter(|_| !content_type.contains("json"))
                .map_or_else(|| example.to_string(), str::to_owned);
            HttpAnswer { status, content_type: content_type.clone(), body }
        }
        None => HttpAnswer { status, content_type: String::new(), body: String::new() },
    }
}

fn example(media: &Value) -> Value {
    let schema = &media["schema"];
    let named =
        media["examples"].as_object().and_then(|examples| examples.values().next()).map(|example| &example["value"]);
    let given =
        [Some(&media["example"]), named, Some(&schema["example"]), Some(&schema["default"]), schema["enum"].get(0)];
    given.into_iter().flatten().find(|example| !example.is_null()).cloned().unwrap_or_else(|| json!(""))
}

fn problem(status: u16, code: &str, title: &str, detail: &str) -> HttpAnswer {
    let kind = format!("https://stoplight.io/prism/errors#{code}");
    let body = json!({"type": kind, "title": title, "status": status, "detail": detail});
    HttpAnswer { status, content_type: "application/problem+json".to_owned(), body: body.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "openapi: 3.0.3\npaths:\n  '/':\n    get:\n      responses:\n        '200':\n          content:\n            'text/plain':\n              schema:\n                type: string\n                example: cluster1\n  '/users/{id}':\n    get:\n      responses:\n        '201':\n          content:\n            application/json:\n              example: {id: 7}\n";

    fn prism(port: &str) -> Prism {
        let args = ["mock", "-h", "0.0.0.0", "-p", port, "/etc/prism/mock.yaml"].map(str::to_owned).to_vec();
        let container = Container { image: Some("stoplight/prism:4".into()), args: Some(args), ..Container::default() };
        let files = Files::from([("/etc/prism/mock.yaml".to_owned(), DOCUMENT.to_owned())]);
        Prism::start(&container, &files).expect("one of prism's").expect("it starts")
    }

    fn get(path: &str) -> HttpAnswer {
        let request = HttpRequest { port: 80, method: "GET".into(), path: path.into() };
        prism("80").answer(&request).expect("an answer")
    }

    #[test]
    fn examples_are_served() {
        let expected = HttpAnswer { status: 200, content_type: "text/plain".into(), body: "cluster1".into() };
        assert_eq!(get("/"), expected);
        let user = get("/users/1");
        assert_eq!((user.status, user.body.as_str()), (201, "{\"id\":7}"));
    }

    #[test]
    fn unknown_paths_and_methods_are_problems() {
        let unknown = get("/nothing");
        assert_eq!((unknown.status, unknown.content_type.as_str()), (404, "application/problem+json"));
        assert!(unknown.body.contains("NO_PATH_MATCHED_ERROR"));
        let post = HttpRequest { port: 80, method: "POST".into(), path: "/".into() };
        assert_eq!(prism("80").answer(&post).map(|answer| answer.status), Some(405));
    }

    #[test]
    fn nothing_listens_on_other_ports() {
        let request = HttpRequest { port: 80, method: "GET".into(), path: "/".into() };
        assert_eq!(prism("8080").answer(&request), None);
    }

    #[test]
    fn it_ends_without_its_document_and_other_images_are_not_prism() {
        let container = |image: &str| Container { image: Some(image.into()), ..Container::default() };
        assert!(matches!(Prism::start(&container("docker.io/stoplight/prism"), &Files::new()), Some(Err(()))));
        assert!(Prism::start(&container("nginx"), &Files::new()).is_none());
    }
}
