//! Wrong uses, each reported at the word concerned.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Expr, ExprRange, ExprUnary, Lit, LitStr, RangeLimits, Type, UnOp};

use crate::input::{Errors, Field, Model};
use crate::kind::{Kind, value_type};
use crate::options::{Setting, is_none};

pub(crate) fn check(model: &Model<'_>, errors: &mut Errors) {
    if model.docs.is_empty() {
        errors.at(model.ident.span(), "a model needs a doc comment: it is the description that users read");
    }
    for field in &model.fields {
        check_name(field, errors);
        if !field.broken {
            check_field(field, model, errors);
        }
    }
}

fn check_field(field: &Field<'_>, model: &Model<'_>, errors: &mut Errors) {
    check_repetition(field, errors);
    if field.has(|setting| matches!(setting, Setting::Block)) {
        check_block(field, errors);
    } else {
        check_usage(field, errors);
        check_default(field, errors);
    }
    check_rules(field, errors);
    check_tracking(field, model, errors);
}

fn check_name(field: &Field<'_>, errors: &mut Errors) {
    let lower = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    if !field.name.chars().all(lower) || field.name.starts_with('_') {
        errors.at(field.ident.span(), "a name consists of lower case letters, digits and `_`");
    }
    if field.docs.is_empty() {
        errors.at(field.ident.span(), "a field needs a doc comment: it is the description that users read");
    }
}

fn check_repetition(field: &Field<'_>, errors: &mut Errors) {
    for (position, named) in field.options.iter().enumerate() {
        if field.options[..position].iter().any(|earlier| earlier.name == named.name) {
            errors.at(named.name.span(), "this option is given twice");
        }
    }
}

fn check_usage(field: &Field<'_>, errors: &mut Errors) {
    let required = field.find(|setting| matches!(setting, Setting::Required));
    let optional = field.find(|setting| matches!(setting, Setting::Optional));
    let computed = field.find(|setting| matches!(setting, Setting::Computed));
    match (required, optional, computed) {
        (None, None, None) => errors.at(field.ident.span(), "say `required`, `optional`, `computed` or `block`"),
        (Some(span), Some(_), _) | (Some(span), _, Some(_)) => {
            errors.at(span, "a required attribute is neither optional nor computed");
        }
        _ => check_type(field, required.is_some(), computed.is_some(), errors),
    }
    let counted = |setting: &Setting| matches!(setting, Setting::Min(_) | Setting::Max(_));
    if let Some(span) = field.find(counted) {
        errors.at(span, "only blocks are counted; for a collection say `length(..)`");
    }
}

/// Whether the Rust type can hold what the usage allows.
fn check_type(field: &Field<'_>, required: bool, computed: bool, errors: &mut Errors) {
    let kind = Kind::of(field.of);
    let write_only = field.find(|setting| matches!(setting, Setting::WriteOnly));
    let defaulted = field.has(|setting| matches!(setting, Setting::Default(_)));
    let is_computed = matches!(kind, Kind::Computed(_));
    let is_write_only = matches!(kind, Kind::WriteOnly(_));
    let may_be_absent = kind.is_collection() || matches!(kind, Kind::Option(_) | Kind::WriteOnly(_));
    let span = field.of.span();
    if computed != is_computed {
        errors.at(span, "a computed attribute, and only one, is a `Computed<T>`");
    } else if write_only.is_some() != is_write_only {
        errors.at(write_only.unwrap_or(span), "a write-only attribute, and only one, is a `WriteOnly<T>`");
    } else if required && matches!(kind, Kind::Option(_)) {
        errors.at(span, "a required attribute is always there: it is no `Option`");
    } else if !required && !computed && !defaulted && !may_be_absent {
        errors.at(span, "an optional attribute without default is an `Option<T>` or a collection");
    }
}

fn check_default(field: &Field<'_>, errors: &mut Errors) {
    for named in &field.options {
        let Setting::Default(default) = &named.setting else { continue };
        let optional = field.has(|setting| matches!(setting, Setting::Optional));
        if !optional || field.has(|setting| matches!(setting, Setting::Computed)) {
            errors.at(named.name.span(), "only an optional attribute has a default");
        } else if !Kind::of(field.of).is_scalar() {
            errors.at(field.of.span(), "an attribute with a default is a `String`, `bool`, `i64` or `f64`");
        } else if !fits(default, field.of) {
            errors.at(default.span(), "the default is a literal of the field's type");
        }
    }
}

/// Whether the value is a literal of the type.
fn fits(value: &Expr, of: &Type) -> bool {
    let (negative, literal) = match value {
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => (true, expr.as_ref()),
        other => (false, other),
    };
    let literal_of = |test: fn(&Lit) -> bool| matches!(literal, Expr::Lit(literal) if test(&literal.lit));
    match Kind::of(of) {
        Kind::Text => !negative && literal_of(|literal| matches!(literal, Lit::Str(_))),
        Kind::Bool => !negative && literal_of(|literal| matches!(literal, Lit::Bool(_))),
        Kind::Whole => literal_of(|literal| matches!(literal, Lit::Int(_))),
        Kind::Float => literal_of(|literal| matches!(literal, Lit::Float(_))),
        kind => matches!(literal, Expr::Array(array) if array.elems.is_empty()) && kind.is_collection(),
    }
}

fn check_block(field: &Field<'_>, errors: &mut Errors) {
    let kind = Kind::of(field.of);
    let wrong_kind = kind.is_scalar()
        || matches!(kind, Kind::Set(_) | Kind::Map(_) | Kind::Computed(_) | Kind::WriteOnly(_))
        || matches!(kind, Kind::List(inner) | Kind::Option(inner) if Kind::of(inner) != Kind::Other);
    if wrong_kind {
        errors.at(field.of.span(), "a block is a `Vec<T>`, an `Option<T>` or a `T`, where `T` is a model");
    }
    for named in &field.options {
        let counted = matches!(named.setting, Setting::Min(_) | Setting::Max(_));
        if counted && !matches!(kind, Kind::List(_)) {
            errors.at(named.name.span(), "only a block that is a `Vec<T>` is counted");
        } else if !counted && !fits_block(&named.setting) {
            errors.at(named.name.span(), "this option is not for blocks");
        }
    }
}

fn fits_block(setting: &Setting) -> bool {
    use Setting::{Block, Carried, Check, ConfigOnly, Deprecated, Each, ForceNew, OptIn};
    matches!(setting, Block | Carried | Check(_) | ConfigOnly | Deprecated(_) | Each(_) | ForceNew | OptIn)
}

fn check_rules(field: &Field<'_>, errors: &mut Errors) {
    let kind = Kind::of(value_type(field.of));
    let settable = !field.has(|setting| matches!(setting, Setting::Computed))
        || field.has(|setting| matches!(setting, Setting::Optional));
    for named in &field.options {
        let (fits, message) = match &named.setting {
            Setting::OneOf(_) => (kind == Kind::Text, "`one_of` is for strings"),
            Setting::Length(_) => {
                (kind == Kind::Text || kind.is_collection(), "`length` is for strings and collections")
            }
            Setting::Range(_) => (kind.is_number(), "`range` is for numbers"),
            Setting::Each(_) => (kind.is_collection(), "`each` is for collections"),
            Setting::Same(_) => (kind.is_scalar(), "`same` is for strings, numbers and booleans"),
            Setting::Check(_) => (true, ""),
            _ => continue,
        };
        if let Setting::Length(range) | Setting::Range(range) = &named.setting {
            check_range(range, errors);
        }
        if !fits {
            errors.at(named.name.span(), message);
        } else if !settable {
            errors.at(named.name.span(), "a rule is for what a configuration may set");
        }
    }
}

fn check_range(range: &ExprRange, errors: &mut Errors) {
    if range.end.is_some() && matches!(range.limits, RangeLimits::HalfOpen(_)) {
        errors.at(range.span(), "both ends are included: write `a..=b`");
    }
}

/// What the plan and the reads do with the field.
fn check_tracking(field: &Field<'_>, model: &Model<'_>, errors: &mut Errors) {
    let has = |test: fn(&Setting) -> bool| field.has(test);
    let computed = has(|setting| matches!(setting, Setting::Computed));
    let settable = !computed || has(|setting| matches!(setting, Setting::Optional));
    let write_only = has(|setting| matches!(setting, Setting::WriteOnly));
    for named in &field.options {
        let span = named.name.span();
        match &named.setting {
            Setting::Volatile if !computed => errors.at(span, "only a computed attribute is volatile"),
            Setting::ChangesWith(_) if !computed => errors.at(span, "only a computed attribute changes with others"),
            Setting::ChangesWith(_) if has(|setting| matches!(setting, Setting::Volatile)) => {
                errors.at(span, "a volatile attribute changes with every update");
            }
            Setting::OptIn
                if !matches!(Kind::of(field.of), Kind::Option(_))
                    || !has(|setting| matches!(setting, Setting::Block)) =>
            {
                errors.at(span, "only a block that is an `Option<T>` is opted into");
            }
            Setting::Settles(value) => check_settled(field, value, settable, errors),
            Setting::ChangesWith(names) => check_names(names, model, errors),
            // Terraform lists sensitive attributes in no fixed order, and takes another order for a change of the object.
            Setting::Sensitive if write_only => errors.at(span, "a write-only value is never shown anyway"),
            Setting::ForceNew if !settable || write_only => errors.at(span, "only an argument forces a new object"),
            Setting::ConfigOnly if !settable => errors.at(span, "only an argument comes from the configuration"),
            Setting::ConfigOnly | Setting::Carried if write_only => {
                errors.at(span, "what is not in the state is not carried over");
            }
            Setting::Carried if has(|setting| matches!(setting, Setting::ConfigOnly)) => {
                errors.at(span, "`config_only` already says so");
            }
            Setting::Identity { .. } => check_identity(field, span, errors),
            _ => {}
        }
    }
}

fn check_settled(field: &Field<'_>, value: &Expr, settable: bool, errors: &mut Errors) {
    if settable {
        errors.at(value.span(), "only what no configuration sets settles");
    } else if field.has(|setting| matches!(setting, Setting::Volatile | Setting::ChangesWith(_))) {
        errors.at(value.span(), "what settles is known in the plan of every update");
    } else if !is_none(value) && !fits(value, value_type(field.of)) {
        errors.at(value.span(), "it settles to a literal of the field's type, to `[]` or to `None`");
    }
}

fn check_names(names: &[LitStr], model: &Model<'_>, errors: &mut Errors) {
    for name in names {
        if !model.fields.iter().any(|field| field.name == name.value()) {
            errors.at(name.span(), "there is no such field");
        }
    }
}

fn check_identity(field: &Field<'_>, span: Span, errors: &mut Errors) {
    let kind = Kind::of(value_type(field.of));
    let plain = kind.is_scalar() || matches!(kind, Kind::List(element) if Kind::of(element).is_scalar());
    if !plain {
        errors.at(span, "an identity consists of strings, numbers, booleans and lists of these");
    }
}
