//! Whom to trust.

use std::io;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use super::error::Error;

/// The authorities that the system trusts: read once, since they are many and every cluster has a client of its own.
static SYSTEM: LazyLock<Vec<CertificateDer<'static>>> =
    LazyLock::new(|| rustls_native_certs::load_native_certs().certs);

/// Which servers are taken for what they say they are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trust {
    /// Authorities trusted besides those of the system.
    extra: Vec<CertificateDer<'static>>,
    /// Everybody is trusted.
    insecure: bool,
}

impl Trust {
    /// Trusts the system's authorities and those in `ca_file`, or everybody when `insecure`.
    ///
    /// # Errors
    /// When `ca_file` cannot be read or holds no certificate in PEM form.
    pub(crate) fn new(ca_file: Option<&Path>, insecure: bool) -> Result<Self, Error> {
        let extra = ca_file.map(read_authorities).transpose()?.unwrap_or_default();
        Ok(Self { extra, insecure })
    }

    /// Trusts the system's authorities and those in a text in PEM form.
    ///
    /// # Errors
    /// A sentence that says what was expected.
    pub(crate) fn of_pem(text: &str) -> Result<Self, String> {
        match authorities(text.as_bytes()) {
            Some(extra) => Ok(Self { extra, insecure: false }),
            None => Err("Expected certificates in PEM form, with `-----BEGIN CERTIFICATE-----`.".into()),
        }
    }

    /// # Errors
    /// When a certificate of `ca_file` is no authority.
    pub(crate) fn client_config(&self) -> Result<ClientConfig, String> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?;
        let mut config = if self.insecure {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(Anybody(provider))).with_no_client_auth()
        } else {
            builder.with_root_certificates(self.roots(&SYSTEM)?).with_no_client_auth()
        };
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }

    /// The system's authorities; where it has none, as in an empty container, those bundled with this program.
    fn roots(&self, system: &[CertificateDer<'static>]) -> Result<RootCertStore, String> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(system.iter().cloned());
        if roots.is_empty() {
            roots.add_parsable_certificates(webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned());
        }
        for certificate in &self.extra {
            roots
                .add(certificate.clone())
                .map_err(|error| format!("a certificate of the file cannot be used: {error}"))?;
        }
        Ok(roots)
    }
}

fn read_authorities(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let wrong = |problem: String| {
        let argument = "ca_file".to_owned();
        Error::Configuration { argument, problem: format!("{} {problem}", path.display()) }
    };
    let bytes = std::fs::read(path).map_err(|error: io::Error| wrong(format!("cannot be read: {error}")))?;
    authorities(&bytes).ok_or_else(|| wrong("holds no certificates: expected a file in PEM form".into()))
}

/// The certificates of a text in PEM form; nothing where it is none, or holds none.
fn authorities(pem: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    found.ok().filter(|certificates| !certificates.is_empty())
}

/// Takes every certificate, as the argument `insecure` asks; signatures of the handshake are checked still.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ca_file_that_is_missing_or_no_pem_is_an_error_of_that_argument() {
        let missing = Trust::new(Some(Path::new("/nonexistent/ca.pem")), false).expect_err("there is no such file");
        assert!(missing.to_string().starts_with("ca_file: /nonexistent/ca.pem cannot be read: "), "{missing}");
        let path = std::env::temp_dir().join(format!("tcmesh-{}-not-pem", std::process::id()));
        std::fs::write(&path, "hello").expect("the temporary directory can be written");
        let wrong = Trust::new(Some(&path), false);
        std::fs::remove_file(&path).expect("the file was just written");
        let wrong = wrong.expect_err("it holds no certificate").to_string();
        assert!(wrong.ends_with("holds no certificates: expected a file in PEM form"), "{wrong}");
    }

    #[test]
    fn a_system_without_authorities_gets_the_bundled_ones() {
        assert!(Trust::default().roots(&[]).expect("nothing is added").len() > 100);
    }
}
