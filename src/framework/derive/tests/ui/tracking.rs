use std::collections::BTreeMap;

use tcmesh_derive::Model;

struct Computed<T>(T);
struct WriteOnly<T>(T);

/// What plan and read cannot do.
#[derive(Model)]
struct Thing {
    /// An argument.
    #[tf(required, volatile)]
    argument: String,
    /// Not computed.
    #[tf(required, changes_with("argument"))]
    other: String,
    /// Changes with nothing.
    #[tf(computed, changes_with("missing"))]
    lonely: Computed<String>,
    /// Changes anyway.
    #[tf(computed, volatile, changes_with("argument"))]
    restless: Computed<String>,
    /// Set by a configuration.
    #[tf(optional, computed, settles = "here")]
    given: Computed<String>,
    /// Never settles.
    #[tf(computed, volatile, settles = "here")]
    wandering: Computed<String>,
    /// Settles to another type.
    #[tf(computed, settles = "here")]
    list: Computed<Vec<String>>,
    /// Nobody sets it.
    #[tf(computed, force_new)]
    fixed: Computed<String>,
    /// Nobody sets it either.
    #[tf(computed, config_only)]
    kept: Computed<String>,
    /// Said twice.
    #[tf(optional, config_only, carried)]
    both: Option<String>,
    /// Not in the state.
    #[tf(optional, write_only, config_only)]
    secret: WriteOnly<String>,
    /// Never shown.
    #[tf(optional, write_only, sensitive)]
    hidden: WriteOnly<String>,
    /// Not a plain value.
    #[tf(required, identity)]
    map: BTreeMap<String, String>,
    /// Not a word for it.
    #[tf(required, identity(maybe))]
    word: String,
}

fn main() {}
