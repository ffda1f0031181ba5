//! What the command shows of files, of the engine and of itself, and how it looks.

use std::path::Path;

use serde_json::Value;

use super::{CLIP, afmpeg, fail, fixture_path, folder, run, succeed, text};

#[test]
fn probe_shows_people_a_table_and_machines_json() {
    let dir = folder();
    let clip = fixture_path("bbb_720p_h264_aac51.mp4");
    let (page, _) = succeed(dir.path(), &["probe", &clip]);
    assert!(
        page.contains("1280x720") && page.contains("48000 Hz 5.1"),
        "{page}"
    );
    let (document, _) = succeed(dir.path(), &["probe", "--json", &clip]);
    let document: Value = serde_json::from_str(&document).expect("it is JSON");
    let input = &document["inputs"][0];
    assert_eq!(input["path"], clip.as_str());
    assert_eq!(input["streams"][0]["width"], 1280);
    assert_eq!(input["streams"][1]["channels"], 6);
}

#[test]
fn f7_escapes_in_tags_never_reach_the_output() {
    let dir = folder();
    let title = "title=a\u{1b}]0;owned\u{7}b";
    let clip = fixture_path(CLIP);
    succeed(
        dir.path(),
        &["convert", &clip, "o.mkv", "-v", "copy", "--metadata", title],
    );
    for args in [vec!["probe", "o.mkv"], vec!["probe", "--json", "o.mkv"]] {
        let (page, _) = succeed(dir.path(), &args);
        assert!(page.contains("owned"), "{page}");
        assert!(
            !page.contains('\u{1b}') && !page.contains('\u{7}'),
            "{page:?}"
        );
    }
}

#[test]
fn progress_for_machines_rises_to_one_and_ends() {
    let dir = folder();
    let (_, err) = succeed(
        dir.path(),
        &[
            "--progress",
            "json",
            "convert",
            &fixture_path(CLIP),
            "o.mp4",
            "-f",
            "scale=64:36",
        ],
    );
    let lines: Vec<Value> = err
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{line:?}: {e}")))
        .collect();
    let (end, steps) = lines.split_last().expect("at least the end");
    assert_eq!(end["event"], "done");
    let fractions: Vec<f64> = steps
        .iter()
        .filter_map(|s| s["fraction"].as_f64())
        .collect();
    assert!(fractions.is_sorted(), "{fractions:?}");
    assert_eq!(fractions.last(), Some(&1.0));
    assert!(steps.iter().all(|step| step.get("eta").is_some()));
    let rates = steps
        .iter()
        .filter(|step| step["speed"].as_f64() > Some(0.0) && step["eta"].is_f64());
    assert!(rates.count() > 0, "{err}");
    assert_eq!(
        steps.last().map(|step| &step["frame"]),
        Some(&Value::from(50))
    );
}

#[test]
fn capabilities_lists_and_describes() {
    let dir = folder();
    let (all, _) = succeed(dir.path(), &["capabilities", "--json"]);
    let all: Value = serde_json::from_str(&all).expect("it is JSON");
    let encoders = all["encoders"].as_array().expect("a list");
    assert!(encoders.iter().any(|name| name == "libopenh264"));
    let (one, _) = succeed(dir.path(), &["capabilities", "encoder=libopenh264"]);
    assert!(
        one.contains("allow_skip_frames") && one.contains("yuv420p"),
        "{one}"
    );
    fail(
        dir.path(),
        1,
        &["capabilities", "encoder=nosuch"],
        &["nosuch", "aac"],
    );
}

#[test]
fn shells_and_readers_get_the_command_line() {
    let dir = tempfile::tempdir().expect("there is room for files");
    let (bash, _) = succeed(dir.path(), &["completions", "bash"]);
    assert!(
        bash.contains("complete -F _afmpeg") && bash.contains("--smart-cut"),
        "{bash}"
    );
    let (page, _) = succeed(dir.path(), &["man"]);
    assert!(
        page.contains(".TH afmpeg 1") && page.contains("explain"),
        "{page}"
    );
    let (page, _) = succeed(dir.path(), &["man", "convert"]);
    assert!(page.contains("smart\\-cut"), "{page}");
    fail(dir.path(), 2, &["man", "nothing"], &["nothing"]);
}

#[test]
fn colours_come_only_when_they_are_wanted() {
    let dir = folder();
    let coloured = |variables: &[(&str, &str)]| {
        let mut command = afmpeg(dir.path(), &["probe", "none.mp4"]);
        for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
            command.env_remove(name);
        }
        let output = command.envs(variables.iter().copied()).output();
        text(&output.expect("the command starts").stderr).contains('\u{1b}')
    };
    assert!(!coloured(&[]), "a pipe gets none");
    assert!(coloured(&[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
}

#[test]
fn every_verb_speaks_json_and_so_do_failures() {
    let dir = folder();
    let clip = fixture_path(CLIP);
    std::fs::write(
        dir.path().join("spec.json"),
        "{\"version\":10,\"op\":\"capabilities\"}",
    )
    .expect("written");
    for (line, field) in [
        (vec!["--version", "--json"], "/engine/ffmpeg_version"),
        (vec!["probe", &clip, "--json"], "/inputs/0/format"),
        (vec!["capabilities", "--json"], "/encoders/0"),
        (vec!["job", "spec.json", "--json"], "/encoders/0"),
        (vec!["man", "--json"], "/page"),
        (vec!["completions", "fish", "--json"], "/completions"),
        (
            vec!["convert", &clip, "o.mkv", "-v", "copy", "--json"],
            "/outputs/0/streams/0/codec",
        ),
        (
            vec!["segment", &clip, "p.mp4", "--scale", "64", "--json"],
            "/outputs/0/streams/0/codec",
        ),
        (
            vec!["segment", &clip, "q.mp4", "--dry-run", "--json"],
            "/source/path",
        ),
        (
            vec!["frames", &clip, "f.png", "--at", "1", "--json"],
            "/frames/0/path",
        ),
        (
            vec!["sheet", &clip, "s.png", "--grid", "2x1", "--json"],
            "/frames/0/path",
        ),
    ] {
        let (document, _) = succeed(dir.path(), &line);
        let document: Value = serde_json::from_str(&document).expect("it is JSON");
        assert!(
            document.pointer(field).is_some_and(Value::is_string),
            "{line:?}: {field}"
        );
    }
    let output = run(dir.path(), &["--json", "convert", "none.mp4", "o.mp4"]);
    assert_eq!(
        (output.status.code(), text(&output.stdout)),
        (Some(1), String::new())
    );
    let error: Value = serde_json::from_slice(&output.stderr).expect("it is JSON");
    assert_eq!(error["error"]["status"], 1);
    assert!(
        error["error"]["message"]
            .as_str()
            .is_some_and(|text| text.contains("none.mp4"))
    );
}

/// The one document that a line which must end with this status writes to standard error.
#[track_caller]
fn refused(dir: &Path, status: i32, line: &[&str]) -> String {
    let output = run(dir, line);
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(status), "{line:?}: {err}");
    assert_eq!(out, "", "{line:?}");
    let error: Value = serde_json::from_str(&err).unwrap_or_else(|e| panic!("{err:?}: {e}"));
    assert_eq!(error["error"]["status"], status);
    let message = error["error"]["message"].as_str();
    message.expect("it says why").to_owned()
}

#[test]
fn a_line_that_cannot_be_meant_is_refused_in_json_where_that_is_asked_for() {
    let dir = folder();
    for (line, message) in [
        (
            &["convrt", "a.mp4", "b.mp4", "--json"][..],
            "unrecognized subcommand 'convrt'; tip: a similar subcommand exists: 'convert'",
        ),
        (
            &["--json", "sheet", "a.mp4"],
            "the following required arguments were not provided: <OUT>",
        ),
        (&["--json"], "name a command: see afmpeg --help"),
        (
            &["convert", "a.mp4", "b.mp4", "--json", "-d", "soon"],
            "invalid value 'soon' for '--duration <T>': ",
        ),
        (&["run", "--json"], "not provided: <MODULE.wasm>"),
    ] {
        let said = refused(dir.path(), 2, line);
        assert!(said.contains(message), "{line:?}: {said}");
        assert!(!said.contains("Usage:") && !said.contains('\n'), "{said}");
    }
    // Behind the dashes it is the name of a file.
    for line in [&["sheet", "a.mp4"][..], &["sheet", "--", "--json"]] {
        fail(dir.path(), 2, line, &["error: ", "\n\nUsage: afmpeg sheet"]);
    }
    let (help, _) = succeed(dir.path(), &["convert", "--json", "--help"]);
    assert!(help.contains("Usage: afmpeg convert"), "{help}");
}

#[test]
fn run_leaves_standard_output_to_its_module_and_fails_in_json() {
    let dir = folder();
    let write = r#"(module
        (import "wasi_snapshot_preview1" "fd_write"
            (func $write (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (data (i32.const 0) "\08\00\00\00\03\00\00\00hi\n")
        (func (export "_start")
            (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))))"#;
    let trap = r#"(module (memory (export "memory") 1) (func (export "_start") unreachable))"#;
    for (name, module) in [("write.wasm", write), ("trap.wasm", trap)] {
        let module = wat::parse_str(module).expect("the module is valid");
        std::fs::write(dir.path().join(name), module).expect("written");
    }
    let (out, err) = succeed(dir.path(), &["--json", "run", "write.wasm"]);
    assert_eq!((out.as_str(), err.as_str()), ("hi\n", ""));
    for (status, module) in [(134, "trap.wasm"), (3, "none.wasm")] {
        let said = refused(dir.path(), status, &["run", "--json", module]);
        assert!(said.contains(module), "{said}");
    }
    // What follows the module is the module's.
    let output = run(dir.path(), &["run", "trap.wasm", "--json"]);
    assert!(text(&output.stderr).starts_with("afmpeg: trap.wasm: "));
}
