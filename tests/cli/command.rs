//! What the command shows of files, of the engine and of itself, and how it looks.

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
