//! Captions of television: pairs of bytes, from which a decoder makes lines once it knows how long they are shown.

use afmpeg::{Input, Job, MemFs, OnCorrupt, Output, Stream};

use crate::support::{read, runtime};

/// Two captions that are loaded and shown; nothing takes the second one off the screen.
const SCC: &str = "Scenarist_SCC V1.0\n\n\
    00:00:01:00\t9420 9420 94ae 94ae 9470 9470 c8e5 ecec ef80 942c 942c 942f 942f\n\n\
    00:00:03:00\t9420 9420 94ae 94ae 9470 9470 c279 e580 942c 942c 942f 942f\n";

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn the_last_caption_is_not_lost() {
    let fs = MemFs::new();
    fs.write("/in.scc", SCC).expect("room");
    let job = Job::new()
        .input(Input::file("/in.scc"))
        .output(Output::file("/out.srt").stream(Stream::new("0:s").codec("srt")));
    runtime().process(&fs, &job).expect("captions become text");
    let text = String::from_utf8(read(&fs, "/out.srt")).expect("SubRip is text");
    let lines: Vec<_> = text.lines().collect();
    let hello = lines.iter().position(|line| line.contains("Hello"));
    let bye = lines.iter().position(|line| line.contains("Bye"));
    assert!(hello.is_some() && hello < bye, "{text}");
    assert_eq!(text.matches("Bye").count(), 1, "{text}");
    let bye = lines[bye.expect("it is there") - 1];
    assert!(bye.starts_with("00:00:03,"), "{text}");
    let times = lines[hello.expect("it is there") - 1];
    assert!(
        times.starts_with("00:00:01,") && times.contains("--> 00:00:03,"),
        "{text}"
    );
}

/// Two lines, each ended by an empty one, as players of SAMI want it.
const SAMI: &str = "<SAMI><HEAD><STYLE TYPE=\"text/css\"><!--\n\
    P { margin-left: 8pt; } .ENCC { Name: English; lang: en-US; }\n--></STYLE></HEAD><BODY>\n\
    <SYNC Start=1000><P Class=ENCC>Hello\n\
    <SYNC Start=2500><P Class=ENCC>&nbsp;\n\
    <SYNC Start=4000><P Class=ENCC>Bye\n\
    <SYNC Start=5500><P Class=ENCC>&nbsp;\n\
    </BODY></SAMI>\n";

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn lines_of_sami_without_text_only_end_others() {
    let fs = MemFs::new();
    fs.write("/in.smi", SAMI).expect("room");
    let job = Job::new()
        .input(Input::file("/in.smi"))
        .output(Output::file("/out.srt").stream(Stream::new("0:s").codec("srt")));
    runtime().process(&fs, &job).expect("SAMI becomes SubRip");
    let text = String::from_utf8(read(&fs, "/out.srt")).expect("SubRip is text");
    let lines: Vec<_> = text.lines().filter(|line| !line.is_empty()).collect();
    let expected = [
        "1",
        "00:00:01,000 --> 00:00:02,500",
        "Hello",
        "2",
        "00:00:04,000 --> 00:00:05,500",
        "Bye",
    ];
    assert_eq!(lines, expected, "{text}");
}

const LINES: &str = "1\n00:00:01,000 --> 00:00:02,500\nHello <i>there</i>\n\n\
    2\n00:00:04,000 --> 00:00:05,500\nBye & so on\n";

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn lines_become_ttml_that_has_their_times_and_their_text() {
    let fs = MemFs::new();
    fs.write("/in.srt", LINES).expect("room");
    let job = Job::new()
        .input(Input::file("/in.srt"))
        .output(Output::file("/out.ttml").stream(Stream::new("0:s").codec("ttml")));
    runtime().process(&fs, &job).expect("SubRip becomes TTML");
    let text = String::from_utf8(read(&fs, "/out.ttml")).expect("TTML is text");
    assert!(text.contains("http://www.w3.org/ns/ttml"), "{text}");
    for (begin, end, line) in [
        ("00:00:01.000", "00:00:02.500", "Hello"),
        ("00:00:04.000", "00:00:05.500", "Bye &amp; so on"),
    ] {
        let place = text.find(&format!("begin=\"{begin}\""));
        let rest = &text[place.unwrap_or_else(|| panic!("{begin}: {text}"))..];
        let (tag, rest) = rest.split_once('>').expect("the tag ends");
        assert!(tag.contains(&format!("end=\"{end}\"")), "{text}");
        let shown = rest.split("</p>").next().unwrap_or_default();
        assert!(shown.contains(line), "{text}");
    }
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn lines_go_through_matroska_in_every_codec_of_text() {
    for codec in ["ssa", "ass", "text", "subrip", "webvtt"] {
        let fs = MemFs::new();
        fs.write("/in.srt", LINES).expect("room");
        let convert = |from: &str, to: &str, codec: &str| {
            let output = Output::file(to).stream(Stream::new("0:s").codec(codec));
            let job = Job::new().input(Input::file(from)).output(output);
            runtime()
                .process(&fs, &job)
                .unwrap_or_else(|error| panic!("{from} to {to} as {codec}: {error}"));
        };
        convert("/in.srt", "/out.mkv", codec);
        convert("/out.mkv", "/back.srt", "subrip");
        let text = String::from_utf8(read(&fs, "/back.srt")).expect("SubRip is text");
        for part in [
            "00:00:01,000 --> 00:00:02,500",
            "Hello",
            "00:00:04,000 --> 00:00:05,500",
            "Bye & so on",
        ] {
            assert!(text.contains(part), "{codec}: {text}");
        }
    }
}

/// Damage of the last caption is found when the decoder is emptied, and may be passed over.
#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn captions_before_a_damaged_end_are_kept_where_damage_is_passed_over() {
    let fs = MemFs::new();
    // The last pair of bytes is cut in two.
    let cut = SCC.trim_end().strip_suffix("2f").expect("so it ends");
    fs.write("/in.scc", cut).expect("room");
    let job = Job::new()
        .input(Input::file("/in.scc"))
        .output(Output::file("/out.srt").stream(Stream::new("0:s").codec("srt")))
        .on_corrupt(OnCorrupt::Skip);
    runtime().process(&fs, &job).expect("the rest is wanted");
    let text = String::from_utf8(read(&fs, "/out.srt")).expect("SubRip is text");
    assert!(text.contains("Hello"), "{text}");
}
