use tcmesh_derive::Model;

#[derive(Model)]
struct Undocumented {
    #[tf(required)]
    silent: String,
}

/// Names that cannot be used.
#[derive(Model)]
struct Names {
    /// Not snake case.
    #[tf(optional)]
    camelCase: Option<String>,
}

fn main() {}
