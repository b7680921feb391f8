//! The code of the implementation.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Expr, ExprRange, LitInt, Type};

use crate::input::{Field, Model};
use crate::kind::{Kind, value_type};
use crate::options::{Setting, is_none};

pub(crate) fn expand(model: &Model<'_>) -> TokenStream {
    let Model { ident, docs, fields } = model;
    let described = fields.iter().map(describe);
    let names: Vec<_> = fields.iter().map(|field| &field.name).collect();
    let idents: Vec<_> = fields.iter().map(|field| field.ident).collect();
    quote! {
        impl ::tcmesh::framework::model::Model for #ident {
            fn body() -> ::tcmesh::framework::schema::Body {
                use ::tcmesh::framework::schema::{Field, Identity, Nesting, Origin, Renewal, Rule, Shape, Usage};
                use ::tcmesh::framework::model::AttributeValue;
                ::tcmesh::framework::schema::Body { description: #docs, fields: ::std::vec![#(#described),*] }
            }

            fn from_object(
                object: &::tcmesh::framework::value::Value,
                decoder: &mut ::tcmesh::framework::model::Decoder,
            ) -> Self {
                Self { #(#idents: decoder.field(object, #names)),* }
            }

            fn to_object(&self) -> ::tcmesh::framework::value::Value {
                use ::tcmesh::framework::model::AttributeValue;
                ::tcmesh::framework::value::Value::object([#((#names, self.#idents.encode())),*])
            }
        }
    }
}

/// The expression for the field's part of the schema.
fn describe(field: &Field<'_>) -> TokenStream {
    let Field { name, docs, .. } = field;
    let shape = shape(field);
    let usage = usage(field);
    let mut rules = Vec::new();
    let mut properties = Vec::new();
    for named in &field.options {
        if let Some(rule) = rule(&named.setting, field.of) {
            rules.push(rule);
        } else {
            properties.extend(property(&named.setting, field.of));
        }
    }
    if Kind::of(value_type(field.of)) == Kind::Float && !field.has(|setting| matches!(setting, Setting::Same(_))) {
        // Decimals that are one `f64` cannot be told apart by the Rust type.
        properties.push(same(&syn::parse_quote!(f64), &syn::parse_quote!(::core::cmp::PartialEq::eq)));
    }
    if !rules.is_empty() {
        properties.push(quote!(rules: ::std::vec![#(#rules),*]));
    }
    quote!(Field { usage: #usage, #(#properties,)* ..Field::new(#name, #shape, #docs) })
}

fn usage(field: &Field<'_>) -> TokenStream {
    let required = field.has(|setting| matches!(setting, Setting::Required));
    let optional = field.has(|setting| matches!(setting, Setting::Optional));
    let computed = field.has(|setting| matches!(setting, Setting::Computed));
    match (required, optional, computed) {
        (true, ..) => quote!(Usage::Required),
        (_, true, true) => quote!(Usage::OptionalComputed),
        (_, _, true) => quote!(Usage::Computed),
        _ => quote!(Usage::Optional),
    }
}

fn shape(field: &Field<'_>) -> TokenStream {
    let of = field.of;
    if !field.has(|setting| matches!(setting, Setting::Block)) {
        return quote!(<#of as AttributeValue>::shape());
    }
    match Kind::of(of) {
        Kind::List(inner) => {
            let min = count(field, |setting| if let Setting::Min(count) = setting { Some(count) } else { None });
            let max = count(field, |setting| if let Setting::Max(count) = setting { Some(count) } else { None });
            quote!(Shape::block::<#inner>(Nesting::List, #min, #max))
        }
        Kind::Option(inner) => quote!(Shape::block::<#inner>(Nesting::Single, 0, 0)),
        _ => quote!(Shape::block::<#of>(Nesting::Single, 1, 1)),
    }
}

fn count(field: &Field<'_>, select: impl Fn(&Setting) -> Option<&LitInt>) -> TokenStream {
    let count = field.options.iter().find_map(|named| select(&named.setting));
    count.map_or(quote!(0), |count| quote!(#count))
}

fn property(setting: &Setting, of: &Type) -> Option<TokenStream> {
    let inner = value_type(of);
    Some(match setting {
        Setting::Default(literal) => {
            let value = value(literal, of);
            quote!(default: Some(#value))
        }
        Setting::Settles(literal) => {
            let value = value(literal, inner);
            quote!(settles: Some(#value))
        }
        Setting::Identity { optional: false } => quote!(identity: Some(Identity::Required)),
        Setting::Identity { optional: true } => quote!(identity: Some(Identity::Optional)),
        Setting::Same(path) => same(inner, path),
        Setting::ForceNew => quote!(force_new: true),
        Setting::Sensitive => quote!(sensitive: true),
        Setting::WriteOnly => quote!(write_only: true),
        Setting::ConfigOnly => quote!(origin: Origin::Configuration),
        Setting::Carried => quote!(origin: Origin::Carried),
        Setting::OptIn => quote!(opt_in: true),
        Setting::Volatile => quote!(renewal: Renewal::Always),
        Setting::ChangesWith(names) => quote!(renewal: Renewal::With(&[#(#names),*])),
        Setting::Deprecated(why) => quote!(deprecated: Some(#why)),
        _ => return None,
    })
}

/// A literal as a value of the schema; the only one of a collection is that of an empty one.
fn value(literal: &Expr, of: &Type) -> TokenStream {
    match Kind::of(of) {
        _ if is_none(literal) => quote!(::tcmesh::framework::value::Value::Null),
        Kind::Text => quote!({ let literal: &str = #literal; literal.into() }),
        kind if kind.is_collection() => quote!(<#of as ::core::default::Default>::default().encode()),
        _ => quote!({ let literal: #of = #literal; literal.into() }),
    }
}

fn rule(setting: &Setting, of: &Type) -> Option<TokenStream> {
    let inner = value_type(of);
    Some(match setting {
        Setting::OneOf(values) => quote!(Rule::OneOf(&[#(#values),*])),
        Setting::Length(range) => {
            let (least, most) = bounds(range, &quote!(0), &quote!(usize::MAX));
            quote!(Rule::Length(#least..=#most))
        }
        Setting::Range(range) => {
            let (least, most) = bounds(range, &quote!(f64::MIN), &quote!(f64::MAX));
            quote!(Rule::Range(#least as f64..=#most as f64))
        }
        Setting::Check(path) => check(&quote!(Check), inner, path),
        Setting::Each(path) => check(&quote!(Each), Kind::of(inner).element()?, path),
        _ => return None,
    })
}

fn same(of: &Type, path: &syn::Path) -> TokenStream {
    quote! {
        same: Some(|one, other| {
            ::tcmesh::framework::schema::typed_same::<#of>(one, other, |one, other| #path(one, other))
        })
    }
}

fn check(rule: &TokenStream, of: &Type, path: &syn::Path) -> TokenStream {
    quote!(Rule::#rule(|value| ::tcmesh::framework::schema::typed::<#of>(value, |value| #path(value))))
}

/// The bounds of `a..=b`, `a..` or `..=b`, both included.
fn bounds(range: &ExprRange, least: &TokenStream, most: &TokenStream) -> (TokenStream, TokenStream) {
    let or =
        |bound: &Option<Box<Expr>>, other: &TokenStream| bound.as_ref().map_or(other.clone(), |bound| quote!(#bound));
    (or(&range.start, least), or(&range.end, most))
}
