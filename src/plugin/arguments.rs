//! The command line. Terraform gives no argument at all.

use std::ffi::OsString;

use crate::plugin::Error;

/// How the program was asked to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// As Terraform's child.
    Managed,
    /// By itself, for many runs of Terraform.
    Debug,
    /// Print the version.
    Version,
    /// Print the usage.
    Help,
}

/// Reads the arguments that follow the program's name. Each is known with one dash too, as Go's plugins have them.
///
/// # Errors
/// [`Error::UnknownArgument`].
pub(super) fn mode(arguments: impl IntoIterator<Item = OsString>) -> Result<Mode, Error> {
    arguments.into_iter().try_fold(Mode::Managed, |_, argument| match argument.to_str() {
        Some("--debug" | "-debug") => Ok(Mode::Debug),
        Some("--version" | "-version") => Ok(Mode::Version),
        Some("--help" | "-help" | "-h") => Ok(Mode::Help),
        _ => Err(Error::UnknownArgument(argument.to_string_lossy().into_owned())),
    })
}

/// What `--help` prints.
pub(super) fn usage(name: &str) -> String {
    format!(
        "Usage: {name} [--debug | --version | --help]\n\n\
         Without an argument: serve the Terraform that started this program.\n\
         --debug    wait for any number of Terraform runs, and print the variable by which they find this process\n\
         --version  print the name and the version\n\
         --help     print this"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Mode, Error> {
        mode(arguments.iter().map(OsString::from))
    }

    #[test]
    fn no_argument_means_terraform() {
        assert_eq!(parse(&[]).unwrap(), Mode::Managed);
    }

    #[test]
    fn both_spellings_are_known() {
        assert_eq!(parse(&["--debug"]).unwrap(), Mode::Debug);
        assert_eq!(parse(&["-debug"]).unwrap(), Mode::Debug);
        assert_eq!(parse(&["--version"]).unwrap(), Mode::Version);
    }

    #[test]
    fn an_unknown_argument_is_named() {
        let error = parse(&["--debug", "--port=1"]).unwrap_err();
        assert!(error.to_string().contains("`--port=1`"), "{error}");
    }
}
