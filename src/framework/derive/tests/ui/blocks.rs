use std::collections::BTreeMap;

use tcmesh_derive::Model;

/// Blocks that cannot be.
#[derive(Model)]
struct Thing {
    /// Not a model.
    #[tf(block)]
    texts: Vec<String>,
    /// No such block.
    #[tf(block)]
    map: BTreeMap<String, Server>,
    /// One or none cannot be counted.
    #[tf(block, max = 2)]
    single: Option<Server>,
    /// A block is neither required nor optional.
    #[tf(block, optional)]
    optional: Vec<Server>,
    /// A block that is always there.
    #[tf(block, opt_in)]
    always: Server,
    /// Only blocks are opted into.
    #[tf(optional, opt_in)]
    text: Option<String>,
    /// Only blocks are counted.
    #[tf(optional, min = 1)]
    attribute: Vec<String>,
}

fn main() {}
