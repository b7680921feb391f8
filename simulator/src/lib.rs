//! A local Tencent Cloud.

pub mod gateway;
