//! Tests of engines from files and memory; those of fetching are beside this file.

mod caching;
mod fetching;
#[cfg(feature = "download")]
mod http;
mod processes;
mod server;
#[cfg(feature = "download")]
mod tls;

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("writing to memory works");
    encoder.finish().expect("writing to memory works")
}

#[test]
fn plain_and_compressed_engines_have_the_same_digest() {
    let plain = Engine::from_bytes(&b"abc"[..]).expect("plain bytes are taken");
    let packed = Engine::from_bytes(gzip(b"abc")).expect("gzip is taken");
    let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(plain.sha256(), known);
    assert_eq!(packed.sha256(), known);
    assert_eq!(packed.module(), Some(&b"abc"[..]));
}

#[test]
fn damaged_gzip_is_refused() {
    let packed = gzip(&[7; 1000]);
    let cut = &packed[..packed.len() - 4];
    assert!(matches!(Engine::from_bytes(cut), Err(LoadError::Gzip(_))));
    let mut flipped = packed.clone();
    let crc = flipped.len() - 6;
    flipped[crc] ^= 1;
    assert!(matches!(
        Engine::from_bytes(flipped),
        Err(LoadError::Gzip(_))
    ));
    let mut longer = packed;
    longer.extend(b"garbage");
    let error = Engine::from_bytes(longer).expect_err("trailing data is refused");
    assert!(
        error.to_string().contains("7 bytes after the end"),
        "{error}"
    );
}

#[test]
fn a_gzip_bomb_stops_at_the_limit() {
    let bomb = gzip(&vec![0; (Engine::MAX_BYTES + 1) as usize]);
    assert!(matches!(
        Engine::from_bytes(bomb),
        Err(LoadError::TooLarge { .. })
    ));
}

#[test]
fn a_missing_file_is_named() {
    let error = Engine::open("/no/such/engine.wasm").expect_err("there is no such file");
    assert!(
        error.to_string().contains("/no/such/engine.wasm"),
        "{error}"
    );
    assert!(matches!(error, LoadError::Read { source, .. }
        if source.kind() == io::ErrorKind::NotFound));
}
