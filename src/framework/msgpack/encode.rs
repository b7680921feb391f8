//! From values to msgpack.
//!
//! Numbers are written as decimal text, which Terraform reads as it reads those in its state. A number written as an
//! integer or a float would have another precision there, and `plan -refresh-only -detailed-exitcode` would report a
//! change where there is none (measured on Terraform 1.11.4 and 1.15.5).

use std::collections::BTreeMap;

use crate::framework::value::{Typed, Value};

/// Writes a value. An object is written as it is: the caller sees to it that it has exactly the schema's attributes.
pub fn encode(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_value(&mut bytes, value);
    bytes
}

fn write_value(bytes: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => bytes.push(0xc0),
        Value::Unknown => bytes.extend([0xd4, 0x00, 0x00]),
        Value::Bool(truth) => bytes.push(if *truth { 0xc3 } else { 0xc2 }),
        Value::Number(number) => write_text(bytes, number.as_str()),
        Value::String(text) => write_text(bytes, text),
        Value::List(elements) | Value::Set(elements) => write_list(bytes, elements),
        Value::Map(entries) => write_map(bytes, entries),
        Value::Typed(typed) => write_typed(bytes, typed),
    }
}

/// The markers of one kind of value that has a length.
struct Markers {
    /// The largest length that fits in the marker, and the marker's other bits.
    short: Option<(u8, u8)>,
    one_byte: Option<u8>,
    two_bytes: u8,
    four_bytes: u8,
}

const LIST: Markers = Markers { short: Some((0x0f, 0x90)), one_byte: None, two_bytes: 0xdc, four_bytes: 0xdd };
const MAP: Markers = Markers { short: Some((0x0f, 0x80)), one_byte: None, two_bytes: 0xde, four_bytes: 0xdf };
const TEXT: Markers = Markers { short: Some((0x1f, 0xa0)), one_byte: Some(0xd9), two_bytes: 0xda, four_bytes: 0xdb };
const BINARY: Markers = Markers { short: None, one_byte: Some(0xc4), two_bytes: 0xc5, four_bytes: 0xc6 };

fn write_list(bytes: &mut Vec<u8>, elements: &[Value]) {
    write_length(bytes, elements.len(), &LIST);
    elements.iter().for_each(|element| write_value(bytes, element));
}

fn write_map(bytes: &mut Vec<u8>, entries: &BTreeMap<String, Value>) {
    write_length(bytes, entries.len(), &MAP);
    for (key, value) in entries {
        write_text(bytes, key);
        write_value(bytes, value);
    }
}

fn write_typed(bytes: &mut Vec<u8>, typed: &Typed) {
    bytes.push(0x92);
    let notation = typed.r#type.to_bytes();
    write_length(bytes, notation.len(), &BINARY);
    bytes.extend(notation);
    write_value(bytes, &typed.value);
}

fn write_text(bytes: &mut Vec<u8>, text: &str) {
    write_length(bytes, text.len(), &TEXT);
    bytes.extend(text.as_bytes());
}

/// Writes a length in its shortest form.
fn write_length(bytes: &mut Vec<u8>, length: usize, markers: &Markers) {
    match (u8::try_from(length), u16::try_from(length), markers) {
        (Ok(length), _, Markers { short: Some((most, marker)), .. }) if length <= *most => bytes.push(marker | length),
        (Ok(length), _, Markers { one_byte: Some(marker), .. }) => bytes.extend([*marker, length]),
        (_, Ok(length), _) => write_big_endian(bytes, markers.two_bytes, length.to_be_bytes()),
        _ => {
            // Terraform's messages are limited to 2 GiB, so that a length always fits in 4 bytes.
            let length = u32::try_from(length).unwrap_or(u32::MAX);
            write_big_endian(bytes, markers.four_bytes, length.to_be_bytes());
        }
    }
}

fn write_big_endian<const N: usize>(bytes: &mut Vec<u8>, marker: u8, number: [u8; N]) {
    bytes.push(marker);
    bytes.extend(number);
}
