//! By which names a handle was opened.

use std::sync::Arc;

/// The names that lead from the root of a tree to a handle.
///
/// A chain, not a text: a walk through thousands of directories holds a handle of each, and their
/// texts would grow with the square of the depth.
#[derive(Default)]
pub(super) struct Trail {
    above: Option<Arc<Trail>>,
    name: Box<str>,
}

impl Trail {
    pub(super) fn below(self: &Arc<Self>, name: &str) -> Arc<Self> {
        Arc::new(Self {
            above: Some(Arc::clone(self)),
            name: name.into(),
        })
    }

    /// The path from the root, which is `/`, to this handle or to a name in it.
    pub(super) fn path(&self, last: Option<&str>) -> String {
        let mut names: Vec<&str> = last.into_iter().collect();
        let mut at = self;
        while let Some(above) = &at.above {
            names.push(&at.name);
            at = above;
        }
        if names.is_empty() {
            return String::from("/");
        }
        let mut path = String::with_capacity(names.iter().map(|name| name.len() + 1).sum());
        for name in names.into_iter().rev() {
            path.push('/');
            path.push_str(name);
        }
        path
    }
}

impl Drop for Trail {
    /// In a loop: nested drops of a long chain would overflow the stack.
    fn drop(&mut self) {
        let mut at = self.above.take();
        while let Some(mut above) = at.and_then(Arc::into_inner) {
            at = above.above.take();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_every_directory_on_the_way() {
        let root = Arc::new(Trail::default());
        assert_eq!(root.path(None), "/");
        assert_eq!(root.path(Some("f")), "/f");
        let inner = root.below("a").below("b");
        assert_eq!(inner.path(None), "/a/b");
        assert_eq!(inner.path(Some("f")), "/a/b/f");
    }

    #[test]
    fn a_trail_a_million_long_is_dropped_without_recursion() {
        let run = || {
            let mut trail = Arc::new(Trail::default());
            for _ in 0..1_000_000 {
                trail = trail.below("d");
            }
        };
        let thread = std::thread::Builder::new().stack_size(64 * 1024).spawn(run);
        thread.expect("a thread").join().expect("no overflow");
    }
}
