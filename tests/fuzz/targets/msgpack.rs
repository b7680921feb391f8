//! Values on the wire, as msgpack, read as the types of the provider's schemas.
//!
//! An input is one byte that chooses the type, and the value. What was read must be written and read again as the same.

use tcmesh::framework::Type;
use tcmesh::framework::msgpack::{decode, encode};
use tcmesh::framework::value::Value;
use tcmesh::resources::registry;

use crate::engine::{Taker, Target, run};

const TARGET: Target = Target {
    name: "msgpack",
    test: concat!(module_path!(), "::survives"),
    tokens: &[
        "\u{92}",
        "id",
        "name",
        "timeouts",
        "create",
        "1e400",
        "\"string\"",
        "[\"list\",\"dynamic\"]",
        "[\"set\",\"number\"]",
        "[\"map\",[\"tuple\",[\"bool\",\"dynamic\"]]]",
        "[\"object\",{\"a\":\"number\"},[\"a\"]]",
        "\"dynamic\"",
    ],
    start,
};

#[test]
fn survives() {
    run(&TARGET);
}

fn start() -> Taker {
    let mut types = vec![
        Type::Dynamic,
        Type::Number,
        Type::Set(Box::new(Type::Dynamic)),
        Type::Map(Box::new(Type::List(Box::new(Type::Number)))),
        Type::Tuple(vec![Type::Dynamic, Type::Bool, Type::String]),
    ];
    types.extend(registry().schemas().map(|(_, _, schema)| schema.r#type.clone()));
    Box::new(move |input| {
        let Some((byte, bytes)) = input.split_first() else { return String::new() };
        let of = &types[usize::from(*byte) % types.len()];
        let chosen = char::from(b'a' + byte % 26);
        match decode(bytes, of) {
            Ok(value) => {
                check_round_trip(&value, of);
                format!("{chosen} {}", sketch(&value))
            }
            Err(problems) => {
                let problems: Vec<_> = problems.iter().map(|it| format!("{} {}", it.path, it.detail)).collect();
                assert!(!problems.is_empty(), "an error without a word");
                format!("{chosen} {}", problems.into_iter().take(3).collect::<String>())
            }
        }
    })
}

fn check_round_trip(value: &Value, of: &Type) {
    let written = encode(value);
    let again = decode(&written, of).expect("what is written can be read");
    assert_eq!(&again, value);
    assert_eq!(encode(&again), written);
}

/// The kinds of values down to the second level.
fn sketch(value: &Value) -> String {
    match value {
        Value::Map(entries) => entries.values().map(kind).collect(),
        Value::List(elements) | Value::Set(elements) => elements.iter().take(8).map(kind).collect(),
        Value::Typed(typed) => format!("t{}", sketch(&typed.value)),
        scalar => kind(scalar).to_string(),
    }
}

fn kind(value: &Value) -> char {
    match value {
        Value::Null => '-',
        Value::Unknown => '?',
        Value::Bool(_) => 'b',
        Value::Number(_) => 'n',
        Value::String(_) => 's',
        Value::List(_) => 'l',
        Value::Set(_) => 'e',
        Value::Map(_) => 'm',
        Value::Typed(_) => 't',
    }
}
