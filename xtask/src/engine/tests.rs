//! What changes the keys of a build, and what is refused.

use super::*;

/// A copy of the repository's engine inputs that a test may change.
fn copy_of_inputs(name: &str) -> Workspace {
    let root = crate::step::tests::scratch(name);
    let from = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join("engine");
    copy(&from, &root.join("engine"));
    Workspace::at(&root)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the scratch directory is writable");
    for entry in fs::read_dir(from).expect("the repository is readable") {
        let entry = entry.expect("the repository is readable");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("the scratch directory is writable");
        }
    }
}

fn keys(workspace: &Workspace) -> (String, String) {
    let options = Options::DEFAULT;
    let layout = Layout::new(workspace, Target::Wasi, options.profile, options.variant);
    let inputs = Inputs::read(&layout, Target::Wasi, &options).expect("the inputs are well formed");
    (inputs.libraries_key, inputs.engine_key)
}

fn append(workspace: &Workspace, file: &str, text: &str) {
    let path = workspace.root().join(file);
    let old = fs::read_to_string(&path).expect("the file is part of the inputs");
    fs::write(&path, old + text).expect("the scratch directory is writable");
}

#[test]
fn the_driver_is_part_of_the_engine_but_not_of_the_libraries() {
    let workspace = copy_of_inputs("key-driver");
    let (libraries, engine) = keys(&workspace);
    append(&workspace, "engine/driver/main.c", "/* changed */\n");
    let (libraries_after, engine_after) = keys(&workspace);
    assert_eq!(libraries, libraries_after);
    assert_ne!(engine, engine_after);
}

#[test]
fn what_the_libraries_are_built_from_changes_both_keys() {
    let workspace = copy_of_inputs("key-libraries");
    let mut before = keys(&workspace);
    for (file, text) in [
        ("engine/components/lean.txt", "[filter]\nnegate\n"),
        ("engine/pins.toml", "# moved\n"),
        ("engine/shims/ffmpeg/afmpeg_wasi.h", "/* changed */\n"),
        ("engine/tools/wasi-cc", "# changed\n"),
        ("engine/sources/Cargo.lock", "# changed\n"),
    ] {
        append(&workspace, file, text);
        let after = keys(&workspace);
        assert!(before.0 != after.0 && before.1 != after.1, "{file}");
        before = after;
    }
}

#[test]
fn what_only_the_full_profile_has_is_no_part_of_lean() {
    let workspace = copy_of_inputs("key-full");
    let guests = "wasi-shim/guests";
    let from = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(guests);
    copy(&from, &workspace.root().join(guests));
    let full = |variant| {
        let options = Options {
            profile: Profile::Full,
            variant,
            ..Options::DEFAULT
        };
        let layout = Layout::new(&workspace, Target::Wasi, options.profile, variant);
        let inputs = Inputs::read(&layout, Target::Wasi, &options);
        inputs.expect("the inputs are well formed")
    };
    let (lean, lgpl, gpl) = (keys(&workspace), full(Variant::Lgpl), full(Variant::Gpl));
    assert_ne!(lean.0, lgpl.libraries_key);
    assert_ne!(lgpl.libraries_key, gpl.libraries_key);
    assert!(!lgpl.pins.full.contains_key("x264"), "it is under the GPL");
    assert!(gpl.pins.full.contains_key("x264"));
    for (file, text) in [
        ("engine/full/pins.toml", "# moved\n"),
        ("engine/full/tools/full-pkg-config", "# changed\n"),
        ("wasi-shim/guests/jumps.c", "/* changed */\n"),
    ] {
        let before = full(Variant::Lgpl).libraries_key;
        append(&workspace, file, text);
        assert_ne!(before, full(Variant::Lgpl).libraries_key, "{file}");
    }
    append(
        &workspace,
        "engine/components/full.txt",
        "[filter]\nbench\n",
    );
    assert_eq!(lean, keys(&workspace));
}

#[test]
fn lean_under_the_gpl_has_x264_and_nothing_else_of_the_full_profile() {
    let workspace = copy_of_inputs("lean-gpl");
    let guests = "wasi-shim/guests";
    copy(
        &Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("..")
            .join(guests),
        &workspace.root().join(guests),
    );
    let options = Options {
        variant: Variant::Gpl,
        ..Options::DEFAULT
    };
    let layout = Layout::new(&workspace, Target::Wasi, options.profile, options.variant);
    let inputs = Inputs::read(&layout, Target::Wasi, &options).expect("the inputs are well formed");
    let libraries: Vec<_> = inputs.pins.full.keys().collect();
    assert_eq!(libraries, ["x264"]);
    let has = |name: &str| {
        inputs
            .components
            .iter()
            .any(|component| component.name == name)
    };
    assert!(has("libx264") && has("libopenh264") && !has("libopus"));
}

#[test]
fn an_engine_at_its_ceiling_is_refused() {
    let ceiling = Options::DEFAULT.ceiling();
    assert!(hold_to(ceiling, ceiling - 1).is_ok());
    let text = hold_to(ceiling, ceiling)
        .expect_err("it is too large")
        .to_string();
    assert!(text.contains("6500000"), "{text}");
}

#[test]
fn a_comment_in_the_component_list_rebuilds_nothing() {
    let workspace = copy_of_inputs("key-comment");
    let before = keys(&workspace);
    append(&workspace, "engine/components/lean.txt", "# a remark\n");
    assert_eq!(before, keys(&workspace));
}

#[test]
fn every_file_of_the_recipe_is_in_a_key() {
    // What these decide is a text of the key itself, is checked behind the build, or changes nothing in the engine.
    const ELSEWHERE: [&str; 12] = [
        "components.rs",
        "guests.rs",
        "layout.rs",
        "mod.rs",
        "names.rs",
        "native.rs",
        "own_libc.rs",
        "pins.rs",
        "prerequisites.rs",
        "reproduce.rs",
        "tests.rs",
        "toolchain.rs",
    ];
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/engine");
    for entry in fs::read_dir(here).expect("it is there") {
        let path = entry.expect("it can be read").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let mut listed = LIBRARY_RECIPE.iter().chain(&ENGINE_RECIPE);
        assert!(
            path.is_dir() || ELSEWHERE.contains(&&*name) || listed.any(|(own, _)| *own == name),
            "{name} decides about an engine and is in no key"
        );
    }
}
