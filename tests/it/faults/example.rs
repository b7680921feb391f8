//! The examples, as Terraform reads them: blocks, what they refer to, and their configurations.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use hcl::eval::{Context, Evaluate};
use regex::Regex;
use serde_json::{Map, Value as Json};
use tcmesh::framework::schema::{Body, Kind, Nesting};

/// The folders of examples and the file in each.
const FOLDERS: [(&str, &str); 3] = [
    ("resources", "resource.tf"),
    ("data-sources", "data-source.tf"),
    ("ephemeral-resources", "ephemeral-resource.tf"),
];

/// Arguments that are Terraform's own.
const META: [&str; 4] = ["provider", "depends_on", "lifecycle", "count"];

/// A block of an example.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub(super) kind: Kind,
    pub(super) type_name: String,
    pub(super) name: String,
    /// The world's name of the account whose keys it uses.
    pub(super) account: &'static str,
    /// The addresses of the blocks that it refers to.
    needs: Vec<String>,
    body: hcl::Body,
}

/// An example: the blocks of one file.
#[derive(Clone, Debug)]
pub(super) struct Example {
    blocks: Vec<Block>,
    /// The variables and their default values.
    variables: Vec<(String, hcl::Value)>,
}

/// A block to be tested, and those that it needs, in the order in which they are made.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    pub(super) block: Block,
    pub(super) needs: Vec<Block>,
    pub(super) variables: Vec<(String, hcl::Value)>,
    /// The blocks as text.
    pub(super) text: String,
}

/// The examples of types: the name of the type, and the file.
pub(super) fn files() -> impl Iterator<Item = (String, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    FOLDERS.iter().flat_map(move |(folder, file)| {
        let mut folders: Vec<PathBuf> = fs::read_dir(root.join(folder)).unwrap().map(|it| it.unwrap().path()).collect();
        folders.sort();
        let named = |folder: PathBuf| (folder.file_name().unwrap().to_str().unwrap().to_owned(), folder.join(file));
        folders.into_iter().map(named).collect::<Vec<_>>()
    })
}

/// One subject for each block of the type that an example is of.
pub(super) fn subjects() -> Vec<Subject> {
    files().flat_map(|(type_name, file)| Example::read(&file).subjects(&type_name)).collect()
}

impl Example {
    fn read(file: &Path) -> Self {
        let body = hcl::parse(&fs::read_to_string(file).unwrap()).unwrap();
        let variables = body.blocks().filter(|block| block.identifier() == "variable").map(|block| {
            let default = block.body().attributes().find(|attribute| attribute.key() == "default");
            let default = default.map(|default| default.expr().evaluate(&Context::new()).unwrap());
            (block.labels()[0].as_str().to_owned(), default.unwrap_or_default())
        });
        Self { variables: variables.collect(), blocks: body.blocks().filter_map(Block::read).collect() }
    }

    fn subjects(&self, type_name: &str) -> Vec<Subject> {
        let own = self.blocks.iter().filter(|block| block.type_name == type_name);
        own.map(|block| {
            let mut needs = Vec::new();
            self.add_needs(block, &mut needs);
            let bodies = needs.iter().chain([block]).map(|block| hcl::to_string(&block.body).unwrap());
            let text = bodies.collect();
            Subject { block: block.clone(), needs, variables: self.variables.clone(), text }
        })
        .collect()
    }

    fn add_needs(&self, block: &Block, needs: &mut Vec<Block>) {
        for address in &block.needs {
            let needed = self.blocks.iter().find(|block| block.address() == *address).unwrap();
            if !needs.iter().any(|known: &Block| known.address() == *address) {
                self.add_needs(needed, needs);
                needs.push(needed.clone());
            }
        }
    }
}

impl Block {
    fn read(block: &hcl::Block) -> Option<Self> {
        let kind = match block.identifier() {
            "resource" => Kind::Resource,
            "data" => Kind::DataSource,
            "ephemeral" => Kind::Ephemeral,
            _ => return None,
        };
        let [type_name, name] = [0, 1].map(|index| block.labels()[index].as_str().to_owned());
        let text = hcl::to_string(block.body()).unwrap();
        let account = if text.contains("provider = tcmesh.member") { "b" } else { "a" };
        let reference = Regex::new(r"\b(?:data\.|ephemeral\.)?tcmesh_\w+\.\w+").unwrap();
        let needs = reference.find_iter(&text).map(|found| found.as_str().to_owned()).collect();
        Some(Self { kind, type_name, name, account, needs, body: block.body().clone() })
    }

    /// As configurations refer to it.
    pub(super) fn address(&self) -> String {
        let mode = match self.kind {
            Kind::DataSource => "data.",
            Kind::Ephemeral => "ephemeral.",
            _ => "",
        };
        format!("{mode}{}.{}", self.type_name, self.name)
    }

    /// The configuration, in which what it refers to has these values.
    pub(super) fn configuration(&self, schema: &Body, context: &Context<'_>) -> Json {
        Json::Object(evaluate(&self.body, schema, context))
    }
}

fn evaluate(body: &hcl::Body, schema: &Body, context: &Context<'_>) -> Map<String, Json> {
    let attributes = body.attributes().filter(|attribute| !META.contains(&attribute.key()));
    let mut configuration: Map<String, Json> = attributes
        .map(|attribute| {
            let value = attribute.expr().evaluate(context).unwrap();
            (attribute.key().to_owned(), serde_json::to_value(value).unwrap())
        })
        .collect();
    let mut blocks: BTreeMap<&str, Vec<Json>> = BTreeMap::new();
    for block in body.blocks().filter(|block| !META.contains(&block.identifier())) {
        let nested = schema.field(block.identifier()).and_then(|field| field.shape.nested()).unwrap().1;
        blocks.entry(block.identifier()).or_default().push(Json::Object(evaluate(block.body(), nested, context)));
    }
    for (name, mut items) in blocks {
        let is_single = matches!(schema.field(name).unwrap().shape.nested(), Some((Nesting::Single, _)));
        let value = if is_single { items.remove(0) } else { Json::Array(items) };
        configuration.insert(name.to_owned(), value);
    }
    configuration
}
