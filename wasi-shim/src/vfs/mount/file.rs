//! A file of a mounted tree: the tree's own, with the device number of the mount.

use std::sync::Arc;

use crate::vfs::File;
use crate::vfs::shown::shown;
use crate::vfs::tag::Tag;

/// `inner` as a file of the tree with this tag.
pub(super) fn tagged(inner: Arc<dyn File>, tag: Tag) -> Arc<dyn File> {
    if tag == Tag::default() {
        inner
    } else {
        shown(inner, move |stat| tag.apply(stat))
    }
}
