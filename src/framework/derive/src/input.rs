//! The struct as it is written.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::{Attribute, Data, DeriveInput, Expr, Fields, Ident, Lit, Meta, Type};

use crate::options::{Named, Setting, Settings};

/// A struct that becomes a model.
#[derive(Debug)]
pub(crate) struct Model<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) docs: String,
    pub(crate) fields: Vec<Field<'a>>,
}

/// A field that becomes an attribute or a block.
#[derive(Debug)]
pub(crate) struct Field<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) of: &'a Type,
    /// The name in Terraform: that of the field, without `r#`.
    pub(crate) name: String,
    pub(crate) docs: String,
    pub(crate) options: Vec<Named>,
    /// Whether an option could not be read, which is reported already.
    pub(crate) broken: bool,
}

impl<'a> Model<'a> {
    /// The struct, where it is one; what is wrong with its options is told to `errors`.
    pub(crate) fn parse(input: &'a DeriveInput, errors: &mut Errors) -> syn::Result<Self> {
        let Data::Struct(data) = &input.data else {
            return Err(syn::Error::new(input.ident.span(), "a model is a struct with named fields"));
        };
        let Fields::Named(named) = &data.fields else {
            return Err(syn::Error::new(input.ident.span(), "a model is a struct with named fields"));
        };
        if !input.generics.params.is_empty() {
            return Err(syn::Error::new_spanned(&input.generics, "a model has no generic parameters"));
        }
        let fields = named.named.iter().map(|field| Field::parse(field, errors)).collect::<syn::Result<_>>()?;
        Ok(Self { ident: &input.ident, docs: docs(&input.attrs), fields })
    }
}

impl<'a> Field<'a> {
    fn parse(field: &'a syn::Field, errors: &mut Errors) -> syn::Result<Self> {
        let missing = || syn::Error::new_spanned(field, "a model is a struct with named fields");
        let ident = field.ident.as_ref().ok_or_else(missing)?;
        let mut options = Vec::new();
        let mut broken = false;
        for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("tf")) {
            let settings: Settings = attribute.parse_args()?;
            broken |= !settings.errors.is_empty();
            options.extend(settings.named);
            settings.errors.into_iter().for_each(|error| errors.push(error));
        }
        Ok(Self { ident, of: &field.ty, name: ident.unraw().to_string(), docs: docs(&field.attrs), options, broken })
    }

    /// The word of the first option for which `test` holds.
    pub(crate) fn find(&self, test: impl Fn(&Setting) -> bool) -> Option<Span> {
        self.options.iter().find(|named| test(&named.setting)).map(|named| named.name.span())
    }

    pub(crate) fn has(&self, test: impl Fn(&Setting) -> bool) -> bool {
        self.find(test).is_some()
    }
}

/// The text of the doc comments, without the space after `///`.
fn docs(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    });
    let lines = lines.map(|line| line.strip_prefix(' ').map_or(line.clone(), str::to_owned));
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// Errors, all of which are reported.
#[derive(Default)]
pub(crate) struct Errors(Option<syn::Error>);

impl Errors {
    pub(crate) fn push(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(errors) => errors.combine(error),
            None => self.0 = Some(error),
        }
    }

    pub(crate) fn at(&mut self, span: Span, message: &str) {
        self.push(syn::Error::new(span, message));
    }

    pub(crate) fn finish(self) -> syn::Result<()> {
        self.0.map_or(Ok(()), Err)
    }
}
