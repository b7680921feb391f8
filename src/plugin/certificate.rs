//! The certificates of both ends, each made for one process.

use std::ffi::OsString;

use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::plugin::Error;

/// The variable in which the host hands over its certificate, as PEM.
pub(super) const CLIENT_VARIABLE: &str = "PLUGIN_CLIENT_CERT";

/// The plugin's own certificate and its key.
pub(super) struct Identity {
    /// The certificate, which the host gets in the handshake and trusts alone.
    pub(super) certificate: CertificateDer<'static>,
    /// Its key.
    pub(super) key: PrivateKeyDer<'static>,
}

impl Identity {
    /// Makes a key and a certificate for `localhost`, the name that Terraform asks for (measured on Terraform 1.11.4
    /// and 1.15.5; the subject is not looked at).
    ///
    /// # Errors
    /// [`Error::Certificate`].
    pub(super) fn generate() -> Result<Self, Error> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut parameters = CertificateParams::new(["localhost".to_owned()])?;
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let certificate = parameters.self_signed(&key)?.der().clone();
        Ok(Self { certificate, key: PrivatePkcs8KeyDer::from(key.serialize_der()).into() })
    }
}

/// The host's certificate, from the value of [`CLIENT_VARIABLE`].
///
/// # Errors
/// [`Error::NoClientCertificate`] and [`Error::ClientCertificate`].
pub(super) fn of_client(pem: Option<OsString>) -> Result<CertificateDer<'static>, Error> {
    let pem = pem.filter(|pem| !pem.is_empty()).ok_or(Error::NoClientCertificate)?;
    CertificateDer::from_pem_slice(pem.as_encoded_bytes()).map_err(Error::ClientCertificate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_certificate_and_an_empty_one_are_the_same() {
        assert!(matches!(of_client(None), Err(Error::NoClientCertificate)));
        assert!(matches!(of_client(Some(OsString::new())), Err(Error::NoClientCertificate)));
    }

    #[test]
    fn what_is_no_pem_is_an_error() {
        assert!(matches!(of_client(Some("certificate".into())), Err(Error::ClientCertificate(_))));
    }

    #[test]
    fn two_processes_have_different_certificates() {
        assert_ne!(Identity::generate().unwrap().certificate, Identity::generate().unwrap().certificate);
    }
}
