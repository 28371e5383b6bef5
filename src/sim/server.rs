//! The HTTP(S) server round a simulated tenant.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::service::Service as _;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use jiff::Timestamp;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use super::tenant::SimulatedTenant;
use super::tls::{self, TlsError};

mod answer;

pub(super) use answer::Server;

/// How long connections may take to end when the server stops.
const GRACE: Duration = Duration::from_secs(2);

/// The pause after a connection could not be accepted, as when there are no file handles left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Where and how to serve.
#[derive(Clone, Debug)]
pub struct Listen {
    /// The address; port 0 takes any free one.
    pub addr: SocketAddr,
    /// The directory of the certificate authority; plain HTTP where absent.
    pub tls: Option<PathBuf>,
}

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address cannot be listened on.
    #[error(
        "cannot listen on {addr}: {source}; choose another with --listen, port 0 for any that is free"
    )]
    Listen {
        /// The address.
        addr: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// There is no certificate.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// A server that runs until it is stopped or dropped.
#[derive(Debug)]
pub struct Running {
    /// The address that it listens on, with the real port.
    pub addr: SocketAddr,
    /// The tenant that it serves.
    pub tenant: SimulatedTenant,
    secure: bool,
    stop: watch::Sender<Stop>,
    task: JoinHandle<()>,
}

/// How a server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It was asked to.
    Stopped,
    /// A scripted `kill` took it down.
    Killed,
}

/// What connections are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    Run,
    Finish,
    Down,
}

impl Running {
    /// The address as a URL without a path.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://{}", self.addr)
    }

    /// Waits for the server's end.
    pub async fn ended(&mut self) -> Ended {
        let mut stop = self.stop.subscribe();
        stopped(&mut stop).await;
        if *stop.borrow() == Stop::Down {
            Ended::Killed
        } else {
            Ended::Stopped
        }
    }

    /// Stops the server: answers that are due are still sent, and the port is free afterwards.
    pub async fn stop(mut self) {
        self.stop.send_if_modified(|stop| {
            let runs = *stop == Stop::Run;
            if runs {
                *stop = Stop::Finish;
            }
            runs
        });
        // A task that panicked has ended, too.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves `tenant` on the current runtime.
///
/// # Errors
///
/// [`ServeError`] where the address is taken or there is no certificate.
pub async fn serve(listen: Listen, tenant: SimulatedTenant) -> Result<Running, ServeError> {
    let tls = match &listen.tls {
        Some(dir) => Some(TlsAcceptor::from(Arc::new(tls::server_config(
            dir,
            Timestamp::now(),
        )?))),
        None => None,
    };
    let failed = |source| ServeError::Listen {
        addr: listen.addr,
        source,
    };
    let listener = TcpListener::bind(listen.addr).await.map_err(failed)?;
    let addr = listener.local_addr().map_err(failed)?;
    let (stop, stopped) = watch::channel(Stop::Run);
    let router = answer::router(Server {
        tenant: tenant.clone(),
        stop: stop.clone(),
    });
    let secure = tls.is_some();
    let task = tokio::spawn(accept(listener, tls, router, stopped));
    Ok(Running {
        addr,
        tenant,
        secure,
        stop,
        task,
    })
}

/// Waits until the server stops, one way or the other.
async fn stopped(stop: &mut watch::Receiver<Stop>) {
    // An error means that nobody is left who could stop the server.
    let _ = stop.wait_for(|stop| *stop != Stop::Run).await;
}

async fn accept(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    mut stop: watch::Receiver<Stop>,
) {
    let mut connections = JoinSet::new();
    let stopping = stop.clone();
    loop {
        tokio::select! {
            () = stopped(&mut stop) => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let (tls, router, stop) = (tls.clone(), router.clone(), stopping.clone());
                    connections.spawn(connection(stream, tls, router, stop));
                }
                Err(error) => {
                    tracing::debug!(%error, "cannot accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    }
    drop(listener);
    if *stop.borrow() == Stop::Finish {
        let all = async { while connections.join_next().await.is_some() {} };
        // Whatever is not done by then is cut below.
        let _ = tokio::time::timeout(GRACE, all).await;
    }
    connections.shutdown().await;
}

async fn connection(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    router: Router,
    stop: watch::Receiver<Stop>,
) {
    // Without this the second segment of an answer waits for the client's acknowledgement.
    let served = match (stream.set_nodelay(true), tls) {
        (Err(error), _) => Err(error.to_string()),
        (Ok(()), None) => exchange(stream, router, stop).await,
        (Ok(()), Some(tls)) => match tls.accept(stream).await {
            Ok(stream) => exchange(stream, router, stop).await,
            Err(error) => Err(error.to_string()),
        },
    };
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// Why a connection is cut instead of answered.
#[derive(Debug, thiserror::Error)]
#[error("cut on purpose")]
struct CutOnPurpose;

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    router: Router,
    mut stop: watch::Receiver<Stop>,
) -> Result<(), String> {
    let router = TowerToHyperService::new(router);
    let service = hyper::service::service_fn(move |request| {
        let answer = router.call(request);
        async move {
            let answer = answer
                .await
                .unwrap_or_else(|never: Infallible| match never {});
            if answer.extensions().get::<answer::Cut>().is_some() {
                return Err(CutOnPurpose);
            }
            Ok(answer)
        }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        done = connection.as_mut() => return done.map_err(|error| error.to_string()),
        () = stopped(&mut stop) => {}
    }
    connection.as_mut().graceful_shutdown();
    connection.await.map_err(|error| error.to_string())
}
