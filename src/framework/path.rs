//! Where in a value something is: `server[0].port`, `tags["team"]`.

use std::fmt;

/// One step into a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// An attribute or a nested block of an object.
    Attribute(String),
    /// An element of a map.
    Key(String),
    /// An element of a list, counted from 0.
    Index(usize),
    /// Some element of a set. Elements of a set have no names, so to Terraform a path ends before this step.
    Element,
}

/// The way from the root of a value to a part of it. The empty path is the value itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(Vec<Step>);

impl Path {
    /// The value itself.
    pub const ROOT: Self = Self(Vec::new());

    /// The path of an attribute or block of the root object.
    pub fn attribute(name: impl Into<String>) -> Self {
        Self::ROOT.then(Step::Attribute(name.into()))
    }

    /// This path and one step more.
    #[must_use]
    pub fn then(&self, step: Step) -> Self {
        let mut longer = self.clone();
        longer.0.push(step);
        longer
    }

    /// This path and the attribute or block `name` of the object there.
    #[must_use]
    pub fn field(&self, name: impl Into<String>) -> Self {
        self.then(Step::Attribute(name.into()))
    }

    /// The steps from the root.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Whether this is the value itself.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&str> for Path {
    fn from(name: &str) -> Self {
        Self::attribute(name)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Attribute(name) if position == 0 => write!(formatter, "{name}")?,
                Step::Attribute(name) => write!(formatter, ".{name}")?,
                Step::Key(key) => write!(formatter, "[{key:?}]")?,
                Step::Index(index) => write!(formatter, "[{index}]")?,
                Step::Element => write!(formatter, "[*]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_like_terraforms_own_references() {
        let path = Path::attribute("server").then(Step::Index(0)).field("labels").then(Step::Key("a\"b".into()));
        assert_eq!(path.to_string(), r#"server[0].labels["a\"b"]"#);
        assert_eq!(Path::ROOT.to_string(), "");
    }
}
