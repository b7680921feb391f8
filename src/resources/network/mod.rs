//! Networks joined across accounts.

mod accepting;
mod asking;
mod attachment;
pub mod ccn;
pub mod ccn_attachment;
pub mod ccn_attachment_accepter;
pub mod ccn_container_network;
mod outcome;
mod publish;
mod published;
