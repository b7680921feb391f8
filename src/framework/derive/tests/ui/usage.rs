use tcmesh_derive::Model;

struct Computed<T>(T);
struct WriteOnly<T>(T);

/// Who sets an attribute, and what type that needs.
#[derive(Model)]
struct Thing {
    /// Nobody says who sets it.
    unsaid: String,
    /// Both at once.
    #[tf(required, optional)]
    both: String,
    /// Required and computed.
    #[tf(required, computed)]
    contradictory: Computed<String>,
    /// Always there.
    #[tf(required)]
    always: Option<String>,
    /// What if it is not there?
    #[tf(optional)]
    absent: String,
    /// Unknown in a plan.
    #[tf(computed)]
    unknown: String,
    /// Never unknown.
    #[tf(optional)]
    known: Computed<String>,
    /// Not marked.
    #[tf(optional)]
    secret: WriteOnly<String>,
    /// Not of the type.
    #[tf(optional, write_only)]
    plain: Option<String>,
    /// Twice.
    #[tf(required, required)]
    twice: String,
    /// Not an option.
    #[tf(mandatory)]
    misspelt: String,
}

fn main() {}
