//! What only the full engine can do. All of it is ignored by default: `cargo xtask test --full` builds that engine and
//! runs it.

#[allow(
    dead_code,
    reason = "each test binary uses a part of the shared support"
)]
#[path = "../support/mod.rs"]
mod support;

mod alpha;
mod bitmaps;
mod captions;
mod codecs;
mod containers;
mod dash;
mod events;
mod font;
mod imf;
mod interlaced;
#[cfg(feature = "cli")]
mod pictures;
mod playlists;
mod rates;
mod segments;
mod settings;
mod smart;
mod surround;
mod tee;
mod text;
mod vpx;
mod written;
