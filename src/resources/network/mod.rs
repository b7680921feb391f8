//! Networks joined across accounts.

mod attachment;
pub mod ccn;
pub mod ccn_attachment;
pub mod ccn_attachment_accepter;
mod outcome;
