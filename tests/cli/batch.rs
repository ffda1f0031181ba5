//! `afmpeg batch`: what it makes of directories and lists, what it refuses, and how it goes on.

use std::path::Path;

use serde_json::Value;

use super::{CLIP, afmpeg, fail, fixture_path, folder, names, run, succeed, text, video};

/// A directory `in` with two clips, a file that is no film, and one that is not called like one.
fn work() -> tempfile::TempDir {
    let dir = folder();
    let input = dir.path().join("in");
    std::fs::create_dir(&input).expect("made");
    for name in ["a.mp4", "c.mp4"] {
        std::fs::copy(fixture_path(CLIP), input.join(name)).expect("copied");
    }
    std::fs::write(input.join("b.mp4"), "this is no film").expect("written");
    std::fs::write(input.join("notes.txt"), "these are notes").expect("written");
    dir
}

fn lines(output: &[u8]) -> Vec<Value> {
    text(output)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{line:?}: {e}")))
        .collect()
}

fn result<'a>(lines: &'a [Value], input: &str) -> &'a str {
    let line = lines.iter().find(|line| {
        line["input"]
            .as_str()
            .is_some_and(|path| path.ends_with(input))
    });
    line.and_then(|line| line["result"].as_str())
        .unwrap_or_else(|| panic!("{input} has no result in {lines:?}"))
}

const SMALL: [&str; 8] = [
    "batch",
    "in",
    "--out-dir",
    "out",
    "--to",
    "mp4",
    "--scale",
    "64",
];

/// The line that makes small films of `in`, with more to it.
fn small<'a>(more: &[&'a str]) -> Vec<&'a str> {
    SMALL.iter().chain(more).copied().collect()
}

#[test]
fn one_bad_file_harms_no_other_and_the_table_says_which() {
    let dir = work();
    let output = run(dir.path(), &small(&["--duration", "0.4", "--jobs", "2"]));
    let (page, error) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert_eq!(error, "afmpeg: 1 of 3 files failed\n");
    let rows: Vec<&str> = page.lines().collect();
    assert_eq!(rows.len(), 5, "{page}");
    for (row, words) in rows.iter().zip([
        ["file", "result", "error"],
        ["in/a.mp4", "done", "0.400 s"],
        ["in/b.mp4", "failed", "no media"],
        ["in/c.mp4", "done", "0.400 s"],
        ["3 files:", "2 done, 1 failed", ""],
    ]) {
        let row = row.replace('\\', "/");
        assert!(
            words.iter().all(|word| row.contains(word)),
            "{row:?}: {words:?}"
        );
    }
    assert_eq!(names(&dir.path().join("out")), ["a.mp4", "c.mp4"]);
    assert_eq!(video(&dir.path().join("out/c.mp4")), (64, 36, 10));
}

#[test]
fn outputs_that_exist_stay_unless_the_line_says_otherwise() {
    let dir = work();
    let out = dir.path().join("out");
    std::fs::create_dir(&out).expect("made");
    std::fs::write(out.join("a.mp4"), "precious").expect("written");
    std::fs::remove_file(dir.path().join("in/b.mp4")).expect("removed");
    let output = run(dir.path(), &small(&["--duration", "0.2", "--json"]));
    assert_eq!(output.status.code(), Some(1));
    let lines = lines(&output.stdout);
    assert_eq!(
        (result(&lines, "a.mp4"), result(&lines, "c.mp4")),
        ("failed", "done")
    );
    let summary = &lines.last().expect("there is a last line")["summary"];
    assert_eq!(
        (&summary["files"], &summary["failed"]),
        (&Value::from(2), &Value::from(1))
    );
    assert_eq!(
        std::fs::read(out.join("a.mp4")).expect("there"),
        b"precious"
    );
    succeed(dir.path(), &small(&["--duration", "0.2", "--overwrite"]));
    assert_eq!(video(&out.join("a.mp4")), (64, 36, 5));
}

#[test]
fn nothing_runs_when_two_inputs_would_make_one_output() {
    let dir = work();
    std::fs::copy(dir.path().join("in/a.mp4"), dir.path().join("in/a.mov")).expect("copied");
    fail(
        dir.path(),
        2,
        &small(&[]),
        &["a.mov", "a.mp4", "would both be written to"],
    );
    let onto = ["batch", "in", "--out-dir", "in", "--overwrite"];
    std::fs::remove_file(dir.path().join("in/a.mov")).expect("removed");
    fail(dir.path(), 2, &onto, &["would replace the input"]);
    let both = [
        "batch",
        "in",
        "--out-dir",
        "out",
        "--spec",
        "s.json",
        "--scale",
        "64",
    ];
    fail(dir.path(), 2, &both, &["--spec"]);
}

#[test]
fn a_list_and_a_job_spec_say_what_to_do() {
    let dir = work();
    std::fs::write(dir.path().join("list.txt"), "# films\nin/c.mp4\n").expect("written");
    let spec = r#"{"version":10,"op":"process","inputs":[{"path":"{input}"}],
        "outputs":[{"path":"{output}","map":["0:v"],"video_codec":"copy"}]}"#;
    std::fs::write(dir.path().join("copy.json"), spec).expect("written");
    let line = [
        "batch",
        "list.txt",
        "--out-dir",
        "out",
        "--to",
        "mkv",
        "--spec",
        "copy.json",
        "--json",
        "--progress",
        "json",
    ];
    let (document, progress) = succeed(dir.path(), &line);
    let steps = lines(progress.as_bytes());
    let (end, steps) = steps.split_last().expect("at least the end");
    assert_eq!(end["event"], "done");
    let last = steps.last().expect("a job tells its end");
    assert_eq!(
        (&last["batch"], &last["fraction"]),
        (&Value::from(1.0), &Value::from(1.0))
    );
    assert!(
        last["file"]
            .as_str()
            .is_some_and(|file| file.ends_with("c.mp4"))
    );
    let ends = lines(document.as_bytes());
    assert_eq!(result(&ends, "in/c.mp4"), "done");
    assert_eq!(ends[0]["duration"], 2.0);
    assert_eq!(names(&dir.path().join("out")), ["c.mkv"]);
    let (plan, _) = succeed(
        dir.path(),
        &[
            "batch",
            "list.txt",
            "--out-dir",
            "p",
            "--preset",
            "gif",
            "--dry-run",
        ],
    );
    assert_eq!(plan.replace('\\', "/"), "in/c.mp4 -> p/c.gif\n");
    assert_eq!(names(dir.path()), ["copy.json", "in", "list.txt", "out"]);
}

#[test]
fn a_resumed_run_does_what_is_left_and_what_changed() {
    let dir = work();
    let line = small(&["--duration", "0.2", "--resume", "done.jsonl", "--json"]);
    let again = || {
        let output = run(dir.path(), &line);
        (output.status.code(), lines(&output.stdout))
    };
    let (status, first) = again();
    assert_eq!(status, Some(1));
    assert_eq!(result(&first, "a.mp4"), "done");
    let made = |name: &str| {
        let metadata = std::fs::metadata(dir.path().join("out").join(name)).expect("there");
        metadata.modified().expect("known here")
    };
    let before = (made("a.mp4"), made("c.mp4"));
    std::fs::copy(fixture_path(CLIP), dir.path().join("in/b.mp4")).expect("copied");
    std::fs::copy(
        fixture_path("bbb_180_opengop.mp4"),
        dir.path().join("in/c.mp4"),
    )
    .expect("copied");
    let (status, second) = again();
    assert_eq!(status, Some(0), "{second:?}");
    let results = ["a.mp4", "b.mp4", "c.mp4"].map(|name| result(&second, name));
    assert_eq!(results, ["skipped", "done", "done"]);
    assert_eq!(made("a.mp4"), before.0);
    assert_ne!(made("c.mp4"), before.1, "its input changed");
    let other = small(&["--duration", "0.3", "--resume", "done.jsonl"]);
    fail(dir.path(), 2, &other, &["done.jsonl", "other settings"]);
}

#[test]
fn directories_below_keep_their_places() {
    let dir = work();
    let below = dir.path().join("in/winter/day one");
    std::fs::create_dir_all(&below).expect("made");
    std::fs::rename(dir.path().join("in/c.mp4"), below.join("c.mp4")).expect("moved");
    std::fs::remove_file(dir.path().join("in/b.mp4")).expect("removed");
    let line = [
        "batch",
        "in",
        "-r",
        "--out-dir",
        "in/copies",
        "--to",
        "mkv",
        "-v",
        "copy",
        "--overwrite",
    ];
    for _ in 0..2 {
        let (page, _) = succeed(dir.path(), &line);
        assert!(
            page.contains("2 files: 2 done"),
            "its own outputs are no inputs: {page}"
        );
    }
    let copies = dir.path().join("in/copies");
    assert_eq!(names(&copies), ["a.mkv", "winter"]);
    let (report, _) = succeed(
        &copies.join("winter/day one"),
        &["probe", "c.mkv", "--json"],
    );
    let report: Value = serde_json::from_str(&report).expect("it is JSON");
    assert_eq!(report["inputs"][0]["duration"], 2.0);
}

#[test]
fn limits_are_those_of_each_job() {
    let dir = work();
    let output = run(
        dir.path(),
        &small(&["--json", "--storage-limit", "4KiB", "--jobs", "1"]),
    );
    assert_eq!(output.status.code(), Some(1));
    let statuses: Vec<_> = lines(&output.stdout)
        .iter()
        .filter_map(|line| line["error"]["status"].as_u64())
        .collect();
    assert_eq!(statuses, [4, 1, 4], "the one in the middle is no film");
    assert!(names(&dir.path().join("out")).is_empty());
}

/// A `%d` in the name of an output is one of a sequence to FFmpeg, and here of one file.
#[test]
fn images_are_called_after_their_films_also_by_odd_names() {
    let dir = work();
    let odd = "100%02d %d.mp4";
    std::fs::copy(fixture_path(CLIP), dir.path().join("in").join(odd)).expect("copied");
    std::fs::remove_file(dir.path().join("in/b.mp4")).expect("removed");
    let line = ["batch", "in", "--out-dir", "out", "--preset", "thumbnail"];
    let (page, _) = succeed(dir.path(), &line);
    assert!(page.contains("3 done"), "{page}");
    let made = names(&dir.path().join("out"));
    assert_eq!(made, ["100%02d %d.png", "a.png", "c.png"]);
}

#[cfg(unix)]
#[test]
fn names_of_files_do_not_drive_the_terminal() {
    let dir = folder();
    std::fs::create_dir(dir.path().join("in")).expect("made");
    std::fs::write(dir.path().join("in/a\u{1b}[2J\u{9b}b.mp4"), "no film").expect("written");
    for more in [&[][..], &["--json"], &["--quiet"], &["--dry-run"]] {
        let output = run(dir.path(), &small(more));
        let all = text(&output.stdout) + &text(&output.stderr);
        assert!(all.contains("[2J"), "{more:?}: {all}");
        assert!(!all.contains(['\u{1b}', '\u{9b}']), "{more:?}: {all:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_run_that_is_interrupted_or_killed_goes_on() {
    for signal in ["-INT", "-KILL"] {
        let dir = folder();
        interrupted(dir.path(), signal);
    }
}

#[cfg(unix)]
fn interrupted(dir: &Path, signal: &str) {
    use std::io::BufRead as _;
    use std::process::{Command, Stdio};

    let input = dir.join("in");
    std::fs::create_dir(&input).expect("made");
    // The first is short; the second takes long enough to be cut off.
    std::fs::copy(fixture_path("bbb_54.gif"), input.join("a.gif")).expect("copied");
    std::fs::copy(fixture_path("bbb_180_hevc.mp4"), input.join("b.mp4")).expect("copied");
    let line = small(&["--jobs", "1", "--resume", "done.jsonl", "--json"]);
    let mut child = afmpeg(dir, &line)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the command starts");
    let mut out = std::io::BufReader::new(child.stdout.take().expect("piped"));
    let mut first = String::new();
    out.read_line(&mut first).expect("it writes");
    assert!(first.contains("\"done\""), "{first}");
    let sent = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status();
    assert!(sent.expect("kill runs").success());
    let status = child.wait().expect("it ends");
    if signal == "-INT" {
        assert_eq!(status.code(), Some(130));
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut out, &mut rest).expect("it ends its output");
        assert!(rest.contains("\"cancelled\":1"), "{rest}");
        assert_eq!(names(&dir.join("out")), ["a.mp4"]);
    }
    let (document, _) = succeed(dir, &line);
    let lines = lines(document.as_bytes());
    assert_eq!(
        (result(&lines, "a.gif"), result(&lines, "b.mp4")),
        ("skipped", "done")
    );
    assert_eq!(video(&dir.join("out/b.mp4")).2, 50);
}
