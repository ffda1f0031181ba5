//! Tests of an overlay whose upper tree fails.

use std::sync::Arc;

use super::Overlay;
use crate::errno::Errno;
use crate::vfs::{Dir, FaultInject, Faults, MemFs, OpenOptions, Vfs, ops};

/// Random work with an upper tree that failed at its third call found this: opening with truncation
/// looked at the file once more after it was cut, and when that look failed, so did the opening, and
/// the contents were gone. The same held for a file of the lower tree, which was cut by being copied
/// without its bytes before the copy was opened.
#[test]
fn a_truncating_open_that_fails_leaves_the_contents() {
    for in_upper in [false, true] {
        let mut failed = 0;
        for n in 1.. {
            assert!(n < 100, "opening ends");
            let (lower, upper) = (MemFs::new(), MemFs::new());
            let tree = if in_upper { &upper } else { &lower };
            tree.write("/f", b"contents").expect("written");
            let faulty = FaultInject::new(&upper, Faults::none().nth(n, Errno::Io));
            let root: Arc<dyn Dir> = Overlay::new(&lower, &faulty).root();
            let opened = ops::open_file(&root, "/f", OpenOptions::WRITE);
            let bytes = ops::read(&Overlay::new(&lower, &upper).root(), "/f");
            if opened.is_ok() {
                assert_eq!(bytes, Ok(Vec::new()), "fault {n}");
                if faulty.injected() == 0 {
                    break;
                }
            } else {
                assert_eq!(bytes, Ok(b"contents".to_vec()), "fault {n}");
                failed += 1;
            }
        }
        assert!(failed >= 2, "{failed} faults ended the opening");
    }
}
