//! TLS of the feature `download`, against a server on this machine that has a certificate of its own.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use ureq::tls::{Certificate, RootCerts};

use super::super::Acquire;
use super::super::http::{HttpFetch, provider};
use super::server::{digest, noise};
use crate::error::{AcquireError, FetchError};

/// One answer with this body, to one connection.
fn serve(body: Vec<u8>) -> String {
    let key = PrivateKeyDer::try_from(bytes(KEY)).expect("a key");
    let config = ServerConfig::builder_with_provider(provider().expect("asked before"))
        .with_safe_default_protocol_versions()
        .expect("the provider has them")
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from(bytes(CERTIFICATE))], key)
        .expect("they belong together");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a connection");
        let connection = ServerConnection::new(Arc::new(config)).expect("a server");
        let mut stream = StreamOwned::new(connection, stream);
        // A client that refuses the certificate hangs up.
        let mut request = [0; 4096];
        if stream.read(&mut request).is_ok_and(|count| count > 0) {
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
            let _ = stream.write_all(&[head.as_bytes(), &body].concat());
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    });
    format!("https://{address}/engine.wasm")
}

#[test]
fn an_engine_comes_over_tls() {
    let Some(provider) = provider() else {
        // This processor has no built-in provider.
        return;
    };
    let module = noise(100_000);
    let own = Certificate::from_der(&bytes(CERTIFICATE)).to_owned();
    let client = HttpFetch::with_tls(Some(provider), RootCerts::new_with_certs(&[own]));
    let engine = Acquire::new(serve(module.clone()), digest(&module))
        .fetcher(client)
        .without_cache()
        .engine()
        .expect("the certificate is known");
    assert_eq!(engine.module(), Some(&module[..]));
}

#[test]
fn a_certificate_that_nobody_knows_is_refused() {
    if provider().is_none() {
        return;
    }
    let error = Acquire::new(serve(noise(10)), digest(&noise(10)))
        .without_cache()
        .engine()
        .expect_err("no root is in it");
    let AcquireError::Fetch {
        source: FetchError::Refused(source),
        ..
    } = &error
    else {
        panic!("{error:?}");
    };
    assert!(source.to_string().contains("UnknownIssuer"), "{source}");
}

fn bytes(hexadecimal: &str) -> Vec<u8> {
    let digits: Vec<_> = hexadecimal
        .chars()
        .map(|digit| digit.to_digit(16).expect("a digit") as u8)
        .collect();
    digits
        .chunks(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect()
}

/// For `127.0.0.1`, from 2020 to 2120, signed with the key below.
const CERTIFICATE: &str = "\
    3082015d30820103a003020102020101300a06082a8648ce3d04030230163114301206035504030c0b61666d70\
    656720746573743020170d3230303130313030303030305a180f32313230303130313030303030305a30163114\
    301206035504030c0b61666d70656720746573743059301306072a8648ce3d020106082a8648ce3d0301070342\
    000467fcef1d2905e2e1cbaf686c0aab6b002aa8ad3ef550d817ae226fd61e278c44124d63c82a0618af77302b\
    133180071b87c9ef585fe75e709e516d5251d2f5dba340303e300f0603551d110408300687047f000001300c06\
    03551d130101ff04023000301d0603551d0e04160414aa78178cf8498d4675f14124bc7f8d45b858a75c300a06\
    082a8648ce3d040302034800304502200151ce877736dc2c0394895294d3ee2d94ec035f6b9867596621138a0a\
    090b0c02210083f4fd20096ad9c0039901a394b9747ff5eaa8045fa593c0db37f8d921dd65ea";

/// A P-256 key of this test and of nothing else (PKCS #8).
const KEY: &str = "\
    308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420231902d47b3c753a41\
    af6c4e21780bc9f2e64fad837d165149d81b936a899d8fa1440342000467fcef1d2905e2e1cbaf686c0aab6b00\
    2aa8ad3ef550d817ae226fd61e278c44124d63c82a0618af77302b133180071b87c9ef585fe75e709e516d5251\
    d2f5db";
