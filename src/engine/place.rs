//! Where the caches of programs are on this platform.

use std::path::PathBuf;

/// The directory of engines below the user's directory for caches, if the environment names that.
pub(super) fn default_directory() -> Option<PathBuf> {
    let caches = caches(|name| std::env::var_os(name).map(PathBuf::from))?;
    Some(caches.join("afmpeg").join("engines"))
}

/// The Known Folder of local application data.
#[cfg(windows)]
fn caches(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    variable("LOCALAPPDATA").filter(|path| path.is_absolute())
}

/// The directory that Apple's guidelines give to caches.
#[cfg(target_os = "macos")]
fn caches(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let home = variable("HOME").filter(|path| path.is_absolute())?;
    Some(home.join("Library/Caches"))
}

/// On phones an application is told its directory by the system and knows it best.
#[cfg(any(
    target_os = "ios",
    target_os = "tvos",
    target_os = "watchos",
    target_os = "visionos",
    target_os = "android",
    not(any(unix, windows))
))]
fn caches(_variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    None
}

/// The base directory specification of XDG, which has paths that are not absolute ignored.
#[cfg(all(unix, not(any(target_vendor = "apple", target_os = "android"))))]
fn caches(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let absolute = |name| variable(name).filter(|path| path.is_absolute());
    absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)]) -> Option<PathBuf> {
        caches(|wanted| {
            let found = variables.iter().find(|(name, _)| *name == wanted);
            found.map(|(_, value)| PathBuf::from(value))
        })
    }

    #[test]
    fn the_base_directory_specification_is_followed() {
        let named = with(&[("XDG_CACHE_HOME", "/c"), ("HOME", "/h")]);
        assert_eq!(named, Some("/c".into()));
        assert_eq!(with(&[("HOME", "/h")]), Some("/h/.cache".into()));
        let relative = with(&[("XDG_CACHE_HOME", "c"), ("HOME", "/h")]);
        assert_eq!(relative, Some("/h/.cache".into()));
        assert_eq!(with(&[("XDG_CACHE_HOME", ""), ("HOME", "h")]), None);
        assert_eq!(with(&[]), None);
    }
}
