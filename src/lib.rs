//! Real FFmpeg in a sandbox, over a virtual filesystem.
