//! Runs the sessions of `tests/transcripts`: documents for readers, whose commands must print what they show.
//!
//! A document has a directory of its own, with the clips of [`CLIPS`] and the files that it shows: a block whose fence
//! names a file, as in "```json spec.json". Where the command prints something else now, and rightly,
//! `TRYCMD=overwrite cargo test --features cli --test transcripts` writes the documents anew.

#[allow(
    dead_code,
    reason = "each test program uses its own part of the shared support"
)]
mod support;

use std::fs;
use std::path::{Path, PathBuf};

use support::{engine_path, fixture, workspace};

/// The names of fixtures in the sessions.
const CLIPS: [(&str, &str); 5] = [
    ("holiday.mp4", "bbb_180_h264.mp4"),
    ("evening.mp4", "bbb_180_opengop.mp4"),
    ("film.mkv", "bbb_180_bframes_subs.mkv"),
    ("music.m4a", "bbb.m4a"),
    ("photo.jpg", "bbb_180.jpg"),
];

#[test]
fn sessions_print_what_their_documents_show() {
    let place = tempfile::tempdir().expect("a temporary directory");
    let documents = documents();
    assert!(documents.len() >= 7, "only {documents:?}");
    for document in &documents {
        lay_out(document, place.path());
    }
    let overwrites = std::env::var_os("TRYCMD").is_some_and(|mode| mode == "overwrite");
    {
        let cases = trycmd::TestCases::new();
        cases
            .register_bin("afmpeg", Path::new(env!("CARGO_BIN_EXE_afmpeg")))
            .env("AFMPEG_ENGINE", engine_path().display().to_string())
            .env("NO_COLOR", "1")
            .case(place.path().join("*.md").display().to_string());
        // The sessions run, and are judged, when it is dropped.
    }
    if overwrites {
        for document in &documents {
            let name = document.file_name().expect("it is a file");
            fs::copy(place.path().join(name), document).expect("it is written");
        }
    }
}

/// Each verb of the command is in a session: what the help lists is the list.
#[test]
fn no_verb_is_without_a_session() {
    let help = std::process::Command::new(env!("CARGO_BIN_EXE_afmpeg"))
        .arg("help")
        .output()
        .expect("the command starts");
    let help = String::from_utf8(help.stdout).expect("it is text");
    let (_, verbs) = help.split_once("Commands:\n").expect("it lists commands");
    let verbs = verbs.lines().take_while(|line| line.starts_with("  "));
    let texts: Vec<String> = documents()
        .iter()
        .map(|path| fs::read_to_string(path).expect("it is text"))
        .collect();
    let mut count = 0;
    for verb in verbs.filter_map(|line| line.split_whitespace().next()) {
        let command = format!("\n$ afmpeg {verb}");
        assert!(
            texts.iter().any(|text| text.contains(&command)),
            "no session shows {verb}"
        );
        count += 1;
    }
    assert!(count > 10, "{help}");
}

/// The documents, in the order of their names.
fn documents() -> Vec<PathBuf> {
    let entries = fs::read_dir(workspace().join("tests/transcripts")).expect("it is there");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("it can be listed").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    paths.sort();
    paths
}

/// Puts a document where its session runs, with the directory that its commands find.
fn lay_out(document: &Path, place: &Path) {
    let text = fs::read_to_string(document).expect("it is text");
    let copy = place.join(document.file_name().expect("it is a file"));
    fs::write(&copy, &text).expect("written");
    // That there is one makes each session work on a copy of the other.
    fs::create_dir(copy.with_extension("out")).expect("made");
    let desk = copy.with_extension("in");
    fs::create_dir(&desk).expect("made");
    for (name, clip) in CLIPS {
        fs::write(desk.join(name), fixture(clip)).expect("written");
    }
    let mut rest = text.as_str();
    while let Some((_, block)) = rest.split_once("\n```") {
        let (fence, block) = block.split_once('\n').expect("a fence has a line");
        let (content, after) = block.split_once("\n```").expect("a block has an end");
        if let Some((_, name)) = fence.split_once(' ') {
            let path = desk.join(name);
            fs::create_dir_all(path.parent().expect("it is in a directory")).expect("made");
            let content = if name.ends_with(".wasm") {
                wat::parse_str(content).expect("it is WebAssembly text")
            } else {
                format!("{content}\n").into_bytes()
            };
            fs::write(path, content).expect("written");
        }
        rest = after;
    }
}
