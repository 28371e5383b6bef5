//! Whom a client trusts.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;

/// No trust anchors.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    /// The CA bundle has no certificate.
    #[error("the CA bundle has no certificate in PEM form")]
    EmptyBundle,
    /// The CA bundle has something that is no certificate.
    #[error("certificate {0} of the CA bundle cannot be read")]
    Bundle(usize),
    /// The platform's trust anchors cannot be loaded.
    #[error("the platform's trusted certificates cannot be loaded: {0}")]
    Platform(String),
}

/// The TLS settings of a connection: with `ca_bundle`, its certificates alone are trusted;
/// without, the platform's. A connection that is not encrypted needs neither.
pub(super) fn settings(
    ca_bundle: Option<&[u8]>,
    encrypted: bool,
) -> Result<ClientConfig, TlsError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| TlsError::Platform(error.to_string()))?;
    let mut config = match ca_bundle {
        Some(bundle) => builder.with_root_certificates(anchors(bundle)?),
        None if !encrypted => builder.with_root_certificates(RootCertStore::empty()),
        None => builder
            .dangerous()
            .with_custom_certificate_verifier(platform(provider)?),
    }
    .with_no_client_auth();
    // Room for the one server that a client talks to; the default is room for 256.
    config.resumption = Resumption::in_memory_sessions(1);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// The TLS settings of a connection that trusts the platform's certificates, with the program's
/// one cryptography provider; without trust anchors where the connection is not encrypted.
///
/// # Errors
///
/// [`TlsError`] where the platform's trust anchors cannot be loaded.
pub fn platform_tls(encrypted: bool) -> Result<ClientConfig, TlsError> {
    settings(None, encrypted)
}

/// The platform's trust anchors, which are read once: some hundred kilobytes that all tenants share.
fn platform(provider: Arc<CryptoProvider>) -> Result<Arc<Verifier>, TlsError> {
    static PLATFORM: Mutex<Option<Arc<Verifier>>> = Mutex::new(None);
    let mut known = PLATFORM.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(verifier) = &*known {
        return Ok(Arc::clone(verifier));
    }
    let verifier =
        Verifier::new(provider).map_err(|error| TlsError::Platform(error.to_string()))?;
    Ok(Arc::clone(known.insert(Arc::new(verifier))))
}

fn anchors(bundle: &[u8]) -> Result<RootCertStore, TlsError> {
    let mut store = RootCertStore::empty();
    for (index, certificate) in CertificateDer::pem_slice_iter(bundle).enumerate() {
        let number = index + 1;
        let certificate = certificate.map_err(|_| TlsError::Bundle(number))?;
        store
            .add(certificate)
            .map_err(|_| TlsError::Bundle(number))?;
    }
    if store.is_empty() {
        return Err(TlsError::EmptyBundle);
    }
    Ok(store)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_must_hold_certificates() {
        assert_eq!(settings(Some(b""), true).err(), Some(TlsError::EmptyBundle));
        assert_eq!(
            settings(Some(b"text"), true).err(),
            Some(TlsError::EmptyBundle)
        );
        let broken = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert_eq!(
            settings(Some(broken), true).err(),
            Some(TlsError::Bundle(1))
        );
    }

    #[test]
    fn a_plain_connection_needs_no_trust_anchors() {
        assert!(settings(None, false).is_ok());
    }
}
