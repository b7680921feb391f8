//! Tencent Cloud with no Terraform in it: signed, retried, typed calls of API 3.0.

pub mod sign;
