//! Whose credentials sign what, and for how long.

mod accounts;
mod modes;
mod tokens;
