//! A local Tencent Cloud.

pub mod kubernetes;
