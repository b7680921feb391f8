//! The one line that a plugin writes to stdout, by which the host finds it.

use std::env;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::plugin::{Error, say};

/// The variable by which a host says that it reads a seventh field.
const MULTIPLEX_VARIABLE: &str = "PLUGIN_MULTIPLEX_GRPC";

/// The version of the handshake itself.
const CORE_PROTOCOL: u32 = 1;

/// The version of what is spoken afterwards, whatever the host offers: one that does not offer it says so best itself.
pub(super) const APPLICATION_PROTOCOL: u32 = 6;

/// Tells the host where the socket is and which certificate (DER) to trust. The socket must be listening by now.
///
/// # Errors
/// [`Error::Stdout`], when the host is gone.
pub(super) fn announce(socket: &Path, certificate: &[u8]) -> Result<(), Error> {
    let multiplex_offered = env::var_os(MULTIPLEX_VARIABLE).is_some_and(|value| !value.is_empty());
    say(&line(socket, certificate, multiplex_offered))
}

/// Tells the host why there is no plugin. Terraform shows the first line of stdout to the user and stderr only in its
/// log (measured on Terraform 1.15.5), so the reason has to fit into one line, and must not look like a handshake.
pub(super) fn refuse(error: &Error) {
    // Nobody is left to tell when stdout is closed.
    let _ = say(&on_one_line(error));
}

fn line(socket: &Path, certificate: &[u8], multiplex_offered: bool) -> String {
    let certificate = STANDARD_NO_PAD.encode(certificate);
    let multiplex = if multiplex_offered { "|false" } else { "" };
    format!("{CORE_PROTOCOL}|{APPLICATION_PROTOCOL}|unix|{}|grpc|{certificate}{multiplex}", socket.display())
}

fn on_one_line(error: &Error) -> String {
    error.in_full().replace(['\n', '|'], " ")
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn the_certificate_is_not_padded() {
        assert_eq!(line(Path::new("/tmp/p/rpc"), &[0xff], false), "1|6|unix|/tmp/p/rpc|grpc|/w");
    }

    #[test]
    fn a_host_that_reads_seven_fields_gets_seven() {
        assert!(line(Path::new("/tmp/p/rpc"), &[0xff], true).ends_with("|grpc|/w|false"));
    }

    #[test]
    fn a_refusal_names_its_cause_and_has_no_bars() {
        let error = Error::Socket { tried: vec!["/a|b|c|d".to_owned()], source: io::Error::other("too\nlong") };
        assert_eq!(on_one_line(&error), "no socket can be made in /a b c d: too long");
    }
}
