//! The server on a socket: who keeps it waiting, and how it stops.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use mockbank_server::{Bank, ServerError, Settings, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::bank;

/// A server on a socket.
struct Socket {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<Result<(), ServerError>>,
    _folder: tempfile::TempDir,
}

async fn open(settings: Settings) -> Socket {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(bank::open(folder.path()));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let told = async move {
        let _ = stopped.await;
    };
    let ended = tokio::spawn(async move {
        serve(Bank { store, teller: None, rates: None }, &settings, listener, told).await
    });
    Socket { address, stop, ended, _folder: folder }
}

async fn send(address: SocketAddr, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

/// What comes until the server hangs up.
async fn rest(mut stream: TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}

const BODY: &str = r#"{"username": "user1", "password": "password123"}"#;

#[tokio::test]
async fn open_requests_are_answered_before_the_server_ends() {
    let server = open(Settings::default()).await;
    let head = format!(
        "POST /login HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nexpect: 100-continue\r\n\r\n",
        BODY.len()
    );
    let mut open = send(server.address, &head).await;
    // The server asks for the body when it is at work on the request.
    let mut asked = [0; 25];
    open.read_exact(&mut asked).await.unwrap();
    assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");
    server.stop.send(()).unwrap();
    while TcpStream::connect(server.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!server.ended.is_finished());
    open.write_all(BODY.as_bytes()).await.unwrap();
    let answer = rest(open).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("\"token\""), "{answer}");
    server.ended.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn whoever_keeps_the_server_waiting_is_cut_off() {
    let server = open(Settings::default()).await;
    let health = "GET /health HTTP/1.1\r\nhost: localhost\r\n";
    for (sent, answered) in [
        (String::new(), false),
        ("PRI".to_owned(), false),
        (health.to_owned(), false),
        (format!("{health}\r\n"), true),
        (format!("{health}\r\n{health}"), true),
    ] {
        let got = rest(send(server.address, &sent).await).await;
        let answers = got.matches("HTTP/1.1 200 OK").count();
        assert_eq!(answers, usize::from(answered), "{sent:?}: {got}");
    }
    server.stop.send(()).unwrap();
    server.ended.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_request_that_does_not_end_is_cut_off_when_the_server_stops() {
    let settings = Settings { request_timeout_seconds: 3600, ..Settings::default() };
    let server = open(settings).await;
    let head = "POST /login HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
                content-length: 9\r\nexpect: 100-continue\r\n\r\n";
    let mut open = send(server.address, head).await;
    let mut asked = [0; 25];
    open.read_exact(&mut asked).await.unwrap();
    server.stop.send(()).unwrap();
    server.ended.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_head_comes_without_its_body_whether_refused_or_not() {
    let server = open(Settings::default()).await;
    for (path, status) in [("/health", "200 OK"), ("/nowhere", "404 Not Found")] {
        let ask = |method| {
            let text =
                format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
            async move { rest(send(server.address, &text).await).await }
        };
        let (whole, head) = (ask("GET").await, ask("HEAD").await);
        let (_, body) = whole.split_once("\r\n\r\n").unwrap();
        assert!(!body.is_empty(), "{whole}");
        assert!(head.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{head}");
        assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{head}");
        assert!(head.ends_with("\r\n\r\n"), "{head}");
    }
}
