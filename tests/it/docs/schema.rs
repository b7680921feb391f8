//! The attributes of a type, for a page and for the snapshot.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};
use tcmesh::framework::Type;
use tcmesh::framework::schema::{Body, Field, Nesting, Rule, Shape, Usage};

/// The section `Schema` of a page: what must, may and cannot be set, then what is nested.
pub(super) fn section(body: &Body) -> String {
    let mut text = String::from("## Schema\n");
    text.push_str(&groups(body, ""));
    for (path, nested) in nested(body, "") {
        let _ = write!(
            text,
            "\n<a id=\"nested--{}\"></a>\n### Nested: `{path}`\n\n{}\n",
            anchor(&path),
            nested.description
        );
        text.push_str(&groups(nested, &path));
    }
    text
}

fn groups(body: &Body, parent: &str) -> String {
    let mut text = String::new();
    let titles = [("Required", Usage::Required), ("Optional", Usage::Optional), ("Read-Only", Usage::Computed)];
    for (title, usage) in titles {
        let belongs =
            |field: &&Field| field.usage == usage || usage == Usage::Optional && field.usage == Usage::OptionalComputed;
        let fields: Vec<&Field> = body.fields.iter().filter(belongs).collect();
        if fields.is_empty() {
            continue;
        }
        let _ = write!(text, "\n#### {title}\n\n");
        for field in fields {
            let _ = writeln!(text, "{}", line(field, parent));
        }
    }
    text
}

fn line(field: &Field, parent: &str) -> String {
    let path = join(parent, field.name);
    let mut notes = vec![kind(&field.shape)];
    notes.extend(field.write_only.then(|| "write-only".to_owned()));
    notes.extend(field.sensitive.then(|| "sensitive".to_owned()));
    notes.extend(field.force_new.then(|| "a change replaces the object".to_owned()));
    let mut text = format!("- `{}` ({}) {}", field.name, notes.join(", "), field.description.replace('\n', " "));
    for rule in field.rules.iter().filter_map(rule) {
        let _ = write!(text, " {rule}");
    }
    if let Some(default) = field.default.as_ref().and_then(shown) {
        let _ = write!(text, " Default: `{default}`.");
    }
    if let Some(settles) = &field.settles {
        let settles = shown(settles).map_or_else(|| "nothing".to_owned(), |value| format!("`{value}`"));
        let _ = write!(text, " Anything but {settles} is a planned change.");
    }
    if field.derived.is_some() {
        text.push_str(" It follows from the configuration: another one is a planned change.");
    }
    if let Some(why) = field.deprecated {
        let _ = write!(text, " **Deprecated**: {why}");
    }
    if field.shape.nested().is_some() {
        let _ = write!(text, " See [below](#nested--{}).", anchor(&path));
    }
    text
}

fn rule(rule: &Rule) -> Option<String> {
    Some(match rule {
        Rule::OneOf(allowed) => format!("One of `{}`.", allowed.join("`, `")),
        Rule::Length(range) => format!("Length {} to {}.", range.start(), range.end()),
        Rule::Range(range) => format!("From {} to {}.", range.start(), range.end()),
        Rule::Check(_) | Rule::Each(_) => return None,
    })
}

fn shown(value: &tcmesh::framework::value::Value) -> Option<String> {
    use tcmesh::framework::value::Value;
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn kind(shape: &Shape) -> String {
    match shape {
        Shape::Plain(of) => type_name(of),
        Shape::Nested(nesting, _) => {
            format!("{} of objects", nesting_name(*nesting)).replace("object of objects", "object")
        }
        Shape::Block(Nesting::Single, _, 1, _) => "block, required".into(),
        Shape::Block(Nesting::Single, ..) => "block".into(),
        Shape::Block(nesting, _, min, max) => {
            let most = if *max == 0 { String::new() } else { format!(", at most {max}") };
            let least = if *min == 0 { String::new() } else { format!(", at least {min}") };
            format!("{} of blocks{least}{most}", nesting_name(*nesting))
        }
    }
}

fn nesting_name(nesting: Nesting) -> &'static str {
    match nesting {
        Nesting::Single => "object",
        Nesting::List => "list",
        Nesting::Set => "set",
        Nesting::Map => "map",
    }
}

fn type_name(of: &Type) -> String {
    match of {
        Type::Bool => "bool".into(),
        Type::Number => "number".into(),
        Type::String => "string".into(),
        Type::Dynamic => "any".into(),
        Type::List(element) => format!("list of {}", type_name(element)),
        Type::Set(element) => format!("set of {}", type_name(element)),
        Type::Map(element) => format!("map of {}", type_name(element)),
        Type::Object(_) | Type::Tuple(_) => "object".into(),
    }
}

fn join(parent: &str, name: &str) -> String {
    if parent.is_empty() { name.to_owned() } else { format!("{parent}.{name}") }
}

fn anchor(path: &str) -> String {
    path.replace('.', "--")
}

fn nested<'a>(body: &'a Body, parent: &str) -> Vec<(String, &'a Body)> {
    let mut found = Vec::new();
    for field in &body.fields {
        if let Some((_, inner)) = field.shape.nested() {
            let path = join(parent, field.name);
            found.push((path.clone(), inner));
            found.extend(nested(inner, &path));
        }
    }
    found
}

/// The attributes without a description.
pub(super) fn undescribed(name: &str, body: &Body) -> Vec<String> {
    let own = body
        .fields
        .iter()
        .filter(|field| field.description.trim().is_empty())
        .map(|field| format!("{name}: {}", field.name));
    let inner = nested(body, "").into_iter().flat_map(|(path, body)| {
        let fields = body.fields.iter().filter(|field| field.description.trim().is_empty());
        fields.map(|field| format!("{name}: {path}.{}", field.name)).collect::<Vec<_>>()
    });
    own.chain(inner).collect()
}

/// Everything of a body that Terraform and its users see, but for the texts.
pub(super) fn outline(body: &Body) -> Value {
    let fields = body.fields.iter().map(|field| (field.name.to_owned(), field_outline(field)));
    Value::Object(fields.collect::<Map<_, _>>())
}

fn field_outline(field: &Field) -> Value {
    let mut words = vec![kind(&field.shape), format!("{:?}", field.usage).to_lowercase()];
    let flags = [("force new", field.force_new), ("sensitive", field.sensitive), ("write-only", field.write_only)];
    words.extend(flags.iter().filter(|(_, set)| *set).map(|(name, _)| (*name).to_owned()));
    words.extend(field.identity.map(|part| format!("identity {part:?}").to_lowercase()));
    words.extend(field.default.as_ref().and_then(shown).map(|default| format!("default {default}")));
    let settles = field.settles.as_ref().map(|value| shown(value).unwrap_or_else(|| "nothing".to_owned()));
    words.extend(settles.map(|value| format!("settles to {value}")));
    words.extend(field.derived.map(|_| "derived of the configuration".to_owned()));
    words.extend(field.rules.iter().filter_map(rule));
    match field.shape.nested() {
        Some((_, body)) => json!({"is": words.join(", "), "holds": outline(body)}),
        None => Value::String(words.join(", ")),
    }
}
