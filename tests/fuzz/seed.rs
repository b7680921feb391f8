use tcmesh::framework::{Type, msgpack};
use tcmesh::framework::value::{Typed, Value};
fn sample(of: &Type, name: &str) -> Value {
    match of {
        Type::Bool => true.into(),
        Type::Number => 80.into(),
        Type::String => match name { "id" => "ccn-gree226l".into(), _ => format!("{name}-1").as_str().into() },
        Type::Dynamic => Value::Typed(Box::new(Typed { r#type: Type::List(Box::new(Type::Number)), value: Value::List(vec![1.into(), 0.5.into()]) })),
        Type::List(of) => Value::List(vec![sample(of, name), Value::Null]),
        Type::Set(of) => Value::set([sample(of, name), Value::Unknown]),
        Type::Map(of) => Value::object([("key", sample(of, name))]),
        Type::Object(of) => Value::object(of.iter().map(|(name, of)| (name.clone(), sample(of, name)))),
        Type::Tuple(of) => Value::List(of.iter().map(|of| sample(of, name)).collect()),
    }
}
fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::Null | Value::Unknown => serde_json::Value::Null,
        Value::Bool(b) => (*b).into(),
        Value::Number(n) => serde_json::from_str(n.as_str()).unwrap(),
        Value::String(s) => s.as_str().into(),
        Value::List(l) | Value::Set(l) => l.iter().map(json).collect(),
        Value::Map(m) => serde_json::Value::Object(m.iter().map(|(k, v)| (k.clone(), json(v))).collect()),
        Value::Typed(t) => serde_json::json!({"type": t.r#type.to_json(), "value": json(&t.value)}),
    }
}
#[test]
fn write() {
    let mut types = vec![
        ("dynamic".to_owned(), Type::Dynamic),
        ("number".to_owned(), Type::Number),
        ("set".to_owned(), Type::Set(Box::new(Type::Dynamic))),
        ("map".to_owned(), Type::Map(Box::new(Type::List(Box::new(Type::Number))))),
        ("tuple".to_owned(), Type::Tuple(vec![Type::Dynamic, Type::Bool, Type::String])),
    ];
    types.extend(tcmesh::resources::registry().schemas().map(|(k, n, s)| (format!("{k:?}-{n}").to_lowercase(), s.r#type.clone())));
    std::fs::create_dir_all("tests/fuzz/corpus/msgpack").unwrap();
    std::fs::create_dir_all("tests/fuzz/corpus/dynamic_value").unwrap();
    std::fs::create_dir_all("tests/fuzz/corpus/state_upgrade").unwrap();
    for (i, (name, of)) in types.iter().enumerate() {
        let value = sample(of, "");
        let mut bytes = vec![u8::try_from(i).unwrap()];
        bytes.extend(msgpack::encode(&value));
        std::fs::write(format!("tests/fuzz/corpus/msgpack/{name}"), bytes).unwrap();
        if i >= 5 {
            std::fs::write(format!("/tmp/seed-{name}.json"), json(&value.without_unknowns()).to_string()).unwrap();
        }
    }
}
