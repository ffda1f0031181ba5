//! The default font: a file that every job of a runtime finds in its tree.

use std::sync::Arc;

use afmpeg_wasi::vfs::{Dir, Mount, ReadAtFile, Vfs as _, VfsResult};

/// The engine draws with the files of this directory, and first with those whose names begin like this one's.
const DEFAULT_FONT: &str = "/fonts/default";

/// The tree with the font in it, beside the fonts that are already there.
pub(super) fn with_default(root: Arc<dyn Dir>, font: &Arc<[u8]>) -> VfsResult<Arc<dyn Dir>> {
    let bytes = Arc::clone(font);
    let file = ReadAtFile::new(font.len() as u64, move |offset, buf: &mut [u8]| {
        let rest = usize::try_from(offset)
            .ok()
            .and_then(|offset| bytes.get(offset..))
            .unwrap_or_default();
        let length = rest.len().min(buf.len());
        buf[..length].copy_from_slice(&rest[..length]);
        Ok(length)
    });
    let tree = Mount::new().at("/", root)?.file(DEFAULT_FONT, file)?;
    Ok(tree.root())
}

#[cfg(test)]
mod tests {
    use afmpeg_wasi::vfs::{MemFs, Name};

    use super::*;

    #[test]
    fn the_font_is_beside_those_of_the_tree() {
        let fs = MemFs::new();
        fs.create_dir_all("/fonts").expect("a directory");
        fs.write("/fonts/other.ttf", b"other")
            .expect("there is room");
        let font: Arc<[u8]> = Arc::from(&b"the font"[..]);
        let root = with_default(fs.root(), &font).expect("the path is free");
        let name = |name| Name::new(name).expect("it is a name");
        let fonts = root.open_dir(name("fonts")).expect("it is there");
        for (file, length) in [("default", 8), ("other.ttf", 5)] {
            let stat = fonts.stat_at(name(file)).expect("it is there");
            assert_eq!(stat.size, length, "{file}");
        }
        assert!(
            fs.read("/fonts/default").is_err(),
            "the tree itself is as it was"
        );
    }
}
