//! Values on the wire: msgpack, with the type known from the schema and an extension for "unknown".

mod decode;
mod encode;
mod token;

pub use decode::decode;
pub use encode::encode;

use super::diagnostics::{Diagnostic, Diagnostics};
use super::path::Path;
use super::types::Type;

/// How deep values may be nested. Only values that bring their own types can be so deep, and would fill the stack.
pub(super) const MAX_DEPTH: usize = 128;

/// How many wrong parts of a value are reported: each may be a byte, and its report is hundreds.
const MAX_PROBLEMS: usize = 100;

/// Adds a wrong part of a value, shared with the JSON notation.
pub(super) fn report(problems: &mut Diagnostics, problem: Diagnostic) {
    if problems.iter().len() < MAX_PROBLEMS {
        problems.push(problem);
    }
}

/// The message for a value of another type than the schema's, shared with the JSON notation.
pub(super) fn wrong_type(path: &Path, expected: &Type) -> Diagnostic {
    Diagnostic::error("Wrong type of value", format!("Expected {}.", expected.friendly())).at(path.clone())
}

/// The message for an attribute that the schema does not have, shared with the JSON notation.
pub(super) fn unexpected(path: &Path) -> Diagnostic {
    Diagnostic::error("Unexpected attribute", "The schema has no attribute of this name.").at(path.clone())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::value::{Typed, Value};
    use super::*;

    fn unhex(text: &str) -> Vec<u8> {
        let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16).expect("hex");
        digits.chunks(2).map(byte).collect()
    }

    fn list(element: Type) -> Type {
        Type::List(Box::new(element))
    }

    #[test]
    fn numbers_of_every_width_decode() {
        let bytes = unhex(
            "dc0014 00 01 ff 7f cc80 ccff cd0100 ce00010000 cf0000000100000000 cf7fffffffffffffff
             e0 d080 d18000 d280000000 d38000000000000000 cfffffffffffffffff
             ca3f000000 cb3fe0000000000000 a3302e31 a53165313030",
        );
        let Ok(Value::List(numbers)) = decode(&bytes, &list(Type::Number)) else { panic!("a list") };
        let texts: Vec<String> = numbers
            .into_iter()
            .map(|value| match value {
                Value::Number(number) => number.to_string(),
                other => panic!("{other:?}"),
            })
            .collect();
        let large = format!("1{}", "0".repeat(100));
        let expected = "0 1 -1 127 128 255 256 65536 4294967296 9223372036854775807 \
                        -32 -128 -32768 -2147483648 -9223372036854775808 18446744073709551615 0.5 0.5 0.1";
        assert_eq!(texts[..19].join(" "), expected);
        assert_eq!(texts[19], large);
    }

    #[test]
    fn numbers_are_written_as_text() {
        let numbers = Value::List(vec![1.into(), (-33).into(), 0.5.into()]);
        assert_eq!(encode(&numbers), unhex("93 a131 a32d3333 a3302e35"));
    }

    #[test]
    fn unknown_values_of_any_extension_decode_and_one_form_is_written() {
        let forms = [
            "d40000",
            "d40105",
            "c7030c8101c2",
            "c7090c8201c202a47072652d",
            "c7070c8201c2039200c3",
            "d80c00000000000000000000000000000000",
        ];
        for form in forms {
            assert_eq!(decode(&unhex(form), &Type::String), Ok(Value::Unknown), "{form}");
        }
        assert_eq!(encode(&Value::Unknown), unhex("d40000"));
    }

    #[test]
    fn values_of_any_type_bring_their_type() {
        let typed = |of, value| Value::Typed(Box::new(Typed { r#type: of, value }));
        let string = unhex("92 c408 22737472696e6722 a3737472");
        let value = typed(Type::String, "str".into());
        assert_eq!(decode(&string, &Type::Dynamic), Ok(value.clone()));
        assert_eq!(encode(&value), string);
        for value in [typed(Type::String, Value::Null), typed(list(Type::Bool), Value::Unknown)] {
            assert_eq!(decode(&encode(&value), &Type::Dynamic), Ok(value));
        }
        assert_eq!(decode(&unhex("c0"), &Type::Dynamic), Ok(Value::Null));
        assert_eq!(decode(&unhex("d40000"), &Type::Dynamic), Ok(Value::Unknown));
    }

    #[test]
    fn every_wrong_attribute_is_reported_at_its_path() {
        let of = Type::Object([("a".to_owned(), Type::Bool), ("b".to_owned(), list(Type::Number))].into());
        let bytes = unhex("83 a161 a178 a162 93 01 a178 81a16b90 a163 c0");
        let problems = decode(&bytes, &of).expect_err("three problems");
        let found: Vec<String> = problems.iter().map(|problem| problem.path.to_string()).collect();
        assert_eq!(found, ["a", "b[1]", "b[2]", "c"]);
    }

    #[test]
    fn bytes_that_are_no_message_are_one_error() {
        for bytes in ["", "91", "a5", "c1", "dd ffffffff", "c0c0", "a1ff"] {
            assert_eq!(decode(&unhex(bytes), &list(Type::String)).expect_err(bytes).iter().count(), 1, "{bytes}");
        }
    }

    #[test]
    fn values_that_are_nested_without_end_are_an_error() {
        let nested = unhex("92 c409 2264796e616d696322").repeat(20_000);
        assert_eq!(decode(&nested, &Type::Dynamic).expect_err("too deep").iter().count(), 1);
    }

    #[test]
    fn a_value_of_which_everything_is_wrong_is_a_hundred_errors() {
        let wrong = Value::List(vec![true.into(); 1000]);
        assert_eq!(decode(&encode(&wrong), &list(Type::Number)).expect_err("no numbers").iter().count(), MAX_PROBLEMS);
    }

    #[test]
    fn missing_attributes_are_null_and_attributes_may_come_in_any_order() {
        let of = Type::Object([("a".to_owned(), Type::Bool), ("b".to_owned(), Type::String)].into());
        let expected = Value::object([("a", Value::Null), ("b", "x".into())]);
        assert_eq!(decode(&unhex("81 a162 a178"), &of), Ok(expected.clone()));
        assert_eq!(decode(&unhex("82 a162 a178 a161 c0"), &of), Ok(expected));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let of = Type::Object([("a".to_owned(), list(Type::Dynamic)), ("b".to_owned(), Type::Number)].into());
            let _ = decode(&bytes, &of);
        }

        #[test]
        fn item_25_finite_floats_round_trip_and_others_are_never_written(number in any::<f64>()) {
            let decoded = decode(&encode(&Value::from(number)), &Type::Number);
            prop_assert_eq!(decoded, Ok(Value::from(number)));
            if !number.is_finite() {
                prop_assert_eq!(encode(&Value::from(number)), unhex("d40000"));
            }
        }

        #[test]
        fn texts_and_maps_of_any_size_round_trip(texts in proptest::collection::btree_map(".{0,40}", ".{0,300}", 0..40)) {
            let value = Value::object(texts.iter().map(|(key, text)| (key.clone(), Value::from(text.as_str()))));
            prop_assert_eq!(decode(&encode(&value), &Type::Map(Box::new(Type::String))), Ok(value));
        }
    }
}
