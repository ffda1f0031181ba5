//! Where paths lead, and where they must not.

use super::*;
use crate::vfs::{FaultInject, Faults, MemFs, OpenOptions, Operation, Vfs, ops};

/// `/jail` is where guests start; `/secret` and `/outside/` lie beside it.
fn tree() -> (MemFs, Arc<dyn Dir>) {
    let fs = MemFs::new();
    for dir in ["/jail/dir/nested", "/jail/empty", "/outside"] {
        fs.create_dir_all(dir).expect("the tree is new");
    }
    for file in ["/secret", "/outside/f", "/jail/f", "/jail/dir/nested/f"] {
        fs.write(file, file).expect("its directory exists");
    }
    let jail = ops::open_dir(&fs.root(), "/jail").expect("just made");
    (fs, jail)
}

fn link(dir: &Arc<dyn Dir>, name: &str, target: &str) {
    let name = Name::new(name).expect("a plain name");
    dir.symlink(target, name).expect("the name is free");
}

fn walk(base: &Arc<dyn Dir>, path: &str, follow: Follow) -> Result<Place, Errno> {
    resolve(base, path, follow, Absolute::Refused, u32::MAX).map_err(|error| error.errno())
}

/// The contents of the file that a path leads to.
fn contents(base: &Arc<dyn Dir>, path: &str) -> Result<String, Errno> {
    let place = walk(base, path, Follow::Always)?;
    let file = place
        .dir
        .open_file(place.name(Errno::Isdir)?, OpenOptions::READ)?;
    let mut bytes = vec![0; 64];
    let count = file.read_at(0, &mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes[..count]).into_owned())
}

fn errno(base: &Arc<dyn Dir>, path: &str, follow: Follow) -> Errno {
    walk(base, path, follow).expect_err(path)
}

#[test]
fn a2_odd_but_legal_paths_lead_where_they_say() {
    let (_fs, jail) = tree();
    for path in [
        "f",
        "./f",
        ".//./f",
        "dir/../f",
        "dir/.//nested/../../dir/nested/../../f",
        "empty/../dir/nested/../../f",
    ] {
        assert_eq!(contents(&jail, path).as_deref(), Ok("/jail/f"), "{path}");
    }
    assert_eq!(
        contents(&jail, "dir//nested///f").as_deref(),
        Ok("/jail/dir/nested/f")
    );
    let place = walk(&jail, "dir/nested/..", Follow::Always).expect("a directory");
    assert!(place.last.is_none() && place.must_be_dir);
    assert_eq!(
        place.dir.stat().map(|stat| stat.ino),
        ops::stat(&jail, "dir").map(|stat| stat.ino)
    );
}

#[test]
fn a3_no_number_of_descents_lets_dots_climb_above_the_base() {
    let (_fs, jail) = tree();
    for path in [
        "..",
        "../secret",
        "../jail/f",
        "dir/../../secret",
        "dir/nested/../../../secret",
        "./../secret",
        "dir/./nested/.././../..",
    ] {
        assert_eq!(errno(&jail, path, Follow::Always), Errno::Perm, "{path}");
        assert_eq!(errno(&jail, path, Follow::Never), Errno::Perm, "{path}");
    }
    // From below, the directory above is out of reach as well.
    let nested = ops::open_dir(&jail, "dir/nested").expect("part of the tree");
    assert_eq!(errno(&nested, "../../f", Follow::Always), Errno::Perm);
}

#[test]
fn a3_dots_go_back_to_where_the_walk_came_from_when_a_directory_is_moved() {
    let (fs, jail) = tree();
    let nested = ops::open_dir(&jail, "dir/nested").expect("part of the tree");
    ops::rename(&fs.root(), "/jail/dir/nested", "/outside/nested").expect("both exist");
    assert_eq!(errno(&nested, "../f", Follow::Always), Errno::Perm);
    assert_eq!(contents(&nested, "f").as_deref(), Ok("/jail/dir/nested/f"));
}

#[test]
fn a4_paths_that_are_no_paths_are_refused() {
    let (_fs, jail) = tree();
    let long = "n".repeat(256);
    let far = "d/".repeat(MAX_PATH);
    let cases = [
        ("", Errno::Noent),
        ("/", Errno::Perm),
        ("/f", Errno::Perm),
        ("//f", Errno::Perm),
        ("f\0", Errno::Inval),
        ("\0", Errno::Inval),
        ("dir/\0/f", Errno::Inval),
        (&long, Errno::Nametoolong),
        (&far, Errno::Nametoolong),
        ("missing/f", Errno::Noent),
        ("f/f", Errno::Notdir),
        ("f/..", Errno::Notdir),
        ("f/.", Errno::Notdir),
    ];
    for (path, expected) in cases {
        let shown = &path[..path.len().min(20)];
        assert_eq!(errno(&jail, path, Follow::Always), expected, "{shown}");
    }
    let steps = "./".repeat(MAX_PATH / 2 - 1) + "f";
    assert_eq!(contents(&jail, &steps).as_deref(), Ok("/jail/f"));
    let slashes = "dir".to_owned() + &"/".repeat(1_000);
    let place = walk(&jail, &slashes, Follow::Never).expect("a directory");
    assert!(place.must_be_dir && place.last.as_deref() == Some("dir"));
}

#[test]
fn a1_a_slash_after_a_link_means_its_target_and_only_inside() {
    let (_fs, jail) = tree();
    link(&jail, "in", "dir");
    link(&jail, "out", "../outside");
    link(&jail, "slash", "dir/");
    link(&jail, "out-slash", "../outside/");
    for path in ["in/", "in//", "slash", "slash/"] {
        let place = walk(&jail, path, Follow::Always).expect(path);
        assert!(place.must_be_dir, "{path}");
        assert_eq!(place.last.as_deref(), Some("dir"), "{path}");
    }
    let place = walk(&jail, "in/", Follow::Slash).expect("the target is inside");
    assert_eq!(place.last.as_deref(), Some("dir"));
    let place = walk(&jail, "in", Follow::Slash).expect("the link itself");
    assert_eq!(place.last.as_deref(), Some("in"));
    let place = walk(&jail, "in/", Follow::Never).expect("the link itself");
    assert!(place.must_be_dir && place.last.as_deref() == Some("in"));
    for path in ["in/.", "in/..", "in/nested/.."] {
        let place = walk(&jail, path, Follow::Never).expect(path);
        assert!(place.last.is_none(), "{path}");
    }
    for name in ["out", "out-slash"] {
        for tail in ["/", "//", "/.", "/..", "/f"] {
            let path = format!("{name}{tail}");
            assert_eq!(errno(&jail, &path, Follow::Always), Errno::Perm, "{path}");
            assert_eq!(errno(&jail, &path, Follow::Slash), Errno::Perm, "{path}");
        }
    }
}

#[test]
fn a2_links_that_lead_out_are_refused_wherever_they_stand() {
    let (_fs, jail) = tree();
    link(&jail, "up", "..");
    link(&jail, "absolute", "/f");
    link(&jail, "secret", "../secret");
    link(&jail, "deep", "dir/nested/../../../secret");
    let dir = ops::open_dir(&jail, "dir").expect("part of the tree");
    link(&dir, "home", "../f");
    for path in ["up", "up/secret", "absolute", "secret", "deep", "dir/../up"] {
        assert_eq!(errno(&jail, path, Follow::Always), Errno::Perm, "{path}");
    }
    // A link may climb as far as the base of the walk that follows it.
    assert_eq!(contents(&jail, "dir/home").as_deref(), Ok("/jail/f"));
    assert_eq!(errno(&dir, "home", Follow::Always), Errno::Perm);
    // Not followed, a link is a name like another.
    let place = walk(&jail, "secret", Follow::Slash).expect("the link itself");
    assert_eq!(place.last.as_deref(), Some("secret"));
}

#[test]
fn a2_loops_and_long_chains_end() {
    let (_fs, jail) = tree();
    link(&jail, "self", "self");
    link(&jail, "a", "b");
    link(&jail, "b", "a");
    link(&jail, "dangling", "nowhere");
    assert_eq!(errno(&jail, "self", Follow::Always), Errno::Loop);
    assert_eq!(errno(&jail, "self/f", Follow::Always), Errno::Loop);
    assert_eq!(errno(&jail, "a", Follow::Always), Errno::Loop);
    let place = walk(&jail, "dangling", Follow::Always).expect("it may be created");
    assert_eq!(place.last.as_deref(), Some("nowhere"));
    assert_eq!(errno(&jail, "dangling/f", Follow::Always), Errno::Noent);
    link(&jail, "l0", "f");
    for n in 1..=MAX_LINKS {
        link(&jail, &format!("l{n}"), &format!("l{}", n - 1));
    }
    // 40 links are followed, 41 are not.
    assert_eq!(contents(&jail, "l39").as_deref(), Ok("/jail/f"));
    assert_eq!(errno(&jail, "l40", Follow::Always), Errno::Loop);
}

#[test]
fn a_last_name_that_cannot_be_looked_at_is_not_taken_for_a_new_one() {
    let (_fs, jail) = tree();
    let faults = Faults::none().nth_of(Operation::Stat, 1, Errno::Io);
    let jail = FaultInject::new(jail, faults).root();
    assert_eq!(errno(&jail, "f", Follow::Always), Errno::Io);
    assert!(walk(&jail, "f", Follow::Always).is_ok());
}

#[test]
fn an_absolute_path_is_from_the_base_for_the_host() {
    let (_fs, jail) = tree();
    let dir = ops::open_dir(&jail, "dir").expect("part of the tree");
    link(&dir, "root", "/f");
    for path in ["/f", "f", "//f", "dir/root", "/dir/nested/../root"] {
        let place = resolve(&jail, path, Follow::Always, Absolute::FromBase, u32::MAX).expect(path);
        assert_eq!(place.last.as_deref(), Some("f"), "{path}");
        assert_eq!(
            place.dir.stat().map(|stat| stat.ino),
            jail.stat().map(|stat| stat.ino)
        );
    }
    let above = resolve(
        &jail,
        "/../secret",
        Follow::Always,
        Absolute::FromBase,
        u32::MAX,
    );
    assert_eq!(
        above.map_err(|error| error.errno()).err(),
        Some(Errno::Perm)
    );
}
