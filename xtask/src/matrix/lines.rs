//! Each codec of text that is decoded, against the lines that native FFmpeg reads from the same file.

use std::fs;
use std::path::Path;

use afmpeg::MemFs;
use serde_json::json;

use super::native::Native;
use super::{Bench, Verdict};

/// Whether the engine reads the same lines.
pub(super) fn verdict(bench: &Bench, native: &Native, codec: &str) -> Verdict {
    if PICTURES.contains(&codec) {
        return Verdict::Untried("its lines are pictures, and the engine decodes lines of text");
    }
    match made(native, codec) {
        Ok(true) => compared(bench, native).unwrap_or_else(Verdict::Fails),
        Ok(false) => Verdict::Untried("native FFmpeg does not make it of text"),
        Err(why) => Verdict::Fails(why),
    }
}

/// Writes the file of a codec, by hand or by native FFmpeg.
fn made(native: &Native, codec: &str) -> Result<bool, String> {
    if let Some((_, text)) = FILES.iter().find(|(name, _)| *name == codec) {
        return written(&native.file(FILE), text).map(|()| true);
    }
    written(&native.file("lines.srt"), LINES)?;
    let made = ["matroska", "mp4", "webvtt", "ass", "srt"]
        .into_iter()
        .any(|container| {
            native
                .run(&["-i", "lines.srt", "-c:s", codec, "-f", container, FILE])
                .is_ok()
        });
    Ok(made)
}

fn written(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| error.to_string())
}

fn compared(bench: &Bench, native: &Native) -> Result<Verdict, String> {
    native.run(&[
        "-i", FILE, "-map", "0:s:0", "-c:s", "subrip", "-f", "srt", "theirs",
    ])?;
    let theirs = fs::read(native.file("theirs")).map_err(|error| error.to_string())?;
    let bytes = fs::read(native.file(FILE)).map_err(|error| error.to_string())?;
    let fs = MemFs::new();
    fs.write("/in", bytes).map_err(|error| error.to_string())?;
    bench.job(
        &fs,
        json!({ "op": "process", "inputs": [{ "path": "/in" }], "outputs": [{
            "path": "/out.srt", "map": ["0:s"], "subtitle_codec": "subrip" }] }),
    )?;
    let ours = fs.read("/out.srt").map_err(|error| error.to_string())?;
    let (ours, theirs) = (words(&ours), words(&theirs));
    if theirs.is_empty() {
        return Err("native FFmpeg reads no line".to_owned());
    }
    Ok(match ours == theirs {
        true => Verdict::Works,
        false => Verdict::Fails(format!(
            "its lines are {:?}, and those of native FFmpeg {:?}",
            ours.join(" "),
            theirs.join(" ")
        )),
    })
}

/// What stands in a file of lines. One without an end lasts no time in the engine, and 1193 hours in native FFmpeg 5.
fn words(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let endless = word.starts_with("1193:") && words.len() > 1;
        let begin = endless.then(|| words[words.len() - 2].clone());
        words.push(begin.unwrap_or_else(|| word.to_owned()));
    }
    words
}

/// The engine copies them.
const PICTURES: [&str; 4] = ["dvb_subtitle", "dvd_subtitle", "hdmv_pgs_subtitle", "xsub"];

const FILE: &str = "fixture";

const LINES: &str = "1\n00:00:00,500 --> 00:00:02,000\nFirst line\n\n\
    2\n00:00:03,000 --> 00:00:04,250\nSecond line, of two\nbelow one another\n\n";

/// Codecs that nothing encodes, as their formats are written by hand.
const FILES: [(&str, &str); 11] = [
    // Pairs of characters with odd parity, between commands to load, show and clear.
    (
        "eia_608",
        "Scenarist_SCC V1.0\n\n\
         00:00:00:15\t94ae 94ae 9420 9420 9470 9470 c8e5 ecec ef80 942f 942f\n\n\
         00:00:02:00\t942c 942c\n\n\
         00:00:03:00\t94ae 94ae 9420 9420 9470 9470 57ef f2ec 6480 942f 942f\n\n\
         00:00:04:00\t942c 942c\n\n",
    ),
    (
        "jacosub",
        "#TIMERES 100\n0:00:00.50 0:00:02.00 D First line\n0:00:03.00 0:00:04.25 D Second\\nline\n",
    ),
    (
        "microdvd",
        "{1}{1}25\n{12}{50}First line\n{75}{106}{y:i}Second|line\n",
    ),
    (
        "mpl2",
        "[5][20]First line\n[30][42]/Second|line\n[50][60]Third line\n",
    ),
    ("pjs", "5,20,\"First line\"\n30,42,\"Second|line\"\n"),
    (
        "realtext",
        "<window type=\"generic\" duration=\"10\"><time begin=\"0.50\" end=\"2\"/>First line\n\
         <time begin=\"3\" end=\"4.25\"/>Second<br/>line\n</window>\n",
    ),
    (
        "sami",
        "<SAMI>\n<BODY>\n<SYNC Start=500><P Class=EN>First line\n<SYNC Start=2000><P Class=EN>&nbsp;\n\
         <SYNC Start=3000><P Class=EN>Second<br>line\n<SYNC Start=4250><P Class=EN>&nbsp;\n</BODY>\n</SAMI>\n",
    ),
    (
        "stl",
        "$FontName = Arial\n00:00:00:12 , 00:00:02:00 , First line\n00:00:03:00 , 00:00:04:06 , Second|line\n",
    ),
    (
        "subviewer",
        "[INFORMATION]\n[TITLE]None\n[END INFORMATION]\n[SUBTITLE]\n00:00:00.50,00:00:02.00\nFirst line\n\n\
         00:00:03.00,00:00:04.25\nSecond[br]line\n\n",
    ),
    (
        "subviewer1",
        "[TITLE]\nNone\n[BEGIN]\n******** START SCRIPT ********\n[00:00:01]\nFirst line\n[00:00:02]\n\n\
         [00:00:03]\nSecond|line\n[00:00:04]\n\n[END]\n******** END SCRIPT ********\n",
    ),
    ("vplayer", "00:00:01:First line\n00:00:03:Second|line\n"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_an_end_ends_as_it_begins() {
        let endless = b"1\n00:00:03,000 --> 1193:02:50,286\nLast line\n";
        let ended = b"1\n00:00:03,000 --> 00:00:03,000\nLast line\n";
        assert_eq!(words(endless), words(ended));
    }
}
