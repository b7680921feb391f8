use tcmesh_derive::Model;

/// One of two.
#[derive(Model)]
enum Either {
    One,
    Other,
}

/// A pair.
#[derive(Model)]
struct Pair(String, String);

/// Of some type.
#[derive(Model)]
struct Generic<T> {
    /// A value.
    #[tf(required)]
    value: T,
}

fn main() {}
