//! A certificate authority of one's own, so that clients which speak only HTTPS reach a simulated
//! tenant on this machine.

use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan, Zoned};
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    NameConstraints, SanType,
};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::state::write_private;

/// The certificate that clients are told to trust, in the directory given with `--tls`.
pub const CA_FILE: &str = "ca.pem";
/// The key of the authority, which only its owner may read.
const KEY_FILE: &str = "ca-key.pem";

/// Years that the authority lives. It may sign for this machine alone, so a long life does no harm.
const CA_YEARS: i32 = 10;
/// Days that the server's certificate lives; a new one is made at each start.
const LEAF_DAYS: i32 = 90;

/// Why the server has no certificate.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read or written.
    #[error("cannot use {path}: {source}", path = .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The authority's key is not one.
    #[error("{path} holds no usable key: {source}; move it away", path = .path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: rcgen::Error,
    },
    /// A certificate cannot be made.
    #[error("cannot make a certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The certificate cannot be served.
    #[error("cannot serve the certificate: {0}")]
    Server(#[from] rustls::Error),
}

/// A server configuration with a new certificate for `localhost`, `127.0.0.1` and `::1`, signed by
/// the authority in `dir`, which is made if it is not there.
///
/// # Errors
///
/// [`TlsError`] where the directory cannot be used or holds something else.
pub fn server_config(dir: &Path, now: Timestamp) -> Result<ServerConfig, TlsError> {
    let key = authority_key(dir, now)?;
    let params = authority_params(now)?;
    let issuer = Issuer::from_params(&params, key);
    let leaf_key = KeyPair::generate()?;
    let leaf = leaf_params(now)?.signed_by(&leaf_key, &issuer)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(
            vec![leaf.der().clone()],
            PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(leaf_key.serialize_der())),
        )?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// The authority's key: the one in `dir`, or a new one with its certificate.
fn authority_key(dir: &Path, now: Timestamp) -> Result<KeyPair, TlsError> {
    let (ca_path, key_path) = (dir.join(CA_FILE), dir.join(KEY_FILE));
    if let (true, Some(pem)) = (ca_path.exists(), read(&key_path)?) {
        return KeyPair::from_pem(&pem).map_err(|source| TlsError::Key {
            path: key_path,
            source,
        });
    }
    let key = KeyPair::generate()?;
    let certificate = authority_params(now)?.self_signed(&key)?;
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| TlsError::File { path, source }
    };
    fs::create_dir_all(dir).map_err(failed(dir))?;
    write_private(&key_path, &key.serialize_pem()).map_err(failed(&key_path))?;
    fs::write(&ca_path, certificate.pem()).map_err(failed(&ca_path))?;
    Ok(key)
}

fn read(path: &Path) -> Result<Option<String>, TlsError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(TlsError::File {
            path: path.to_owned(),
            source,
        }),
    }
}

/// The name is always the same, so that a key that was kept signs in the name of its certificate.
fn authority_params(now: Timestamp) -> Result<CertificateParams, TlsError> {
    let mut params = CertificateParams::new(Vec::<String>::new())?;
    params.distinguished_name = name("Dialtone simulated tenant CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![
            GeneralSubtree::DnsName("localhost".to_owned()),
            GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(loopback_v4(), 8)),
            GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(loopback_v6(), 128)),
        ],
        excluded_subtrees: Vec::new(),
    });
    valid(&mut params, now, CA_YEARS.years());
    Ok(params)
}

fn leaf_params(now: Timestamp) -> Result<CertificateParams, TlsError> {
    let mut params = CertificateParams::new(vec!["localhost".to_owned()])?;
    for address in [loopback_v4(), loopback_v6()] {
        params.subject_alt_names.push(SanType::IpAddress(address));
    }
    params.distinguished_name = name("Dialtone simulated tenant");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    valid(&mut params, now, LEAF_DAYS.days());
    Ok(params)
}

/// Sets the days of validity, from one day ago on, as clocks differ.
fn valid(params: &mut CertificateParams, now: Timestamp, lifetime: Span) {
    let today = now.to_zoned(TimeZone::UTC);
    let day = |day: &Zoned| {
        rcgen::date_time_ymd(
            i32::from(day.year()),
            day.month().unsigned_abs(),
            day.day().unsigned_abs(),
        )
    };
    params.not_before = day(&today.saturating_sub(1.day()));
    params.not_after = day(&today.saturating_add(lifetime));
}

fn name(common: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common);
    name
}

const fn loopback_v4() -> IpAddr {
    IpAddr::V4(Ipv4Addr::LOCALHOST)
}

const fn loopback_v6() -> IpAddr {
    IpAddr::V6(Ipv6Addr::LOCALHOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_authority_is_made_once_and_its_key_is_private() {
        let dir = tempfile::tempdir().unwrap();
        let certs = dir.path().join("certs");
        server_config(&certs, Timestamp::now()).unwrap();
        let first = fs::read_to_string(certs.join(CA_FILE)).unwrap();
        server_config(&certs, Timestamp::now()).unwrap();
        assert_eq!(fs::read_to_string(certs.join(CA_FILE)).unwrap(), first);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(certs.join(KEY_FILE))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_key_file_that_holds_no_key_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(CA_FILE), "x").unwrap();
        fs::write(dir.path().join(KEY_FILE), "x").unwrap();
        let error = server_config(dir.path(), Timestamp::now()).unwrap_err();
        assert!(matches!(error, TlsError::Key { .. }), "{error}");
    }
}
