//! The options inside `#[tf(..)]`.

use proc_macro2::TokenTree;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Expr, ExprRange, Ident, LitInt, LitStr, Path, Token};

/// One setting of a field with the word that names it, for messages.
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) name: Ident,
    pub(crate) setting: Setting,
}

/// One setting of a field.
#[derive(Debug)]
pub(crate) enum Setting {
    Required,
    Optional,
    Computed,
    Identity { optional: bool },
    Default(Expr),
    ForceNew,
    Sensitive,
    WriteOnly,
    OneOf(Vec<LitStr>),
    Length(ExprRange),
    Range(ExprRange),
    Check(Path),
    Each(Path),
    Same(Path),
    Block,
    Min(LitInt),
    Max(LitInt),
    ConfigOnly,
    Carried,
    Volatile,
    ChangesWith(Vec<LitStr>),
    Settles(Expr),
    OptIn,
    Deprecated(LitStr),
}

/// Everything inside one `#[tf(..)]`: what could be read, and what is wrong with the rest.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) named: Vec<Named>,
    pub(crate) errors: Vec<syn::Error>,
}

impl Parse for Settings {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut settings = Self { named: Vec::new(), errors: Vec::new() };
        while !input.is_empty() {
            match input.parse() {
                Ok(named) => settings.named.push(named),
                Err(error) => settings.errors.push(error),
            }
            while !input.is_empty() && !input.peek(Token![,]) {
                input.parse::<TokenTree>()?;
            }
            input.parse::<Option<Token![,]>>()?;
        }
        Ok(settings)
    }
}

impl Parse for Named {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name: Ident = input.parse()?;
        let setting = match name.to_string().as_str() {
            "required" => Setting::Required,
            "optional" => Setting::Optional,
            "computed" => Setting::Computed,
            "identity" => Setting::Identity { optional: parse_optional(input)? },
            "default" => Setting::Default(assigned(input)?),
            "force_new" => Setting::ForceNew,
            "sensitive" => Setting::Sensitive,
            "write_only" => Setting::WriteOnly,
            "one_of" => Setting::OneOf(listed(input)?),
            "length" => Setting::Length(bracketed(input)?),
            "range" => Setting::Range(bracketed(input)?),
            "check" => Setting::Check(assigned(input)?),
            "each" => Setting::Each(assigned(input)?),
            "same" => Setting::Same(assigned(input)?),
            "block" => Setting::Block,
            "min" => Setting::Min(assigned(input)?),
            "max" => Setting::Max(assigned(input)?),
            "config_only" => Setting::ConfigOnly,
            "carried" => Setting::Carried,
            "volatile" => Setting::Volatile,
            "changes_with" => Setting::ChangesWith(listed(input)?),
            "settles" => Setting::Settles(assigned(input)?),
            "opt_in" => Setting::OptIn,
            "deprecated" => Setting::Deprecated(assigned(input)?),
            _ => return Err(syn::Error::new(name.span(), format!("there is no option `{name}`"))),
        };
        Ok(Self { name, setting })
    }
}

/// Whether an expression is `None`.
pub(crate) fn is_none(value: &Expr) -> bool {
    matches!(value, Expr::Path(path) if path.path.is_ident("None"))
}

fn assigned<T: Parse>(input: ParseStream<'_>) -> syn::Result<T> {
    input.parse::<Token![=]>()?;
    input.parse()
}

fn bracketed<T: Parse>(input: ParseStream<'_>) -> syn::Result<T> {
    let content;
    syn::parenthesized!(content in input);
    content.parse()
}

fn listed(input: ParseStream<'_>) -> syn::Result<Vec<LitStr>> {
    let content;
    syn::parenthesized!(content in input);
    Ok(Punctuated::<LitStr, Token![,]>::parse_terminated(&content)?.into_iter().collect())
}

/// `identity` or `identity(optional)`.
fn parse_optional(input: ParseStream<'_>) -> syn::Result<bool> {
    if !input.peek(syn::token::Paren) {
        return Ok(false);
    }
    let word: Ident = bracketed(input)?;
    if word == "optional" { Ok(true) } else { Err(syn::Error::new(word.span(), "expected `optional`")) }
}
