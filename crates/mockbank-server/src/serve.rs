//! Running a server on a socket until it is told to stop.

use std::convert::Infallible;
use std::io::{Error, ErrorKind};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

use crate::app::Bank;
use crate::clock::SystemClock;
use crate::edge::Edge;
use crate::error::ServerError;
use crate::router::edge;
use crate::settings::Settings;

/// How long no connection is taken when the system has no room for one.
const NO_ROOM: Duration = Duration::from_secs(1);

/// Serves the API on `listener` until `shutdown` is ready, then lets the open requests finish for
/// as long as the settings allow.
pub async fn serve(
    bank: Bank,
    settings: &Settings,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServerError> {
    let door = Door::new(edge(bank, settings, Arc::new(SystemClock))?, settings);
    let connections = GracefulShutdown::new();
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    tokio::spawn(Arc::clone(&door).talk(stream, peer, connections.watcher()));
                }
                Err(error) => recover(&error).await,
            },
            () = &mut shutdown => break,
        }
    }
    drop(listener);
    tracing::info!("stopping: open requests may finish");
    let grace = Duration::from_secs(settings.shutdown_grace_seconds);
    tokio::select! {
        () = connections.shutdown() => {}
        () = sleep(grace) => {
            tracing::warn!("requests were cut off after {} s", grace.as_secs());
        }
    }
    tracing::info!("stopped");
    Ok(())
}

/// Waits after a connection was not accepted, unless only that one is at fault.
async fn recover(error: &Error) {
    use ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::error!(%error, "no connection can be accepted");
        sleep(NO_ROOM).await;
    }
}

/// What all connections share.
struct Door {
    edge: Edge,
    http: auto::Builder<TokioExecutor>,
    /// How long a client may take for the head of a request.
    head_timeout: Duration,
}

impl Door {
    fn new(edge: Edge, settings: &Settings) -> Arc<Self> {
        let head_timeout = Duration::from_secs(settings.head_timeout_seconds);
        let mut http = auto::Builder::new(TokioExecutor::new());
        http.http1().timer(TokioTimer::new()).header_read_timeout(head_timeout);
        http.http2().timer(TokioTimer::new());
        Arc::new(Self { edge, http, head_timeout })
    }

    /// Serves a connection to its end.
    async fn talk(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, watcher: Watcher) {
        // Answers are written whole, so there is nothing to gather them with.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection was lost at once");
            return;
        }
        let begun = Arc::new(AtomicBool::new(false));
        let service = {
            let (door, begun) = (Arc::clone(&self), Arc::clone(&begun));
            service_fn(move |request: Request<Incoming>| {
                begun.store(true, Ordering::Relaxed);
                let answer = door.edge.clone().answer(request.map(Body::new), peer.ip());
                async { Ok::<_, Infallible>(answer.await) }
            })
        };
        let connection = self.http.serve_connection_with_upgrades(TokioIo::new(stream), service);
        tokio::select! {
            ended = watcher.watch(connection.into_owned()) => {
                if let Err(error) = ended {
                    tracing::debug!(error, "a connection broke");
                }
            }
            // Which protocol it speaks must show first, for which the library knows no time-out.
            () = silence(&begun, self.head_timeout) => {
                tracing::debug!(%peer, "a connection brought no request");
            }
        }
    }
}

/// Ready when no request has begun in time.
async fn silence(begun: &AtomicBool, time: Duration) {
    sleep(time).await;
    if begun.load(Ordering::Relaxed) {
        std::future::pending::<()>().await;
    }
}

/// Ready when the process is told to stop: Ctrl-C, or SIGTERM where there is one.
pub async fn shutdown_signal() {
    let interrupt = async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(%error, "Ctrl-C cannot be heard");
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                terminate.recv().await;
            }
            Err(error) => {
                tracing::error!(%error, "SIGTERM cannot be heard");
                std::future::pending::<()>().await;
            }
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
