//! What an engine is, as a custom section of its module: the reply to the `version` operation, so that a
//! host need not run the engine to know.

use std::fs;
use std::path::Path;

use serde_json::json;
use wasm_encoder::{CustomSection, Encode, Section};

use super::driver::KERNELS;
use super::layout::Layout;
use super::{Profile, Variant};
use crate::failure::{Failure, Result};

/// The name of the section; the library looks for it (`src/runtime/preflight.rs`).
const SECTION: &str = "afmpeg.version";

/// Adds the section to a linked engine.
pub(super) fn add(
    layout: &Layout,
    ffmpeg: &str,
    profile: Profile,
    variant: Variant,
    engine: &Path,
) -> Result<()> {
    let header = layout.engine().join("driver").join("ops.h");
    let text = fs::read_to_string(&header).map_err(Failure::io("read", &header))?;
    let vocabulary = vocabulary(&text).ok_or_else(|| {
        Failure::new(format!("{} defines no AF_VOCABULARY", header.display()))
            .mend("the newest version of the job vocabulary has to be a number there")
    })?;
    let about = json!({
        "vocab_version": vocabulary,
        "ffmpeg_version": format!("n{ffmpeg}"),
        "variant": variant.to_string(),
        "profile": profile.to_string(),
        "kernels": KERNELS,
    });
    let mut module = fs::read(engine).map_err(Failure::io("read", engine))?;
    let section = CustomSection {
        name: SECTION.into(),
        data: about.to_string().into_bytes().into(),
    };
    module.push(section.id());
    section.encode(&mut module);
    fs::write(engine, module).map_err(Failure::io("write", engine))
}

/// The number that the driver's header defines.
fn vocabulary(header: &str) -> Option<u32> {
    let (_, rest) = header.split_once("#define AF_VOCABULARY ")?;
    rest.lines().next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::vocabulary;

    #[test]
    fn the_vocabulary_is_read_from_the_header() {
        let header = "/* x */\n#define AF_VOCABULARY 10\n#define AF_OTHER 3\n";
        assert_eq!(vocabulary(header), Some(10));
        assert_eq!(vocabulary("#define AF_VOCABULARY many\n"), None);
        assert_eq!(vocabulary(""), None);
    }
}
