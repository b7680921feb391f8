//! The server's own certificate authority: the certificate that it shows, and those of its users.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SanType,
};
use rustls::RootCertStore;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;

use super::identity::Identity;
use super::server::StartError;
use crate::issued::Issued;

/// A certificate authority with P-256 keys.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    certified: Mutex<BTreeMap<Identity, Arc<UserCertificate>>>,
    issued: Issued,
}

/// The certificate of a user and its key, in PEM.
pub(crate) struct UserCertificate {
    pub(crate) certificate: String,
    pub(crate) key: String,
    der: Vec<u8>,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Authority")
    }
}

fn key() -> Result<KeyPair, StartError> {
    Ok(KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?)
}

impl Authority {
    /// A new authority, whose users' keys are noted in `issued`.
    pub(crate) fn new(issued: Issued) -> Result<Self, StartError> {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "kubernetes");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        Ok(Self { issuer: CertifiedIssuer::self_signed(params, key()?)?, certified: Mutex::default(), issued })
    }

    /// The authority's certificate, in PEM.
    pub(crate) fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// What the server shows and whom it asks for certificates: users of this authority, or nobody.
    pub(crate) fn server_config(&self, address: IpAddr) -> Result<ServerConfig, StartError> {
        let mut params =
            CertificateParams::new(["localhost", "kubernetes", "kubernetes.default.svc"].map(str::to_owned))?;
        params.subject_alt_names.push(SanType::IpAddress(address));
        params.distinguished_name.push(DnType::CommonName, "kube-apiserver");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = key()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone())?;
        let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
        let clients = clients.allow_unauthenticated().build()?;
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_client_cert_verifier(clients)
            .with_single_cert(vec![certificate.der().clone()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }

    /// A certificate of a user; the same one each time.
    pub(crate) fn certify(&self, identity: &Identity) -> Result<Arc<UserCertificate>, StartError> {
        let mut certified = self.certified.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = certified.get(identity) {
            return Ok(Arc::clone(known));
        }
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, identity.user.as_str());
        // The subject takes one group; the server knows all of them by the certificate itself.
        if let Some(group) = identity.groups.first() {
            params.distinguished_name.push(DnType::OrganizationName, group.as_str());
        }
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let key = key()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        let certificate = UserCertificate {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
            der: certificate.der().to_vec(),
        };
        self.issued.note("key of a client certificate", &certificate.key);
        let certificate = Arc::new(certificate);
        certified.insert(identity.clone(), Arc::clone(&certificate));
        Ok(certificate)
    }

    /// Whose certificate a client showed. Every certificate of this authority was issued here.
    pub(crate) fn owner(&self, certificate: &CertificateDer<'_>) -> Option<Identity> {
        let certified = self.certified.lock().unwrap_or_else(PoisonError::into_inner);
        certified.iter().find(|(_, known)| known.der == **certificate).map(|(identity, _)| identity.clone())
    }
}
