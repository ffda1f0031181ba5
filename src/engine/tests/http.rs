//! The client of the feature `download`, against a small server on this machine.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use ureq::tls::RootCerts;

use super::super::http::HttpFetch;
use super::super::{Acquire, Fetch, FetchRequest};
use super::gzip;
use super::server::{digest, noise};
use crate::error::{AcquireError, FetchError};

/// A server that answers its connections in turn, each with the bytes for it, and then closes it.
fn serve(answers: Vec<Vec<u8>>) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let (sender, requests) = channel();
    thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().expect("a connection");
            let _ = sender.send(head(&stream));
            let _ = stream.write_all(&answer);
        }
    });
    (format!("http://{address}/engine.wasm.gz"), requests)
}

/// The request up to its empty line, in lower case.
fn head(stream: &TcpStream) -> String {
    let lines = BufReader::new(stream).lines();
    let lines = lines.map(|line| line.expect("text").to_lowercase());
    let lines: Vec<_> = lines.take_while(|line| !line.is_empty()).collect();
    lines.join("\n")
}

fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\n{headers}\r\n");
    [head.as_bytes(), body].concat()
}

#[test]
fn an_engine_comes_over_http_and_a_cut_connection_is_taken_up_again() {
    let module = noise(100_000);
    let file = gzip(&module);
    let (length, cut) = (file.len(), file.len() / 3);
    let whole = format!("Content-Length: {length}\r\nETag: \"v1\"\r\n");
    let rest = format!(
        "Content-Range: bytes {cut}-{}/{length}\r\nContent-Length: {}\r\nETag: \"v1\"\r\n",
        length - 1,
        length - cut
    );
    let (url, requests) = serve(vec![
        answer(
            "302 Found",
            "Location: /moved\r\nContent-Length: 0\r\n",
            b"",
        ),
        answer("200 OK", &whole, &file[..cut]),
        answer(
            "302 Found",
            "Location: /moved\r\nContent-Length: 0\r\n",
            b"",
        ),
        answer("206 Partial Content", &rest, &file[cut..]),
    ]);
    let home = tempfile::tempdir().expect("a temporary directory");
    let acquire = || Acquire::new(&url, digest(&module)).cache_dir(home.path());
    let engine = acquire().engine().expect("it is served");
    assert_eq!(engine.module(), Some(&module[..]));
    let requests: Vec<_> = requests.iter().collect();
    assert_eq!(requests.len(), 4);
    assert!(
        requests[0].contains("accept-encoding: identity"),
        "{}",
        requests[0]
    );
    assert!(!requests[0].contains("range:"), "{}", requests[0]);
    assert!(requests[1].starts_with("get /moved "), "{}", requests[1]);
    assert!(
        requests[3].contains(&format!("range: bytes={cut}-"))
            && requests[3].contains("if-range: \"v1\""),
        "{}",
        requests[3]
    );
    // The server is gone; the cache is not.
    acquire().engine().expect("it is in the cache");
}

#[test]
fn a_missing_file_and_a_missing_server_are_told_apart() {
    let (url, _requests) = serve(vec![answer("404 Not Found", "Content-Length: 0\r\n", b"")]);
    let acquire = || Acquire::new(&url, digest(b"")).without_cache().retries(0);
    let source = |error| match error {
        AcquireError::Fetch { source, .. } => source,
        other => panic!("{other:?}"),
    };
    let error = source(acquire().engine().expect_err("not there"));
    assert!(matches!(error, FetchError::Status(404)), "{error:?}");
    let error = source(acquire().engine().expect_err("nobody answers"));
    assert!(matches!(error, FetchError::Transport(_)), "{error:?}");
    let nonsense = Acquire::new("http://", digest(b"")).without_cache();
    let error = source(nonsense.engine().expect_err("no address"));
    assert!(matches!(error, FetchError::Refused(_)), "{error:?}");
}

#[test]
fn without_a_provider_https_is_a_typed_error() {
    let client = HttpFetch::with_tls(None, RootCerts::WebPki);
    let get = |url: &str| client.get(&FetchRequest::new(url, None, None));
    let error = get("HTTPS://127.0.0.1:1/").expect_err("no TLS");
    assert!(matches!(error, FetchError::NoTls), "{error:?}");
    let redirect = "Location: https://127.0.0.1:1/\r\nContent-Length: 0\r\n";
    let (url, _requests) = serve(vec![
        answer("302 Found", redirect, b""),
        answer("200 OK", "Content-Length: 3\r\n", b"abc"),
    ]);
    let error = get(&url).expect_err("it leads to https");
    assert!(matches!(error, FetchError::NoTls), "{error:?}");
    get(&url).expect("plain http works");
}
