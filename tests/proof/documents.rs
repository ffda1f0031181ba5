//! What the documents show works as they show it.

use crate::support::mp4::Parsed;
use crate::support::{fixture, read, runtime, workspace};

#[test]
fn the_job_of_the_reference_page_runs() {
    let page = std::fs::read_to_string(workspace().join("docs/job-spec.md")).expect("the page");
    let (_, rest) = page.split_once("```json\n").expect("the page shows a job");
    let (spec, _) = rest.split_once("```").expect("the example ends");
    let fs = afmpeg::MemFs::new();
    fs.write("/in.mp4", fixture("bbb_720p_h264_aac51.mp4"))
        .expect("an empty MemFs takes it");
    runtime()
        .process_json(&fs, spec)
        .expect("the example runs as it stands");
    let mp4 = Parsed::new(&read(&fs, "/out.mp4"));
    // 132 pictures at 25 a second, from 4.5 s on: the first is the one at 4.52 s.
    assert_eq!((mp4.video().width, mp4.video().samples.len()), (640, 19));
    assert_eq!(mp4.audio().codec, "aac");
}
