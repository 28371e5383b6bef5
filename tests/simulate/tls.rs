//! HTTPS with an authority of the simulated tenant's own.

use std::net::SocketAddr;

use dialtone::sim::server::{Listen, serve};
use dialtone::sim::tenant::{Setup, SimulatedTenant};
use reqwest::{Certificate, Client};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{SETTINGS, client};

#[tokio::test]
async fn a_client_that_trusts_the_authority_reaches_the_tenant() {
    let dir = tempfile::tempdir().unwrap();
    let tenant = SimulatedTenant::start(Setup::default()).unwrap();
    let listen = Listen {
        addr: SocketAddr::from(([127, 0, 0, 1], 0)),
        tls: Some(dir.path().to_owned()),
    };
    let running = serve(listen, tenant).await.unwrap();
    let untrusting = client();
    let pem = std::fs::read(dir.path().join("ca.pem")).unwrap();
    let trusting = Client::builder()
        .no_proxy()
        .tls_certs_only([Certificate::from_pem(&pem).unwrap()])
        .build()
        .unwrap();
    for host in ["127.0.0.1", "localhost"] {
        let url = format!("https://{host}:{}{SETTINGS}", running.addr.port());
        let answer = trusting.get(&url).bearer_auth("x").send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert!(untrusting.get(&url).send().await.is_err());
    }
    assert!(running.url().starts_with("https://127.0.0.1:"));

    let mut plain = tokio::net::TcpStream::connect(running.addr).await.unwrap();
    plain
        .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    let mut left = Vec::new();
    // Either way of ending the connection will do.
    let _ = plain.read_to_end(&mut left).await;
    assert!(!left.starts_with(b"HTTP"), "plain HTTP was answered");
    running.stop().await;
}
