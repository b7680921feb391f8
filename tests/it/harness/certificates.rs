//! Client certificates as Terraform makes them.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P521_SHA512,
};
use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;

/// A certificate and the key of its owner.
pub(crate) struct Identity {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

impl Identity {
    /// Makes a certificate with a P-521 key, for `localhost`, that says it is a CA's.
    pub(crate) fn generate() -> Self {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P521_SHA512).unwrap();
        let mut parameters = CertificateParams::new(["localhost".to_owned()]).unwrap();
        parameters.distinguished_name.push(DnType::CommonName, "localhost");
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyCertSign];
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth, ExtendedKeyUsagePurpose::ServerAuth];
        Self { certificate: parameters.self_signed(&key).unwrap(), key }
    }

    /// The certificate, as the plugin gets it.
    pub(crate) fn pem(&self) -> String {
        self.certificate.pem()
    }

    /// What a TLS client proves itself with.
    pub(crate) fn certified(&self) -> CertifiedKey {
        self.certified_with(&self.key)
    }

    /// This certificate with the key of `other`, as somebody would show it who has only seen the certificate.
    pub(crate) fn stolen_by(&self, other: &Self) -> CertifiedKey {
        self.certified_with(&other.key)
    }

    fn certified_with(&self, key: &KeyPair) -> CertifiedKey {
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        CertifiedKey::new(vec![self.certificate.der().clone()], any_supported_type(&key).unwrap())
    }
}
