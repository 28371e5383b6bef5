//! The keys, certificates and tokens of a control plane, as files in its folder.

use std::fs;
use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use serde_json::json;

/// The user as whom tests act.
pub const ADMIN: &str = "admin";
/// The user as whom the controller manager acts, so that the audit log tells the two apart.
pub const CONTROLLER_MANAGER: &str = "controller-manager";

/// Writes everything that the server is started with.
///
/// | File | |
/// |---|---|
/// | `ca.crt` | what clients trust |
/// | `server.crt`, `server.key` | what the server shows |
/// | `sa.key`, `sa.pub` | sign and check the tokens of service accounts |
/// | `tokens.csv` | the tokens of the users above |
/// | `audit.yaml` | what the audit log holds |
pub fn write(folder: &Path) -> Result<(), rcgen::Error> {
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();

    let mut authority = CertificateParams::new(Vec::new())?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    authority
        .distinguished_name
        .push(DnType::CommonName, "dialtone tests");
    let authority_key = KeyPair::generate()?;
    write("ca.crt", &authority.self_signed(&authority_key)?.pem());

    let server = CertificateParams::new(["127.0.0.1".to_owned(), "localhost".to_owned()])?;
    let server_key = KeyPair::generate()?;
    let issuer = Issuer::new(authority, authority_key);
    write("server.crt", &server.signed_by(&server_key, &issuer)?.pem());
    write("server.key", &server_key.serialize_pem());

    // The server reads a private key in PKCS#8 for signing, but not where it wants a public one.
    let service_accounts = KeyPair::generate()?;
    write("sa.key", &service_accounts.serialize_pem());
    write("sa.pub", &service_accounts.public_key_pem());

    let mut tokens = Vec::new();
    for user in [ADMIN, CONTROLLER_MANAGER] {
        // A public key is as good a source of randomness as any.
        let token = data_encoding::HEXLOWER.encode(KeyPair::generate()?.public_key_raw());
        tokens.push(format!("{token},{user},{user},system:masters"));
    }
    write("tokens.csv", &tokens.join("\n"));
    write(
        "audit.yaml",
        &json!({
            "apiVersion": "audit.k8s.io/v1",
            "kind": "Policy",
            "rules": [{"level": "Metadata"}],
        })
        .to_string(),
    );
    Ok(())
}

/// The token of a user, as [`write`] left it.
pub fn token(folder: &Path, user: &str) -> String {
    let text = fs::read_to_string(folder.join("tokens.csv")).unwrap();
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let line = lines.find(|line| line[1] == user).unwrap();
    line[0].to_owned()
}

/// Writes a kubeconfig for whoever has `token`; JSON is YAML too.
pub fn write_kubeconfig(path: &Path, server: &str, authority: &Path, token: &str) {
    let config = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "tests",
        "contexts": [{"name": "tests", "context": {"cluster": "tests", "user": "tests"}}],
        "clusters": [{
            "name": "tests",
            "cluster": {"server": server, "certificate-authority": authority},
        }],
        "users": [{"name": "tests", "user": {"token": token}}],
    });
    fs::write(path, config.to_string()).unwrap();
}
