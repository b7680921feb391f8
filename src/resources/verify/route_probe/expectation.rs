//! Whether an answer is the expected one.

use super::Expect;
use super::exchange::{Answer, beginning};

/// How much of a body a message quotes.
const QUOTED: usize = 80;

/// What is wrong with an answer of `url`, in one sentence.
pub(super) fn problem(url: &str, answer: &Answer, expect: &Expect) -> Option<String> {
    let Expect { status, body_contains, body_regex, headers } = expect;
    let mut wrong = Vec::new();
    if i64::from(answer.status) != *status {
        wrong.push(format!("with status {} instead of {status}", answer.status));
    }
    for (name, value) in headers {
        match answer.headers.get(&name.to_lowercase()) {
            Some(found) if found == value => {}
            Some(found) => wrong.push(format!("with `{name}: {found}` instead of `{value}`")),
            None => wrong.push(format!("without the header `{name}`")),
        }
    }
    let body = String::from_utf8_lossy(&answer.body);
    if let Some(text) = body_contains.as_ref().filter(|text| !body.contains(*text)) {
        wrong.push(format!("with {}, which does not contain `{text}`", quoted(&body)));
    }
    // The expression was checked when it was planned.
    let matches = |text: &str| regex::Regex::new(text).is_ok_and(|regex| regex.is_match(&body));
    if let Some(text) = body_regex.as_ref().filter(|text| !matches(text)) {
        wrong.push(format!("with {}, which does not match `{text}`", quoted(&body)));
    }
    let at = answer.address.map(|address| format!(" at {address}")).unwrap_or_default();
    (!wrong.is_empty()).then(|| format!("{url}{at} answered {}.", wrong.join(", ")))
}

fn quoted(body: &str) -> String {
    let beginning: String = beginning(body.as_bytes()).chars().take(QUOTED).collect();
    if beginning.is_empty() {
        "an empty body".into()
    } else {
        format!("the body `{}`", beginning.trim_end().replace('\n', " "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer() -> Answer {
        Answer {
            status: 200,
            headers: [("x-served-by".to_owned(), "cluster2".to_owned())].into(),
            body: b"cluster2\n".to_vec(),
            address: "203.0.113.10:80".parse().ok(),
        }
    }

    fn told(expect: &Expect) -> Option<String> {
        problem("http://a.example.com/", &answer(), expect)
    }

    #[test]
    fn the_expected_answer_has_no_problem() {
        assert_eq!(told(&Expect::default()), None);
        let headers = [("X-Served-By".to_owned(), "cluster2".to_owned())].into();
        let [body_contains, body_regex] = ["cluster", "^cluster[12]\n$"].map(|text| Some(text.to_owned()));
        assert_eq!(told(&Expect { headers, body_contains, body_regex, ..Expect::default() }), None);
    }

    #[test]
    fn one_sentence_tells_everything_that_is_wrong() {
        let headers = [("x-served-by".to_owned(), "cluster1".to_owned()), ("etag".to_owned(), "1".to_owned())].into();
        let body_contains = Some("cluster1".to_owned());
        let expect = Expect { status: 404, headers, body_contains, body_regex: Some("^1$".into()) };
        let expected = "http://a.example.com/ at 203.0.113.10:80 answered with status 200 instead of 404, without the header `etag`, \
                        with `x-served-by: cluster2` instead of `cluster1`, with the body `cluster2`, which does not contain \
                        `cluster1`, with the body `cluster2`, which does not match `^1$`.";
        assert_eq!(told(&expect).unwrap(), expected);
    }
}
