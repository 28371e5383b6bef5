//! Connections within limits: how many, how slow, how long.

use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// More connections than probes and a few scrapers ever need.
const MOST: usize = 128;

/// How long a client may take to send the head of a request, and to let a connection lie idle.
const HEAD: Duration = Duration::from_secs(10);

/// How long a connection may serve in all; probes and scrapers open a new one then.
const LIFE: Duration = Duration::from_mins(5);

/// How long one may take to end after that.
const LINGER: Duration = Duration::from_secs(10);

/// The pause after a connection could not be accepted, as when there are no file handles left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Accepts until it is told to stop, and then waits for the connections to end.
pub(super) async fn accept(listener: TcpListener, router: Router, mut stop: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    let stopping = stop.clone();
    loop {
        tokio::select! {
            () = stopped(&mut stop) => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept(), if connections.len() < MOST => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, router.clone(), stopping.clone()));
                }
                Err(error) => {
                    tracing::debug!(%error, "cannot accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error means that nobody is left who could stop the server.
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn connection(stream: TcpStream, router: Router, mut stop: watch::Receiver<bool>) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut connection = std::pin::pin!(connection);
    let done = tokio::select! {
        done = connection.as_mut() => Some(done),
        () = stopped(&mut stop) => None,
        () = tokio::time::sleep(LIFE) => None,
    };
    let done = if let Some(done) = done {
        done
    } else {
        connection.as_mut().graceful_shutdown();
        // A body that trickles in holds a connection no longer than this.
        let Ok(done) = tokio::time::timeout(LINGER, connection).await else {
            return;
        };
        done
    };
    if let Err(error) = done {
        tracing::debug!(%error, "a connection ended early");
    }
}
