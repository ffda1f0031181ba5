//! Whether what a job wrote can be read back: the last of the checks that a success has to pass.

use std::sync::Arc;

use afmpeg_wasi::Errno;
use afmpeg_wasi::vfs::{Dir, OpenOptions, ReadOnly, Vfs, ops};

use super::Runtime;
use super::execute::Control;
use super::outputs::Doubt;
use crate::error::JobError;
use crate::job::{Input, Job};
use crate::report::{OutputReport, ProbeReport, ProcessReport};

/// Muxers whose files say by themselves what is in them. Others write raw data, playlists, or files that are read
/// only with options.
const SELF_DESCRIBING: [&str; 20] = [
    "adts", "aiff", "apng", "avi", "caf", "flac", "gif", "ipod", "matroska", "mov", "mp3", "mp4",
    "mpegts", "nut", "oga", "ogg", "opus", "wav", "webm", "webp",
];

/// Those of them that know how long they are, and need not guess it from a bit rate.
const TIMED: [&str; 10] = [
    "caf", "flac", "ipod", "matroska", "mov", "mp4", "ogg", "opus", "wav", "webm",
];

/// Those of them whose length is that of their sound alone, wherever it begins, if its samples were counted as it was
/// encoded: what is copied may repeat its times, and a copied part of FLAC does not say how long it is.
const COUNTED: [&str; 3] = ["caf", "flac", "wav"];

/// How far what is read may be from what was written: the most of these, in seconds and as a share of the length.
/// Headers round, and some leave out the frame that a codec starts with. But for what is [`counted`] it may be longer: Matroska counts
/// from 0, wherever its first packet is, and so does MP4 where a stream begins later than another.
const APART: (f64, f64) = (0.25, 0.02);

/// Reads each output of a job that says that it is done.
///
/// # Errors
///
/// An output cannot be read, has fewer streams than were written, or another length; or the reading was cut short.
pub(super) fn verify(
    runtime: &Runtime,
    control: Control,
    root: &Arc<dyn Dir>,
    job: &Job,
    report: &ProcessReport,
) -> Result<(), Doubt> {
    let mut outputs = Vec::new();
    for output in report
        .outputs
        .iter()
        .filter(|output| describes_itself(output))
    {
        if can_be_read(root, &output.path)? {
            outputs.push(output);
        }
    }
    if outputs.is_empty() {
        return Ok(());
    }
    // Reading changes nothing, whatever the engine makes of what it reads.
    let tree = ReadOnly::new(Tree(Arc::clone(root)));
    let mut invocation = runtime
        .invocation(&tree)
        .limits(control.limits)
        .cancel(control.cancel);
    if let Some(deadline) = control.deadline {
        invocation = invocation.deadline(deadline);
    }
    if let Some(seed) = control.seed {
        invocation = invocation.deterministic(seed);
    }
    let inputs = outputs
        .iter()
        .map(|output| Input::file(&output.path))
        .collect();
    let (entries, read_error) = invocation
        .read_inputs(inputs)
        .map_err(|error| match error {
            JobError::Guest { .. } | JobError::Unverified { .. } => unread("what it wrote", &error),
            // The job ran out of time, or was cancelled, while it was checked.
            other => Doubt::Job(Box::new(other)),
        })?;
    if let Some(error) = read_error {
        return Err(Doubt::Storage(error));
    }
    for (output, entry) in outputs.into_iter().zip(entries) {
        let path = &output.path;
        let read = entry.map_err(|error| unread(&format!("the output {path}"), &error))?;
        let keeps_times = job
            .outputs
            .iter()
            .any(|one| one.path == *path && one.copy_ts);
        compare(output, &read, !keeps_times)?;
    }
    Ok(())
}

/// Why an output could not be read: the filesystem, or what was written.
fn unread(what: &str, error: &JobError) -> Doubt {
    // What FFmpeg makes of the errno.
    const IO: i32 = -(Errno::Io as i32);
    match error {
        JobError::Guest {
            av_error: Some(IO), ..
        } => Doubt::Storage(Errno::Io.into()),
        error => Doubt::Reply(format!("{what} cannot be read back: {error}")),
    }
}

/// Whether a tree gives back what it took; a stream to somewhere else does not.
fn can_be_read(root: &Arc<dyn Dir>, path: &str) -> Result<bool, Doubt> {
    let file = ops::open_file(root, path, OpenOptions::READ);
    match file.and_then(|file| file.read_at(0, &mut [0])) {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.errno(), Errno::Badf | Errno::Acces | Errno::Perm) => {
            Ok(false)
        }
        Err(error) => Err(Doubt::Storage(error)),
    }
}

fn describes_itself(output: &OutputReport) -> bool {
    let format = output.format.as_deref().unwrap_or_default();
    let one_file = output.files.is_empty() || output.files == [output.path.clone()];
    SELF_DESCRIBING.contains(&format) && one_file && output.size.is_some_and(|size| size > 0)
}

fn compare(output: &OutputReport, read: &ProbeReport, timed: bool) -> Result<(), String> {
    let path = &output.path;
    for kind in ["video", "audio", "subtitle"] {
        // MP4 has no track for a stream without packets.
        let written = output
            .streams
            .iter()
            .filter(|stream| stream.kind == kind && stream.packets != Some(0))
            .count();
        let found = read
            .streams
            .iter()
            .filter(|stream| stream.kind == kind)
            .count();
        if found < written {
            return Err(format!(
                "the output {path} has {found} {kind} streams and {written} were written"
            ));
        }
    }
    let format = output.format.as_deref().unwrap_or_default();
    let timed = timed && TIMED.contains(&format);
    // A line of text may be said to stay longer than there is anything to be shown with it.
    let lasting = output
        .streams
        .iter()
        .filter(|stream| stream.kind != "subtitle");
    let longest = lasting.filter_map(|stream| stream.duration).max();
    let lengths = longest
        .or(output.duration)
        .zip(read.duration)
        .filter(|_| timed);
    let most = |written: f64| APART.0.max(written * APART.1);
    if let Some((written, found)) = lengths
        && ((written - found).as_secs() > most(written.as_secs())
            || counted(output, format) && (found - written).as_secs() > most(written.as_secs()))
    {
        return Err(format!(
            "the output {path} lasts {found} s and {written} s were written"
        ));
    }
    Ok(())
}

fn counted(output: &OutputReport, format: &str) -> bool {
    let mut streams = output.streams.iter();
    COUNTED.contains(&format)
        && streams.all(|stream| {
            let codec = stream.codec.as_deref().unwrap_or_default();
            !stream.copied && (codec == "flac" || codec.starts_with("pcm_"))
        })
}

/// A tree that is there already.
struct Tree(Arc<dyn Dir>);

impl Vfs for Tree {
    fn root(&self) -> Arc<dyn Dir> {
        Arc::clone(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(written: &str, read: &str) -> Result<(), String> {
        let output: OutputReport = serde_json::from_str(written).expect("it is an output");
        let read: ProbeReport = serde_json::from_str(read).expect("it is a probe");
        compare(&output, &read, true)
    }

    const READ: &str = r#"{"path":"/o","format":"mov,mp4","duration":10.0,
        "streams":[{"index":0,"type":"video"},{"index":1,"type":"audio"}]}"#;

    const READ_SOUND: &str = r#"{"path":"/o","format":"wav","duration":10.0,
        "streams":[{"index":0,"type":"audio"}]}"#;

    #[test]
    fn streams_and_lengths_are_compared() {
        let streams = r#""streams":[{"type":"video"},{"type":"audio"}]"#;
        let output = |format: &str, duration: f64| {
            format!(r#"{{"path":"/o","format":"{format}","duration":{duration},{streams}}}"#)
        };
        assert_eq!(told(&output("mp4", 10.2), READ), Ok(()));
        assert_eq!(
            told(&output("matroska", 5.0), READ),
            Ok(()),
            "it may begin at 5 s"
        );
        let text = r#"{"path":"/o","format":"mp4","duration":60.0,
            "streams":[{"type":"video","duration":10.0},{"type":"audio","duration":9.9}]}"#;
        assert_eq!(told(text, READ), Ok(()), "a line stays longer");
        let empty = r#"{"path":"/o","streams":[{"type":"audio","packets":0},{"type":"audio"}]}"#;
        assert_eq!(told(empty, READ), Ok(()));
        let error = told(&output("mp4", 10.3), READ).expect_err("it is longer");
        assert!(error.contains("lasts 10 s and 10.3 s"), "{error}");
        let sound = |duration: f64, more: &str| {
            let stream = format!(r#"{{"type":"audio",{more}}}"#);
            let output =
                format!(r#""path":"/o","format":"wav","duration":{duration},"streams":[{stream}]"#);
            told(&format!("{{{output}}}"), READ_SOUND)
        };
        let made = r#""codec":"pcm_s16le""#;
        assert_eq!(sound(9.8, made), Ok(()));
        let error = sound(9.7, made).expect_err("it is shorter");
        assert!(error.contains("lasts 10 s and 9.7 s"), "{error}");
        let copied = r#""codec":"pcm_s16le","copied":true"#;
        assert_eq!(sound(1.0, copied), Ok(()), "times may repeat");
        assert_eq!(sound(1.0, r#""codec":"mp3""#), Ok(()), "it is a guess");
        assert_eq!(
            told(&output("mp3", 12.0), READ),
            Ok(()),
            "a guess is no reason"
        );
        let error = told(
            r#"{"path":"/o","streams":[{"type":"audio"},{"type":"audio"}]}"#,
            READ,
        )
        .expect_err("a stream is missing");
        assert!(error.contains("1 audio streams and 2"), "{error}");
    }
}
