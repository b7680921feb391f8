//! A local Tencent Cloud.
