//! Names of the services.

mod answers;
pub mod dns_record;
mod records;
mod set_id;
mod value;
