//! Whether Terraform would accept a schema. A schema that breaks one of its rules makes the whole provider unusable.

use super::{Body, Field, Identity, Nesting, Origin, Renewal, Schema, Shape, Usage};
use crate::framework::path::Path;
use crate::framework::types::Type;

/// What a schema is for: the rules differ a little.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The provider block.
    Provider,
    /// A managed resource.
    Resource,
    /// A data source.
    DataSource,
    /// An ephemeral resource.
    Ephemeral,
}

/// Every rule that a schema breaks, each with the path of the attribute. A test asserts that there is none.
pub fn problems(schema: &Schema, kind: Kind) -> Vec<String> {
    let mut checker = Checker { kind, problems: Vec::new() };
    if schema.version < 0 {
        checker.report(&Path::ROOT, "the version is negative");
    }
    for field in &schema.body.fields {
        let path = Path::attribute(field.name);
        checker.reserved(field, &path);
        checker.identity(field, &path);
    }
    checker.body(&schema.body, &Path::ROOT, false);
    checker.problems
}

struct Checker {
    kind: Kind,
    problems: Vec<String>,
}

impl Checker {
    fn report(&mut self, path: &Path, problem: &str) {
        self.problems.push(format!("{path}: {problem}"));
    }

    fn require(&mut self, holds: bool, path: &Path, problem: &str) {
        if !holds {
            self.report(path, problem);
        }
    }

    /// Names that Terraform takes for itself.
    fn reserved(&mut self, field: &Field, path: &Path) {
        let reserved: &[&str] = match self.kind {
            Kind::Provider => &["alias", "version"],
            _ => &["count", "for_each", "depends_on", "provider", "provisioner", "lifecycle", "connection"],
        };
        self.require(!reserved.contains(&field.name), path, "the name is reserved");
    }

    fn identity(&mut self, field: &Field, path: &Path) {
        let Some(identity) = field.identity else { return };
        self.require(self.kind == Kind::Resource, path, "only a resource has an identity");
        let is_plain = |of: &Type| matches!(of, Type::String | Type::Bool | Type::Number);
        let allowed = match &field.shape {
            Shape::Plain(Type::List(element)) => is_plain(element),
            Shape::Plain(of) => is_plain(of),
            _ => false,
        };
        self.require(allowed, path, "an identity holds strings, numbers, booleans and lists of these");
        let may_be_null = field.usage == Usage::Optional && field.default.is_none();
        self.require(
            identity == Identity::Optional || !may_be_null,
            path,
            "a required part of an identity may be null",
        );
    }

    fn body(&mut self, body: &Body, at: &Path, inside_set: bool) {
        let described = !body.description.trim().is_empty();
        self.require(described, at, "there is no description");
        for (position, field) in body.fields.iter().enumerate() {
            let path = at.field(field.name);
            let repeated = body.fields[..position].iter().any(|earlier| earlier.name == field.name);
            self.require(!repeated, &path, "the name is used twice");
            self.field(field, body, &path, inside_set);
        }
    }

    fn field(&mut self, field: &Field, body: &Body, path: &Path, inside_set: bool) {
        let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let named = field.name.bytes().all(is_name) && field.name.starts_with(|first: char| first.is_ascii_lowercase());
        self.require(named, path, "the name is not lower case letters, digits and `_`");
        self.require(!field.description.trim().is_empty(), path, "there is no description");
        self.behaviour(field, path, inside_set);
        if let Renewal::With(names) = field.renewal {
            let known = names.iter().all(|name| body.field(name).is_some());
            self.require(known, path, "changes with an attribute that does not exist");
        }
        self.shape(field, path, inside_set);
    }

    fn behaviour(&mut self, field: &Field, path: &Path, inside_set: bool) {
        let default_fits = field.default.is_none() || field.usage == Usage::Optional;
        self.require(default_fits, path, "only an optional attribute has a default");
        let write_only_fits = !field.write_only || (!field.is_computed() && self.kind == Kind::Resource);
        self.require(write_only_fits, path, "only a resource's arguments are write-only");
        let renewal_fits = field.renewal == Renewal::Never || field.is_computed();
        self.require(renewal_fits, path, "only a computed attribute is renewed");
        let settles_fits =
            field.settles.is_none() || (field.usage == Usage::Computed && field.renewal == Renewal::Never);
        self.require(settles_fits, path, "only a computed attribute that is not renewed settles");
        // The computed values of a changed element of a list are unknown in the plan: they may be those of another element.
        let settles_here = field.settles.is_none() || path.steps().len() == 1;
        self.require(settles_here, path, "only an attribute of the object itself settles");
        let plain = field.default.is_none() && !field.is_computed() && !field.write_only && field.same.is_none();
        let tracked = field.force_new || field.origin != Origin::Api;
        // The elements of a set have no path and no counterpart in the prior state.
        self.require(!inside_set || (plain && !tracked), path, "inside a set only plain arguments are possible");
    }

    fn shape(&mut self, field: &Field, path: &Path, inside_set: bool) {
        match &field.shape {
            Shape::Plain(of) => {
                let open = of.has_dynamic();
                let collection = matches!(of, Type::List(_) | Type::Set(_) | Type::Map(_) | Type::Object(_));
                self.require(!open || (!inside_set && !collection), path, "a value of any type stands alone");
            }
            Shape::Nested(nesting, body) => {
                self.nested_in_computed(field, body, path);
                self.body(body, path, inside_set || *nesting == Nesting::Set);
            }
            Shape::Block(nesting, body, min, max) => {
                self.block(field, path, (*nesting, *min, *max));
                // Terraform sends a repeated block that holds a value of any type in another encoding.
                let closed = *nesting == Nesting::Single || !body.value_type().has_dynamic();
                self.require(closed, path, "a repeated block holds no value of any type");
                self.body(body, path, inside_set || *nesting == Nesting::Set);
            }
        }
    }

    fn nested_in_computed(&mut self, field: &Field, body: &Body, path: &Path) {
        let fits = field.usage != Usage::Computed || body.fields.iter().all(|inner| inner.usage == Usage::Computed);
        self.require(fits, path, "a computed attribute holds computed attributes only");
    }

    fn block(&mut self, field: &Field, path: &Path, (nesting, min, max): (Nesting, u32, u32)) {
        let limits = match nesting {
            Nesting::Single => min == max && min <= 1,
            Nesting::List | Nesting::Set => max == 0 || min <= max,
            Nesting::Map => min == 0 && max == 0,
        };
        self.require(limits, path, "the number of blocks is impossible");
        self.require(!field.is_computed(), path, "a block is never computed");
        let plain = field.default.is_none() && !field.write_only && !field.sensitive;
        self.require(plain, path, "a block is neither write-only nor sensitive and has no default");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::value::Value;

    fn string(name: &'static str) -> Field {
        Field::new(name, Shape::Plain(Type::String), "Some text.")
    }

    fn body(fields: Vec<Field>) -> Body {
        Body { description: "A thing.", fields }
    }

    fn found(kind: Kind, fields: Vec<Field>) -> Vec<String> {
        problems(&Schema::new(0, body(fields)), kind)
    }

    #[test]
    fn a_sound_schema_has_no_problem() {
        let default = Field { default: Some("x".into()), ..string("with_default") };
        let id = Field { usage: Usage::Computed, identity: Some(Identity::Required), ..string("id") };
        let block = Field::new("server", Shape::Block(Nesting::List, body(vec![string("host")]), 1, 3), "Servers.");
        assert_eq!(found(Kind::Resource, vec![id, default, block]), Vec::<String>::new());
    }

    #[test]
    fn each_broken_rule_is_found_at_its_path() {
        let block = |nesting, min, max| Shape::Block(nesting, body(vec![string("host")]), min, max);
        let set = |inner| Shape::Nested(Nesting::Set, body(vec![inner]));
        let computed_string = |name| Field { usage: Usage::Computed, ..string(name) };
        let computed = computed_string("inner");
        let any = Field::new("inner", Shape::Plain(Type::Dynamic), "Anything.");
        let cases = [
            (string("count"), "count: the name is reserved"),
            (string("Name"), "Name: the name is not lower case letters, digits and `_`"),
            (Field { description: " ", ..string("a") }, "a: there is no description"),
            (
                Field { identity: Some(Identity::Required), ..string("a") },
                "a: a required part of an identity may be null",
            ),
            (
                Field { identity: Some(Identity::Optional), shape: set(string("inner")), ..string("a") },
                "a: an identity holds strings, numbers, booleans and lists of these",
            ),
            (
                Field { default: Some(Value::Null), usage: Usage::Required, ..string("a") },
                "a: only an optional attribute has a default",
            ),
            (
                Field { write_only: true, usage: Usage::OptionalComputed, ..string("a") },
                "a: only a resource's arguments are write-only",
            ),
            (Field { renewal: Renewal::Always, ..string("a") }, "a: only a computed attribute is renewed"),
            (
                Field { renewal: Renewal::With(&["b"]), usage: Usage::Computed, ..string("a") },
                "a: changes with an attribute that does not exist",
            ),
            (
                Field { settles: Some("x".into()), ..string("a") },
                "a: only a computed attribute that is not renewed settles",
            ),
            (
                Field { settles: Some("x".into()), renewal: Renewal::Always, ..computed_string("a") },
                "a: only a computed attribute that is not renewed settles",
            ),
            (
                Field {
                    shape: Shape::Nested(
                        Nesting::Single,
                        body(vec![Field { settles: Some("x".into()), ..computed.clone() }]),
                    ),
                    ..computed_string("a")
                },
                "a.inner: only an attribute of the object itself settles",
            ),
            (Field { shape: set(computed), ..string("a") }, "a.inner: inside a set only plain arguments are possible"),
            (Field { shape: set(any.clone()), ..string("a") }, "a.inner: a value of any type stands alone"),
            (
                Field { shape: Shape::Block(Nesting::List, body(vec![any]), 0, 0), ..string("a") },
                "a: a repeated block holds no value of any type",
            ),
            (Field { shape: block(Nesting::Single, 0, 1), ..string("a") }, "a: the number of blocks is impossible"),
            (Field { shape: block(Nesting::List, 3, 2), ..string("a") }, "a: the number of blocks is impossible"),
            (
                Field { shape: block(Nesting::List, 0, 0), usage: Usage::Computed, ..string("a") },
                "a: a block is never computed",
            ),
            (
                Field { shape: block(Nesting::List, 0, 0), sensitive: true, ..string("a") },
                "a: a block is neither write-only nor sensitive and has no default",
            ),
            (
                Field {
                    shape: Shape::Nested(Nesting::Single, body(vec![string("inner")])),
                    usage: Usage::Computed,
                    ..string("a")
                },
                "a: a computed attribute holds computed attributes only",
            ),
        ];
        for (field, problem) in cases {
            assert_eq!(found(Kind::Resource, vec![field]), [problem]);
        }
    }

    #[test]
    fn rules_that_depend_on_the_kind_are_kept() {
        assert_eq!(found(Kind::Provider, vec![string("alias")]), ["alias: the name is reserved"]);
        let write_only = Field { write_only: true, ..string("a") };
        assert_eq!(found(Kind::DataSource, vec![write_only]), ["a: only a resource's arguments are write-only"]);
        let identity = Field { usage: Usage::Required, identity: Some(Identity::Required), ..string("a") };
        assert_eq!(found(Kind::Ephemeral, vec![identity]), ["a: only a resource has an identity"]);
        assert_eq!(found(Kind::Resource, vec![string("a"), string("a")]), ["a: the name is used twice"]);
    }
}
