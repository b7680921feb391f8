//! Whose credentials sign what, and for how long.

mod accounts;
mod insecure;
mod modes;
mod tokens;
