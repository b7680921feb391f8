//! The provider as a go-plugin. The numbers are those of the project's conformance checklist.

mod access;
mod debug;
mod ending;
mod log;
mod stand_in;
mod start;
