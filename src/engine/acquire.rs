//! Engines from the network: pinned by digest, cached, fetched once.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use afmpeg_wasi::CancelToken;

use super::Engine;
use super::cache::{Entry, Found};
use super::download::Download;
use super::fetch::Fetch;
use super::pin::Pin;
use super::place;
use super::transfer::Control;
use crate::error::AcquireError;

/// An engine that is taken from a cache, or else fetched into it.
///
/// ```no_run
/// use afmpeg::{Acquire, Engine};
///
/// # fn acquire(my_client: impl afmpeg::Fetch + 'static) -> Result<Engine, afmpeg::AcquireError> {
/// let engine = Acquire::new(
///     "https://example.org/ffmpeg-wasi-lean-lgpl.wasm.gz",
///     "5f2c3ce0c3a6c2a8c4a0b1a1e6a3c6d1e8c5c3b0e3a7d9f1b2c4d6e8f0a1b3c5",
/// )
/// .cache_dir("/var/cache/my-application")
/// .fetcher(my_client)
/// .progress(|progress| eprintln!("{} bytes", progress.received))
/// .engine()?;
/// # Ok(engine)
/// # }
/// ```
///
/// # The digest
///
/// It is the SHA-256 of the decompressed module, 64 hexadecimal digits: what [`Engine::sha256`] says,
/// whichever way the module is published (`.wasm` or `.wasm.gz`, told apart by content). Nothing else
/// is ever handed out, so the connection need not be trusted: an address may be plain `http`.
///
/// # The cache
///
/// A directory that only the user should be able to write. It has the decompressed module under its
/// digest, put there in one step when it is whole and right, and compared with the digest each time that
/// it is read; a damaged one is fetched again. With the engine in it nothing is asked of the network and
/// nothing is written. Otherwise one thread of one process fetches, and the others wait for it and use
/// what it brought. (On Android that holds for the threads of one process, until Rust 1.98.)
///
/// # The network
///
/// A connection that ends early is taken up again where it was, in this call and in a later one, when
/// the server names the version of its file (a strong ETag, or a date of modification) and it is still
/// the same; else the file is fetched from its beginning. A file at the address that is another engine
/// is an error, and for an hour the server is asked only whether it still has that one.
#[must_use = "nothing is fetched before `engine`"]
pub struct Acquire {
    url: String,
    sha256: String,
    place: Place,
    fetcher: Option<Arc<dyn Fetch>>,
    max_bytes: u64,
    retries: u32,
    stall: Duration,
    timeout: Option<Duration>,
    cancel: CancelToken,
    progress: Box<dyn FnMut(FetchProgress) + Send>,
}

/// Where engines are kept.
enum Place {
    Default,
    Directory(PathBuf),
    Nowhere,
}

/// How far a fetch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FetchProgress {
    /// The bytes of the file that are there. It falls when the file has to be fetched from its beginning.
    pub received: u64,
    /// The bytes of the file, if the server says.
    pub total: Option<u64>,
}

impl FetchProgress {
    /// The part that is there, from 0 to 1, if the server says how much there is.
    #[must_use]
    pub fn fraction(&self) -> Option<f64> {
        let total = self.total.filter(|total| *total > 0)?;
        Some(self.received as f64 / total as f64)
    }
}

impl Acquire {
    /// The engine with this digest, from this address when the cache does not have it.
    pub fn new(url: impl Into<String>, sha256: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            sha256: sha256.into(),
            place: Place::Default,
            fetcher: None,
            max_bytes: Engine::MAX_BYTES,
            retries: 3,
            stall: Duration::from_secs(30),
            timeout: Some(Duration::from_secs(60 * 60)),
            cancel: CancelToken::new(),
            progress: Box::new(|_| ()),
        }
    }

    /// The directory of the cache, made when it is not there. Any number of engines and of programs
    /// may share one.
    ///
    /// Without it: `afmpeg/engines` in `$XDG_CACHE_HOME` or else `$HOME/.cache`, in
    /// `$HOME/Library/Caches` on macOS, in `%LOCALAPPDATA%` on Windows. On iOS, on Android and where
    /// the environment names no such directory there is none, and one has to be given.
    pub fn cache_dir(mut self, directory: impl Into<PathBuf>) -> Self {
        self.place = Place::Directory(directory.into());
        self
    }

    /// Keeps nothing: the engine is fetched each time, and only into memory.
    pub fn without_cache(mut self) -> Self {
        self.place = Place::Nowhere;
        self
    }

    /// The HTTP client. Without it: `HttpFetch` with the feature `download`, else none.
    pub fn fetcher(mut self, fetcher: impl Fetch + 'static) -> Self {
        self.fetcher = Some(Arc::new(fetcher));
        self
    }

    /// The most bytes that the file may have, and that the module in it may have. Without it, and at
    /// most, [`Engine::MAX_BYTES`].
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = bytes.min(Engine::MAX_BYTES);
        self
    }

    /// How often in a row a connection that brought nothing new is tried again, after a quarter of a
    /// second and then twice as long each time. Without it, 3 times. With 0, the first cut is the end.
    pub fn retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    /// How long a server may send nothing before the connection counts as cut. Without it, 30 s.
    pub fn stall(mut self, time: Duration) -> Self {
        self.stall = time;
        self
    }

    /// How long all of it may take. Without it, an hour, as for a job; `None` is no limit.
    pub fn timeout(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.timeout = time.into();
        self
    }

    /// Ends it from another thread, within 50 ms, whatever the client is doing. What was fetched is kept.
    pub fn cancel(mut self, token: CancelToken) -> Self {
        self.cancel = token;
        self
    }

    /// Is told how far it is, on the thread that calls [`engine`](Self::engine), each time that something
    /// came; never when the engine is in the cache.
    pub fn progress(mut self, sink: impl FnMut(FetchProgress) + Send + 'static) -> Self {
        self.progress = Box::new(sink);
        self
    }

    /// The engine, if the cache has it. Nothing is fetched, written or waited for.
    ///
    /// # Errors
    ///
    /// The digest is none, there is no cache directory, or the cache cannot be read.
    pub fn cached(&self) -> Result<Option<Engine>, AcquireError> {
        let pin = Pin::parse(&self.sha256)?;
        let Some(entry) = self.entry(&pin)? else {
            return Ok(None);
        };
        match entry.read()? {
            Found::Module(module) => self.engine_of(module).map(Some),
            Found::Damaged | Found::Absent => Ok(None),
        }
    }

    /// The engine, from the cache or else from the network. Blocks until it is there.
    ///
    /// # Errors
    ///
    /// The digest is none, the cache cannot be used, the file cannot be fetched or is not this engine,
    /// or it was cancelled. Nothing is left that could be taken for an engine.
    pub fn engine(mut self) -> Result<Engine, AcquireError> {
        let pin = Pin::parse(&self.sha256)?;
        let control = Control {
            cancel: self.cancel.clone(),
            deadline: self
                .timeout
                .and_then(|time| Instant::now().checked_add(time)),
        };
        control.poll()?;
        let Some(entry) = self.entry(&pin)? else {
            let module = self.download(&pin, None, &control)?;
            return self.engine_of(module);
        };
        if let Found::Module(module) = entry.read()? {
            return self.engine_of(module);
        }
        // Before anything is made on the disk.
        self.fetcher = Some(self.client()?);
        let _lock = entry.lock(&control)?;
        // Whoever had the lock before may have fetched it.
        match entry.read()? {
            Found::Module(module) => return self.engine_of(module),
            Found::Damaged => entry.remove()?,
            Found::Absent => {}
        }
        let module = self.download(&pin, Some(&entry), &control)?;
        self.engine_of(module)
    }

    fn entry(&self, pin: &Pin) -> Result<Option<Entry>, AcquireError> {
        let directory = match &self.place {
            Place::Nowhere => return Ok(None),
            Place::Directory(directory) => directory.clone(),
            Place::Default => place::default_directory().ok_or(AcquireError::NoCacheDir)?,
        };
        Ok(Some(Entry::new(directory, pin.clone())))
    }

    fn client(&self) -> Result<Arc<dyn Fetch>, AcquireError> {
        if let Some(fetcher) = &self.fetcher {
            return Ok(Arc::clone(fetcher));
        }
        #[cfg(feature = "download")]
        {
            Ok(Arc::new(super::http::HttpFetch::new()))
        }
        #[cfg(not(feature = "download"))]
        {
            Err(AcquireError::NoFetcher)
        }
    }

    fn download(
        &mut self,
        pin: &Pin,
        entry: Option<&Entry>,
        control: &Control,
    ) -> Result<Vec<u8>, AcquireError> {
        Download {
            fetcher: &self.client()?,
            url: &self.url,
            pin,
            entry,
            control,
            limit: self.max_bytes,
            retries: self.retries,
            stall: self.stall,
            progress: &mut *self.progress,
        }
        .run()
    }

    /// A module whose digest is right.
    fn engine_of(&self, module: Vec<u8>) -> Result<Engine, AcquireError> {
        if module.len() as u64 > self.max_bytes {
            return Err(AcquireError::TooLarge {
                limit: self.max_bytes,
            });
        }
        Ok(Engine {
            module: Some(module),
            pack: None,
        })
    }
}

impl fmt::Debug for Acquire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address may have secrets in it.
        f.debug_struct("Acquire")
            .field("sha256", &self.sha256)
            .finish_non_exhaustive()
    }
}
