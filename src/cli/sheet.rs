//! `afmpeg sheet`: a contact sheet, as `frames` makes one, of images from the whole length of a video.

use afmpeg::{Input, MediaTime, ProbeReport};

use super::args::{Frames, Global, Sheet};
use super::frames;
use super::names;
use super::probe::probe_input;
use super::session::Session;
use super::stage::Stage;
use super::status::Failure;

/// Runs the verb.
pub(crate) fn sheet(global: &Global, args: &Sheet) -> Result<(), Failure> {
    let mut line = line(args);
    if args.every.is_none() {
        if names::is_template(&args.output) {
            return Err(Failure::usage(format!(
                "{} names several sheets: say with --every how far apart the images are",
                args.output.display()
            )));
        }
        // Until the length is known.
        line.every = Some(1.0);
    }
    frames::check(&line)?;
    let session = Session::open(global)?;
    let mut stage = Stage::new(global);
    let input = stage.input(&args.input)?;
    if args.every.is_none() {
        let report = probe_input(&session, &stage, &Input::file(&input))
            .map_err(|failure| failure.about(&args.input))?;
        let length = length(&report, args.stream).ok_or_else(|| {
            Failure::failed(format!(
                "{} does not say how long it is: say with --every how far apart the images are",
                args.input.display()
            ))
        })?;
        spread(&mut line, args, length);
    }
    frames::take(&session, stage, input, &line)
}

/// The line of `frames` that asks for the same.
fn line(args: &Sheet) -> Frames {
    Frames {
        input: args.input.clone(),
        template: args.output.clone(),
        at: Vec::new(),
        every: args.every,
        scene: None,
        thumbnail: false,
        scale: None,
        sheet: Some(args.grid),
        tile: Some(args.tile),
        track: args.vtt.clone(),
        codec: args.codec.clone(),
        count: None,
        stream: args.stream,
    }
}

/// Takes as many images as the sheet holds: with a track from the start on, so that there is one for each moment,
/// else from the middles of equal parts, because films begin and end in black.
fn spread(line: &mut Frames, args: &Sheet, length: f64) {
    let (columns, rows) = args.grid;
    // More than a job can name are refused by it, in better words.
    let parts = columns.saturating_mul(rows).min(MOST_IMAGES);
    let part = length / f64::from(parts);
    if args.vtt.is_some() {
        line.every = Some(part);
    } else {
        line.every = None;
        line.at = (0..parts).map(|at| (f64::from(at) + 0.5) * part).collect();
    }
}

/// One more than a job can name.
const MOST_IMAGES: u32 = 10_001;

/// How long the video is, in seconds.
fn length(report: &ProbeReport, stream: Option<u32>) -> Option<f64> {
    let video = match stream {
        Some(index) => report.streams.iter().find(|s| s.index == index),
        None => report.video(),
    };
    let length = video.and_then(|video| video.duration).or(report.duration);
    length
        .map(MediaTime::as_secs)
        .filter(|seconds| *seconds > 0.0)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::args::{Cli, Command};

    fn parsed(line: &str) -> Sheet {
        let cli = Cli::try_parse_from(format!("afmpeg sheet {line}").split(' ')).expect("valid");
        match cli.command {
            Some(Command::Sheet(sheet)) => sheet,
            other => panic!("not sheet: {other:?}"),
        }
    }

    #[test]
    fn images_stand_for_equal_parts_of_the_film() {
        let args = parsed("i o.png --grid 2x2");
        let mut made = line(&args);
        spread(&mut made, &args, 8.0);
        assert_eq!((made.at, made.every), (vec![1.0, 3.0, 5.0, 7.0], None));
        let args = parsed("i o.png --grid 2x2 --vtt t.vtt");
        let mut made = line(&args);
        spread(&mut made, &args, 8.0);
        assert_eq!((made.at, made.every), (Vec::new(), Some(2.0)));
    }

    #[test]
    fn the_video_says_how_long_it_is_before_the_file_does() {
        let report: ProbeReport = serde_json::from_value(serde_json::json!({
            "path": "/i", "format": "mp4", "duration": 9.0, "tags": {}, "chapters": [],
            "streams": [
                {"index": 0, "type": "audio", "duration": 9.0, "disposition": []},
                {"index": 1, "type": "video", "duration": 8.0, "disposition": []},
            ],
        }))
        .expect("a report");
        assert_eq!(length(&report, None), Some(8.0));
        assert_eq!(length(&report, Some(0)), Some(9.0));
        assert_eq!(length(&report, Some(7)), Some(9.0));
    }
}
