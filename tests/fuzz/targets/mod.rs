//! The places where bytes of others come in.

mod msgpack;
