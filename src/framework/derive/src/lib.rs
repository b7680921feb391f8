//! The derive macro `Model`.
