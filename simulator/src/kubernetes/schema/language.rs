//! The compact language in which the built-in kinds are described (see the head of `builtin/types.txt`).

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::Value;

use super::{Field, Limits, List, ListKind, Need, Others, Record, Scalar, Schema};

/// A set of named types.
#[derive(Debug, Default)]
pub(crate) struct Types {
    sources: HashMap<&'static str, Source>,
}

#[derive(Debug)]
struct Source {
    atomic: bool,
    fields: Vec<&'static str>,
}

impl Types {
    /// Reads descriptions; the types of one text may use those of another.
    pub(crate) fn parse(texts: &[&'static str]) -> Self {
        let mut sources = HashMap::new();
        for block in texts.iter().flat_map(|text| text.split("\n\n")) {
            let mut lines = block.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
            if let Some(head) = lines.next() {
                let (name, rest) = head.split_once(' ').unwrap_or((head, ""));
                sources.insert(name, Source { atomic: rest == "atomic", fields: lines.map(str::trim).collect() });
            }
        }
        Self { sources }
    }

    /// The schema of a kind: the named type with `apiVersion`, `kind` and `metadata`.
    ///
    /// # Panics
    /// When a type is not described: the descriptions are part of the program, and a test resolves every kind.
    pub(crate) fn kind(&self, name: &str) -> Schema {
        let mut fields = self.fields(name, &mut HashMap::new());
        for (field, schema) in
            [("apiVersion", Schema::string()), ("kind", Schema::string()), ("metadata", self.named_type("ObjectMeta"))]
        {
            fields.insert(field.to_owned(), Field { schema, need: Need::Optional, default: None });
        }
        Schema::Record(Arc::new(Record { fields, others: Others::Unknown, atomic: false }))
    }

    /// The schema of a type by its name.
    ///
    /// # Panics
    /// As [`Types::kind`].
    pub(crate) fn named_type(&self, name: &str) -> Schema {
        self.named(name, &mut HashMap::new())
    }

    fn named(&self, name: &str, done: &mut HashMap<String, Schema>) -> Schema {
        if let Some(schema) = done.get(name) {
            return schema.clone();
        }
        let atomic = self.source(name).atomic;
        let fields = self.fields(name, done);
        let schema = Schema::Record(Arc::new(Record { fields, others: Others::Unknown, atomic }));
        done.insert(name.to_owned(), schema.clone());
        schema
    }

    fn source(&self, name: &str) -> &Source {
        self.sources.get(name).unwrap_or_else(|| panic!("the type {name} is not described"))
    }

    fn fields(&self, name: &str, done: &mut HashMap<String, Schema>) -> BTreeMap<String, Field> {
        self.source(name).fields.iter().map(|line| self.field(line, done)).collect()
    }

    fn field(&self, line: &'static str, done: &mut HashMap<String, Schema>) -> (String, Field) {
        let (declaration, default) = match line.split_once(" = ") {
            Some((declaration, json)) => (declaration, serde_json::from_str(json).ok()),
            None => (line, None),
        };
        let mut words = declaration.splitn(3, ' ');
        let name = words.next().unwrap_or_default();
        let schema = self.shape(words.next().unwrap_or_default(), words.next().unwrap_or_default(), done);
        let need = if name.ends_with('!') { Need::Filled } else { Need::Optional };
        (name.trim_end_matches('!').to_owned(), Field { schema, need, default })
    }

    fn shape(&self, word: &str, manner: &str, done: &mut HashMap<String, Schema>) -> Schema {
        let scalar = |scalar| Schema::Scalar(scalar, Limits::default());
        match word {
            "string" | "time" | "bytes" => scalar(Scalar::String),
            "int" => scalar(Scalar::Integer),
            "number" => scalar(Scalar::Number),
            "bool" => scalar(Scalar::Boolean),
            "int-or-string" => scalar(Scalar::IntOrString),
            "quantity" => scalar(Scalar::Quantity),
            "any" => Schema::Any,
            _ if word.contains('|') => {
                let one_of = word.split('|').map(Value::from).collect();
                Schema::Scalar(Scalar::String, Limits { one_of, ..Limits::default() })
            }
            _ => match (inner(word, '[', ']'), inner(word, '{', '}')) {
                (Some(items), _) => Schema::List(Arc::new(List {
                    items: self.shape(items, "", done),
                    kind: list_kind(manner),
                    refuses_twins: false,
                })),
                (_, Some(values)) => Schema::map_of(self.shape(values, "", done), manner == "atomic"),
                _ => self.named(word, done),
            },
        }
    }
}

fn inner(word: &str, open: char, close: char) -> Option<&str> {
    word.strip_prefix(open)?.strip_suffix(close)
}

fn list_kind(manner: &str) -> ListKind {
    match manner.split_once(' ') {
        Some(("by", keys)) => ListKind::Keyed(keys.split(',').map(str::to_owned).collect()),
        _ if manner == "set" => ListKind::Set,
        _ => ListKind::Atomic,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# a comment\n\nObjectMeta\n  name string\n\nThing\n  ports [Port] by port,protocol\n  tags [string] set\n  mode string = \"x\"\n\nPort atomic\n  port! int\n  protocol string = \"TCP\"\n";

    #[test]
    fn fields_have_their_types_keys_and_defaults() {
        let types = Types::parse(&[TEXT]);
        let thing = types.kind("Thing");
        let Schema::List(ports) = thing.child("ports") else { panic!("a list") };
        assert_eq!(ports.kind, ListKind::Keyed(vec!["port".into(), "protocol".into()]));
        assert!(matches!(thing.child("tags"), Schema::List(list) if list.kind == ListKind::Set));
        let Schema::Record(record) = &thing else { panic!("a record") };
        assert_eq!(record.fields["mode"].default, Some("x".into()));
        assert!(record.fields.contains_key("metadata"));
        let Schema::Record(port) = &ports.items else { panic!("a record") };
        assert!(port.atomic);
        assert_eq!(port.fields["port"].need, Need::Filled);
    }
}
