use tcmesh_derive::Model;

/// Defaults that cannot be.
#[derive(Model)]
struct Thing {
    /// Always set.
    #[tf(required, default = "x")]
    required: String,
    /// Of another type.
    #[tf(optional, default = 5)]
    mistyped: String,
    /// Not a literal.
    #[tf(optional, default = std::f64::consts::PI)]
    expression: f64,
    /// Not a scalar.
    #[tf(optional, default = "a")]
    list: Vec<String>,
    /// Never absent, so no `Option`.
    #[tf(optional, default = true)]
    maybe: Option<bool>,
}

fn main() {}
