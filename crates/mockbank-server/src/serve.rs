//! Running a server on a socket until it is told to stop.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::ServerError;
use crate::app::Bank;
use crate::router::router;
use crate::settings::Settings;

/// Serves the API on `listener` until `shutdown` is ready, then lets the open requests finish for
/// as long as the settings allow.
pub async fn serve(
    bank: Bank,
    settings: &Settings,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServerError> {
    let router = router(bank, settings)?;
    let (stop, stopped) = watch::channel(false);
    let told_to_stop = async move {
        shutdown.await;
        // Nobody listens only if the server has stopped already.
        let _ = stop.send(true);
    };
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, service).with_graceful_shutdown(told_to_stop);
    let grace = Duration::from_secs(settings.shutdown_grace_seconds);
    tokio::select! {
        ended = server => ended?,
        () = grace_is_over(stopped, grace) => {
            tracing::warn!("requests were cut off after {} s", grace.as_secs());
        }
    }
    tracing::info!("stopped");
    Ok(())
}

async fn grace_is_over(mut stopped: watch::Receiver<bool>, grace: Duration) {
    if stopped.wait_for(|stopped| *stopped).await.is_err() {
        // The server dropped its end without being told to stop: its own end decides.
        std::future::pending::<()>().await;
    }
    tracing::info!("stopping: open requests may finish");
    tokio::time::sleep(grace).await;
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
