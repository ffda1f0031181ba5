//! Numbers and lists beyond their bounds: the engine itself refuses them, and names the field.

use afmpeg::{ErrorClass, JobError, MemFs};
use serde_json::{Value, json};

use crate::support::runtime;

/// A document of `process` or `frames`, whose input is not there: what is well formed fails because of that.
fn base(op: &str) -> Value {
    match op {
        "process" => json!({"version": 10, "op": op, "inputs": [{"path": "/absent"}],
            "outputs": [{"path": "/out.mkv"}]}),
        _ => json!({"version": 10, "op": op, "inputs": [{"path": "/absent"}], "path": "/f%d.png",
            "select": {"timestamp": 0}}),
    }
}

/// The document with a value at a place such as `outputs[0].duration`; objects on the way to it are made.
fn with(op: &str, place: &str, value: Value) -> Value {
    let mut document = base(op);
    let pointer = format!("/{}", place.replace(['.', '['], "/").replace(']', ""));
    let mut node = &mut document;
    for name in pointer.split('/').skip(1) {
        node = match name.parse::<usize>() {
            Ok(index) => &mut node[index],
            Err(_) => &mut node[name],
        };
    }
    *node = value;
    document
}

#[track_caller]
fn fails(document: &Value) -> (u32, ErrorClass, Option<String>, String) {
    let error = runtime()
        .process_json(&MemFs::new(), &document.to_string())
        .expect_err("there is no such input");
    match error {
        JobError::Guest {
            exit,
            class,
            where_,
            message,
            ..
        } => (exit, class, where_, message),
        other => panic!("the engine refuses it itself: {other:?}"),
    }
}

#[track_caller]
fn refused(op: &str, place: &str, value: Value, words: &str) {
    let what = format!("{place}: {value}");
    let what = &what[..what.len().min(80)];
    let (exit, class, field, message) = fails(&with(op, place, value));
    assert_eq!((exit, class), (2, ErrorClass::Spec), "{what}: {message}");
    assert_eq!(field.as_deref(), Some(place), "{what}: {message}");
    assert_eq!(message, format!("{place}: {words}"), "{what}");
}

/// The document is well formed: the job fails, and not the document.
#[track_caller]
fn accepted(op: &str, place: &str, value: Value) {
    let (exit, class, field, message) = fails(&with(op, place, value));
    let found = (exit, class, field.as_deref());
    assert_eq!(
        found,
        (1, ErrorClass::OpenInput, Some("inputs[0]")),
        "{place}: {message}"
    );
}

#[test]
fn times_are_seconds_from_nought_to_a_thousand_years() {
    let beyond = |text: &str| format!("{text} is out of range: it must be from 0 to 32000000000");
    for (op, place) in [
        ("process", "outputs[0].duration"),
        ("process", "outputs[0].end"),
        ("process", "inputs[0].seek.start"),
        ("frames", "inputs[0].seek.start"),
        ("frames", "select.timestamp"),
    ] {
        refused(op, place, json!(-1), &beyond("-1"));
        refused(op, place, json!(-0.25), &beyond("-0.25"));
        refused(op, place, json!(3.3e10), &beyond("33000000000"));
        refused(op, place, json!(1e300), &beyond("1.0000000000000001e+300"));
        refused(op, place, json!("2"), "expected a number, found a string");
        accepted(op, place, json!(0));
        accepted(op, place, json!(3.2e10));
    }
}

#[test]
fn counts_are_whole_and_within_their_bounds() {
    let whole = |text: &str| format!("{text} must be a whole number");
    let from =
        |text: &str, bounds: &str| format!("{text} is out of range: it must be from {bounds}");
    let loops = "-1 to 2147483647";
    for (op, place, value, words) in [
        ("process", "inputs[0].loop", json!(1.5), whole("1.5")),
        ("process", "inputs[0].loop", json!(-2), from("-2", loops)),
        (
            "process",
            "inputs[0].loop",
            json!(3e9),
            from("3000000000", loops),
        ),
        ("frames", "count", json!(2.5), whole("2.5")),
        ("frames", "count", json!(0), from("0", "1 to 2147483647")),
        ("frames", "stream", json!(0.5), whole("0.5")),
        ("frames", "stream", json!(-1), from("-1", "0 to 2147483647")),
    ] {
        refused(op, place, value, &words);
    }
    accepted("process", "inputs[0].loop", json!(-1));
    accepted("process", "inputs[0].loop", json!(2_147_483_647));
    accepted("frames", "count", json!(1));
    accepted("frames", "stream", json!(0));
    let index = "expected \"none\" or the index of an input";
    refused("process", "outputs[0].metadata_from", json!(0.5), index);
    refused("process", "outputs[0].metadata_from", json!(1), index);
    accepted("process", "outputs[0].metadata_from", json!(0));
}

/// What is wrong is deeper in the document than what was set.
#[test]
fn values_in_lists_are_named_by_their_place() {
    let rate = "expected pictures a second from 0.001 to 10000, as a number or a fraction such as \"30000/1001\"";
    let stream = |rate: f64| json!([{"from": "[0:v]", "frame_rate": rate}]);
    let chapter = |start: f64| json!([{"start": start, "end": 3.3e10}]);
    for (op, set, value, place, words) in [
        (
            "process",
            "outputs[0].streams",
            stream(-25.0),
            "outputs[0].streams[0].frame_rate",
            rate,
        ),
        (
            "process",
            "outputs[0].streams",
            stream(10_001.0),
            "outputs[0].streams[0].frame_rate",
            rate,
        ),
        (
            "process",
            "outputs[0].chapters",
            chapter(-1.0),
            "outputs[0].chapters[0].start",
            "-1 is out of range: it must be from 0 to 32000000000",
        ),
        (
            "process",
            "outputs[0].chapters",
            chapter(1.0),
            "outputs[0].chapters[0].end",
            "33000000000 is out of range: it must be from 0 to 32000000000",
        ),
        (
            "frames",
            "select",
            json!({"timestamps": [0, -1]}),
            "select.timestamps[1]",
            "-1 is no time in seconds from 0 to 32000000000",
        ),
        (
            "frames",
            "select",
            json!({"interval": 0}),
            "select.interval",
            "must be at least a microsecond",
        ),
        (
            "frames",
            "select",
            json!({"scene": 1.5}),
            "select.scene",
            "expected a number from 0 to 1, or \"thumbnail\"",
        ),
        (
            "frames",
            "sheet",
            json!({"columns": 1.5, "rows": 2, "width": 16}),
            "sheet.columns",
            "1.5 must be a whole number",
        ),
    ] {
        let (exit, class, field, message) = fails(&with(op, set, value));
        assert_eq!((exit, class), (2, ErrorClass::Spec), "{place}: {message}");
        assert_eq!(field.as_deref(), Some(place), "{message}");
        assert_eq!(message, format!("{place}: {words}"));
    }
}

/// More than anybody means; as many as that are looked at, and then the first of them is found to be of another kind.
#[test]
fn ten_thousand_elements_are_not_too_many() {
    for (op, place, kind) in [
        ("process", "inputs", "an object"),
        ("process", "inputs[0].concat", "a string"),
        ("process", "outputs[0].map", "a string"),
        ("process", "outputs[0].streams", "an object"),
    ] {
        let list = |count: usize| Value::Array(vec![json!(0); count]);
        let too_many = "10001 elements are more than the 10000 that are allowed here";
        refused(op, place, list(10_001), too_many);
        let (exit, _, field, message) = fails(&with(op, place, list(10_000)));
        let first = format!("{place}[0]");
        assert_eq!((exit, field.as_deref()), (2, Some(&*first)), "{message}");
        assert_eq!(message, format!("{first}: expected {kind}, found a number"));
    }
    for (count, exit) in [(10_001, 2), (10_000, 1)] {
        let select = json!({"timestamps": vec![0; count]});
        let (found, _, _, message) = fails(&with("frames", "select", select));
        assert_eq!(found, exit, "{message}");
        assert_eq!(
            message.contains("select.timestamps: 10001 elements"),
            exit == 2
        );
    }
}

/// A reader that measures what is left of the text at each step takes four times the work for twice the text.
#[test]
fn reading_a_document_takes_work_in_step_with_its_length() {
    let elements = [
        json!(-1.5e3),
        json!(true),
        json!("é\\n"),
        json!(["a", {}]),
        json!({"path": "/absent", "options": {"a": "b"}}),
    ];
    let work = |element: &Value, count: usize| {
        let list = Value::Array(vec![element.clone(); count]);
        let spec = with("process", "inputs[0].loop", list).to_string();
        // No list belongs there, which is found after all of it was read.
        let run = runtime()
            .run(&MemFs::new(), ["engine".to_owned(), spec])
            .expect("it ends by itself");
        assert_eq!(run.exit_code, 2);
        run.usage.fuel
    };
    for element in elements {
        let (least, some, twice) = (
            work(&element, 1),
            work(&element, 3000),
            work(&element, 6000),
        );
        assert!(
            (twice - least) * 10 < (some - least) * 22,
            "{element}: {some} for 3000, {twice} for 6000, {least} for one"
        );
    }
}
