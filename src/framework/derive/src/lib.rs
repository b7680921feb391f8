//! `#[derive(Model)]`: one struct gives a resource's schema, codec and documentation.
//!
//! Doc comments become the descriptions that users read, in Markdown. Each field says with `#[tf(..)]` what it is:
//!
//! | option | meaning |
//! |---|---|
//! | `required`, `optional`, `computed` | who sets it: the configuration must, may, or the provider does; `optional, computed` for both. A computed field is a `Computed<T>` |
//! | `default = literal` | the value of an optional attribute that the configuration leaves out |
//! | `force_new` | a change needs a new object |
//! | `identity`, `identity(optional)` | a part of the identity; `optional`: an import by identity may leave it out |
//! | `one_of("A", "B")`, `length(1..=60)`, `range(1..=100)` | what a configured value must be |
//! | `check = path`, `each = path` | a `fn(&T) -> Result<(), String>` for the value, or for each element; the error is a sentence that says what was expected |
//! | `same = path` | a `fn(&T, &T) -> bool` that says whether two spellings mean the same: the one Terraform has is then kept |
//! | `sensitive` | not shown to users. Two of them in one resource make `plan -refresh-only -detailed-exitcode` unsteady: Terraform compares the list of them, which it makes in no fixed order (measured on Terraform 1.11.4) |
//! | `write_only` | for a `WriteOnly<T>`: exists in configurations only |
//! | `config_only` | the API does not know it: read keeps it, and an imported object takes it on without an update |
//! | `carried` | the API takes it and does not answer it: read keeps it |
//! | `volatile` | computed: unknown in the plan of every update |
//! | `changes_with("a", "b")` | computed: unknown in the plan of an update when one of these attributes beside it changes |
//! | `settles = literal`, `settles = []`, `settles = None` | computed: planned as this value for every existing object, so that another one, read from the world, becomes a change in place; `[]` for a collection, `None` for null; not in nested objects |
//! | `block` | a nested block: `Vec<T>` for any number (`min = 1`, `max = 5`), `Option<T>` for one or none, `T` for one |
//! | `opt_in` | for a block that is an `Option<T>`: where the configuration leaves it out, what the API has is nobody's business here. Reads show it only where the state has it, or when the object is being imported |
//! | `deprecated = "why"` | a warning where it is set |
//!
//! A raw identifier (`r#match`) names its attribute without `r#`. All wrong uses of a struct are reported at once.

mod check;
mod expand;
mod input;
mod kind;
mod options;

use proc_macro::TokenStream;

/// Makes a struct with named fields a model; the options of a field are in the documentation of the crate.
#[proc_macro_derive(Model, attributes(tf))]
pub fn derive_model(tokens: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(tokens as syn::DeriveInput);
    model(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

fn model(input: &syn::DeriveInput) -> syn::Result<proc_macro2::TokenStream> {
    let mut errors = input::Errors::default();
    let model = input::Model::parse(input, &mut errors)?;
    check::check(&model, &mut errors);
    errors.finish()?;
    Ok(expand::expand(&model))
}
