//! Graphs that are put together from filters: every value reaches its filter as it is.

use afmpeg::graph::{Chain, Filter, Graph};
use afmpeg::{Job, MemFs, Output};

use crate::support::runtime;

#[test]
fn a_value_reaches_its_filter_whatever_is_in_it() {
    let texts = [
        "plain",
        "it's 5:30, [live]; a=b",
        r"back\slash\\es and \' and \:",
        "' quoted '",
        "''",
        " spaces at both ends ",
        "[v]",
        ";,[]:='\\",
        "two\nlines",
        "=first",
        "key=value",
        "%{pts} %d ü 漢字",
        "\\",
        "'",
    ];
    for text in texts {
        let said = Filter::new("metadata")
            .arg("add")
            .set("key", "lavfi.said")
            .set("value", text);
        let graph = Graph::new().chain(
            Chain::new()
                .filter(
                    Filter::new("color")
                        .set("size", "16x16")
                        .set("duration", 0.04),
                )
                .filter(said)
                .to("v"),
        );
        let job = Job::new()
            .filter(graph)
            .output(Output::null().map("[v]").video_codec("rawvideo"));
        let report = runtime()
            .process(&MemFs::new(), &job)
            .unwrap_or_else(|error| panic!("{text:?}: {error}"));
        let said = report
            .analysis
            .iter()
            .find(|found| found.key == "lavfi.said");
        assert_eq!(said.map(|found| found.value.as_str()), Some(text));
    }
}

#[test]
fn a_value_by_its_place_is_not_taken_for_a_name() {
    // The second value of `metadata` by place is the key.
    for text in ["lavfi.a=b", "lavfi.it's", "lavfi.x:y"] {
        let graph = Chain::new()
            .filter(
                Filter::new("color")
                    .set("size", "16x16")
                    .set("duration", 0.04),
            )
            .filter(Filter::new("metadata").arg("add").arg(text).arg("1"))
            .to("v");
        let job = Job::new()
            .filter(graph)
            .output(Output::null().map("[v]").video_codec("rawvideo"));
        let report = runtime()
            .process(&MemFs::new(), &job)
            .unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert!(
            report
                .analysis
                .iter()
                .any(|found| found.key == text && found.value == "1"),
            "{text}: {:?}",
            report.analysis
        );
    }
}
