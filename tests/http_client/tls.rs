//! Encrypted connections: whose certificates are trusted.

use std::net::TcpListener;
use std::sync::Arc;

use axum_server::tls_rustls::RustlsConfig;
use dialtone::auth0::client::{Connection, ConnectionError, HttpClient};
use dialtone::auth0::error::Kind;
use dialtone::auth0::exchange::{Exchange, NoAnswer, Request};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivateKeyDer;

use super::support::{READ, Server};

/// A server with a certificate of a CA of its own, and the CA's certificate.
pub(crate) fn start(protocol: &str) -> (Server, Vec<u8>) {
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&key, &issuer).unwrap();
    let private = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let mut config =
        rustls::ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone()], private)
            .unwrap();
    config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let server = Server::at(format!("https://{}", listener.local_addr().unwrap()));
    let config = RustlsConfig::from_config(Arc::new(config));
    let running = axum_server::from_tcp_rustls(listener, config).unwrap();
    tokio::spawn(running.serve(server.router().into_make_service()));
    (server, issuer.pem().into_bytes())
}

#[tokio::test]
async fn a_ca_bundle_makes_its_certificates_trusted() {
    for protocol in ["http/1.1", "h2"] {
        let (server, ca) = start(protocol);
        let client = server.client_with(Connection {
            ca_bundle: Some(ca),
            ..server.connection()
        });
        let answer = client.send(Request::get(READ)).await.unwrap();
        assert_eq!(answer.status, 200, "{protocol}");
    }
}

#[tokio::test]
async fn an_unknown_issuer_is_not_trusted_and_named_as_the_cause() {
    let (server, _) = start("http/1.1");
    let (_, other_ca) = start("http/1.1");
    let client = server.client_with(Connection {
        ca_bundle: Some(other_ca),
        ..server.connection()
    });
    let answer = client.send(Request::get(READ)).await;
    let Err(NoAnswer::Prevented(error)) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(error.kind, Kind::NotSent);
    assert!(error.message.contains("certificate"), "{error}");
    assert_eq!(server.token_calls().len(), 0);
}

#[tokio::test]
async fn a_connection_that_cannot_be_is_refused_when_it_is_made() {
    let server = Server::at("https://127.0.0.1:1".to_owned());
    let with = |connection: Connection| {
        HttpClient::new(connection, Arc::default(), server.pacer())
            .err()
            .unwrap()
    };
    let error = with(Connection {
        ca_bundle: Some(b"nothing".to_vec()),
        ..server.connection()
    });
    assert!(matches!(error, ConnectionError::Tls(_)), "{error}");
    let error = with(Connection {
        domain: "https://acme.auth0.com".to_owned(),
        ..server.connection()
    });
    assert!(matches!(error, ConnectionError::Address(_)), "{error}");
}
