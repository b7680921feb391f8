//! A local Tencent Cloud.

pub mod controllers;
pub mod kubernetes;
