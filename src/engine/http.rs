//! The HTTP client of the feature `download`: ureq, with TLS where there is some without C.

use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::CryptoProvider;
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Error};

use super::fetch::{Fetch, FetchRequest, FetchResponse};
use crate::error::FetchError;

/// The HTTP client that [`Engine::fetch`](crate::Engine::fetch) uses; needs the feature `download`.
///
/// It follows redirects and uses the proxy that the environment names (`HTTPS_PROXY`, `HTTP_PROXY`,
/// `ALL_PROXY`, `NO_PROXY`). Servers are checked against the root certificates of Mozilla, which are
/// compiled in.
///
/// # TLS
///
/// The cryptography is that of the provider that the application made the default of rustls
/// (`CryptoProvider::install_default` of rustls 0.23), if it did, and else graviola, which is Rust with
/// assembly and no C. It is for x86-64 with AVX2, ADX and AES, about all since 2014, and for 64-bit
/// ARM with AES and SHA-2, which leaves out the Raspberry Pi 4. Elsewhere `https` is [`FetchError::NoTls`]
/// and no redirect is followed.
#[derive(Clone, Debug)]
pub struct HttpFetch {
    agent: Agent,
    has_tls: bool,
}

impl HttpFetch {
    /// Long enough for a slow network, and short enough that a thread that nobody waits for ends.
    const QUIET: Duration = Duration::from_secs(60);

    /// A client with its own connections.
    #[must_use]
    pub fn new() -> Self {
        Self::with_tls(provider(), RootCerts::WebPki)
    }

    pub(super) fn with_tls(provider: Option<Arc<CryptoProvider>>, roots: RootCerts) -> Self {
        let has_tls = provider.is_some();
        let mut tls = TlsConfig::builder().root_certs(roots);
        if let Some(provider) = provider {
            tls = tls.unversioned_rustls_crypto_provider(provider);
        }
        let mut config = Agent::config_builder()
            .user_agent(concat!("afmpeg/", env!("CARGO_PKG_VERSION")))
            .http_status_as_error(false)
            .tls_config(tls.build())
            .timeout_resolve(Some(Self::QUIET))
            .timeout_connect(Some(Self::QUIET))
            .timeout_recv_response(Some(Self::QUIET))
            .timeout_per_read(Some(Self::QUIET));
        if !has_tls {
            // ureq panics when a redirect leads to https and there is no provider.
            config = config.max_redirects(0).max_redirects_will_error(false);
        }
        Self {
            agent: config.build().new_agent(),
            has_tls,
        }
    }
}

impl Default for HttpFetch {
    fn default() -> Self {
        Self::new()
    }
}

impl Fetch for HttpFetch {
    fn get(&self, request: &FetchRequest) -> Result<FetchResponse, FetchError> {
        if !self.has_tls && is_https(request.url()) {
            return Err(FetchError::NoTls);
        }
        let mut call = self.agent.get(request.url());
        for (name, value) in request.headers() {
            call = call.header(name, value);
        }
        let (head, body) = call.call().map_err(failure)?.into_parts();
        let header = |name: &str| {
            let value = head.headers.get(name)?.to_str().ok()?;
            Some(value.to_owned())
        };
        if head.status.is_redirection() && header("location").is_some_and(|to| is_https(&to)) {
            return Err(FetchError::NoTls);
        }
        let response = FetchResponse::from_http(head.status.as_u16(), header)?;
        Ok(response.body(body.into_reader()))
    }
}

fn is_https(url: &str) -> bool {
    let scheme = url.trim_start().split_once(':').map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"))
}

/// The application's own, or the one that is Rust alone.
pub(super) fn provider() -> Option<Arc<CryptoProvider>> {
    CryptoProvider::get_default().cloned().or_else(built_in)
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
fn built_in() -> Option<Arc<CryptoProvider>> {
    graviola::util::is_cpu_supported().then(|| Arc::new(rustls_graviola::default_provider()))
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn built_in() -> Option<Arc<CryptoProvider>> {
    None
}

/// Says whether asking again may help, and leaves the address out, which may have secrets in it.
fn failure(error: Error) -> FetchError {
    match error {
        Error::BadUri(_) | Error::Http(_) => FetchError::refused("the address is malformed"),
        Error::Rustls(_) | Error::Tls(_) | Error::TooManyRedirects | Error::RedirectFailed => {
            FetchError::refused(error)
        }
        // What the handshake refuses, such as a certificate.
        Error::Io(error)
            if error
                .get_ref()
                .is_some_and(|inner| inner.is::<rustls::Error>()) =>
        {
            FetchError::refused(error)
        }
        other => FetchError::transport(other),
    }
}
