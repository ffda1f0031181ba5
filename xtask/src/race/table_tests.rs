//! The arithmetic of the race and the shape of its document.

use super::*;

fn cost(cpu_s: f64) -> Cost {
    Cost {
        cpu_s,
        wall_s: cpu_s * 2.0,
        peak_bytes: 1 << 20,
    }
}

fn row(name: &'static str, costs: &[(&'static str, f64)]) -> Row {
    let mut row = Row::new(name, "a test");
    for (column, cpu_s) in costs {
        row.add(column, cost(*cpu_s), Some("same".to_owned()))
            .expect("one round");
    }
    row
}

/// A race without `native`, in which `fast` needs 0.5 s for the start and 1.5 s for the work.
pub(in crate::race) fn table() -> Table {
    Table {
        rounds: 3,
        peers: BTreeMap::from([("fast", "afmpeg --mode fast".to_owned())]),
        start: row("start", &[("plain", 1.0), ("fast", 0.5), ("wasmtime", 0.0)]),
        rows: vec![row(
            "transcode",
            &[
                ("plain", 20.0),
                ("fast", 2.0),
                ("wasmtime", 3.0),
                ("native_c", 1.0),
            ],
        )],
        warm: Value::Null,
        parallel: Vec::new(),
    }
}

#[test]
fn the_document_has_every_column_and_null_for_who_is_absent() {
    let document = table().document();
    let transcode = &document["workloads"]["transcode"];
    let cpu = transcode["cpu_s"].as_object().expect("an object");
    let names: Vec<_> = cpu.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "native", "native_c", "wasmtime", "plain", "kernels", "lifted", "fast"
        ]
    );
    assert_eq!(cpu["fast"], 2.0);
    assert!(cpu["native"].is_null() && cpu["lifted"].is_null());
    assert_eq!(transcode["ratio_vs_wasmtime"], 2.0 / 3.0);
    assert_eq!(transcode["ratio_vs_native_c"], 2.0);
    assert!(transcode["ratio_vs_native"].is_null());
    assert_eq!(transcode["speedup_over_plain"]["fast"], 10.0);
    assert_eq!(transcode["without_start"]["ratio_vs_wasmtime"], 0.5);
    // native_c did not run the start.
    assert!(transcode["without_start"]["ratio_vs_native_c"].is_null());
    assert!(document["machine"]["cores"].as_u64() > Some(0));
    assert!(document["peers"]["native"].is_null());
}

#[test]
fn the_pool_is_a_workload_with_a_speedup() {
    let mut table = table();
    assert!(table.document()["workloads"]["pool"].is_null());
    let figures = json!({"jobs": 1020, "wall_s": {"1": 3.0, "2": 1.5}, "speedup": 2.0});
    table.parallel.push(("pool", figures));
    assert_eq!(table.document()["workloads"]["pool"]["speedup"], 2.0);
    let text = table.to_string();
    assert!(text.contains("pool: two threads are 2.00 times"), "{text}");
}

#[test]
fn each_figure_keeps_its_minimum() {
    let mut row = row("transcode", &[("fast", 2.0)]);
    let faster = Cost {
        cpu_s: 1.0,
        wall_s: 9.0,
        peak_bytes: 2 << 20,
    };
    row.add("fast", faster, Some("same".to_owned()))
        .expect("the same bytes");
    let best = row.costs["fast"];
    assert_eq!(
        (best.cpu_s, best.wall_s, best.peak_bytes),
        (1.0, 4.0, 1 << 20)
    );
}

#[test]
fn other_bytes_of_the_same_module_are_an_error_that_names_workload_and_mode() {
    let mut row = row("transcode", &[("plain", 1.0), ("wasmtime", 1.0)]);
    row.add("native_c", cost(1.0), Some("other".to_owned()))
        .expect("one round");
    row.compare().expect("native C may differ");
    assert_eq!(row.same_bytes("native_c"), Some(false));
    row.add("lifted", cost(1.0), Some("other".to_owned()))
        .expect("one round");
    let text = row.compare().expect_err("lifted differs").to_string();
    assert!(
        text.starts_with("transcode: the result of lifted"),
        "{text}"
    );
    let twice = row
        .add("fast", cost(1.0), Some("a".to_owned()))
        .and_then(|()| row.add("fast", cost(1.0), Some("b".to_owned())));
    let text = twice.expect_err("two rounds differ").to_string();
    assert!(
        text.contains("transcode: fast made different bytes"),
        "{text}"
    );
}

#[test]
fn the_check_wants_its_factor_in_every_workload() {
    let mut table = table();
    table.check("fast", "plain", 10.0).expect("it is ten times");
    let text = table
        .check("fast", "plain", 10.1)
        .expect_err("it is ten times")
        .to_string();
    assert!(text.contains("transcode: fast is 10.00 times"), "{text}");
    table.rows.push(row("reel", &[("plain", 1.0)]));
    let text = table
        .check("fast", "plain", 1.0)
        .expect_err("fast has not run it")
        .to_string();
    assert!(
        text.contains("reel: fast or plain was not measured"),
        "{text}"
    );
}

#[test]
fn the_tables_name_everyone_and_a_ratio_by_zero_is_none() {
    let text = table().to_string();
    for part in [
        "native    FFmpeg's own command",
        ": absent",
        "transcode",
        "10.0x",
        "0.67",
    ] {
        assert!(text.contains(part), "{part:?} is missing in {text}");
    }
    assert_eq!(ratio(Some(1.0), Some(0.0)), None);
    assert_eq!(ratio(Some(0.0), Some(0.0)), None);
    assert_eq!(ratio(None, Some(1.0)), None);
}
