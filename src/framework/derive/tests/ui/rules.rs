use tcmesh_derive::Model;

struct Computed<T>(T);

/// Rules that do not fit.
#[derive(Model)]
struct Thing {
    /// Not a string.
    #[tf(required, one_of("1", "2"))]
    number: i64,
    /// Not a number.
    #[tf(required, range(1..=2))]
    text: String,
    /// Has no length.
    #[tf(required, length(1..=2))]
    truth: bool,
    /// Has no elements.
    #[tf(required, each = check)]
    single: String,
    /// Half open.
    #[tf(required, range(1..3))]
    half_open: i64,
    /// Nobody sets it.
    #[tf(computed, length(1..=2))]
    computed: Computed<String>,
    /// Not a scalar.
    #[tf(required, same = same)]
    list: Vec<String>,
}

fn main() {}
