//! `afmpeg frames`: still images of a video.

use afmpeg::{FramesJob, Scene, Select, Sheet};

use super::args::{Frames, Global};
use super::names;
use super::progress::Meter;
use super::report;
use super::save::{self, Replace};
use super::session::{Session, Starter as _, job_failure};
use super::stage::Stage;
use super::status::{self, Failure};
use super::text;

/// Runs the verb.
pub(crate) fn frames(global: &Global, args: &Frames) -> Result<(), Failure> {
    check(args)?;
    let session = Session::open(global)?;
    let mut stage = Stage::new(global);
    let input = stage.input(&args.input)?;
    take(&session, stage, input, args)
}

/// Finds what is wrong with a line before anything is opened.
///
/// # Errors
///
/// The output cannot be written or is the input, cannot hold several images, or is of no kind of image.
pub(crate) fn check(args: &Frames) -> Result<(), Failure> {
    save::check_target(&args.template, &[&args.input])?;
    select(args)?;
    sheet(args)?;
    codec(args).map(drop)
}

/// Makes the images of a line out of an input that is on the stage, and reports them.
///
/// # Errors
///
/// As the job fails.
pub(crate) fn take(
    session: &Session<'_>,
    mut stage: Stage,
    input: String,
    args: &Frames,
) -> Result<(), Failure> {
    let global = session.global;
    let output = stage.output(&args.template, names::is_template(&args.template));
    let mut job = FramesJob::new(input, output, select(args)?).codec(codec(args)?);
    if let Some(sheet) = sheet(args)? {
        job = job.sheet(sheet);
    }
    if let Some(scale) = &args.scale {
        job = job.scale(scale);
    }
    if let Some(count) = count(args) {
        job = job.count(count);
    }
    if let Some(stream) = args.stream {
        job = job.stream(stream);
    }
    let meter = Meter::new(global, &args.template.display().to_string());
    let result = session
        .invocation(&stage.fs()?, &meter)
        .frames(&job)
        .map_err(|error| stage.in_host_names(job_failure(&error)).about(&args.input))
        .and_then(|report| Ok((report, stage.save_outputs(&session.cancel, Replace::Yes)?)));
    meter.finish(&result);
    let (report, saved) = result?;
    if global.json {
        // It names what is missing.
        return report::renamed(&stage, &report);
    }
    for time in &report.missing {
        status::warn(&format!("no frame at {}", text::seconds(*time)));
    }
    if global.quiet {
        Ok(())
    } else {
        report::print(&report::saved_lines(&saved))
    }
}

/// The sheets that are asked for. Their track names them as they are in the guest: so must they be called here.
fn sheet(args: &Frames) -> Result<Option<Sheet>, Failure> {
    let Some((columns, rows)) = args.sheet else {
        return Ok(None);
    };
    let (width, height) = args.tile.unwrap_or((TILE_WIDTH, None));
    let mut sheet = Sheet::new(columns, rows, width);
    sheet.height = height;
    if let Some(track) = &args.track {
        let sheets = names::is_template(&args.template);
        for (path, sequence) in [(track, false), (&args.template, sheets)] {
            let name = names::output(path, sequence);
            if path.file_name().is_none_or(|own| own != name.as_str()) {
                return Err(Failure::usage(format!(
                    "--track needs a file of a plain name, and {} is none",
                    path.display()
                )));
            }
        }
        if track.parent() != args.template.parent() || track == &args.template {
            return Err(Failure::usage(format!(
                "{} must be a file beside {}",
                track.display(),
                args.template.display()
            )));
        }
        sheet = sheet.track(format!("/out/{}", names::output(track, false)));
    }
    Ok(Some(sheet))
}

/// Which frames; several need a template that can name several.
fn select(args: &Frames) -> Result<Select, Failure> {
    let select = if args.thumbnail {
        Select::Scene(Scene::Thumbnail)
    } else if let Some(threshold) = args.scene {
        Select::Scene(Scene::Threshold(threshold))
    } else if let Some(interval) = args.every {
        Select::Interval(interval)
    } else if let [time] = args.at[..] {
        Select::Timestamp(time)
    } else {
        Select::Timestamps(args.at.clone())
    };
    let one = match args.count {
        Some(most) => most == 1 || matches!(select, Select::Timestamp(_)),
        None => args.thumbnail || matches!(select, Select::Timestamp(_)),
    };
    if !one && args.sheet.is_none() && !names::is_template(&args.template) {
        return Err(Failure::usage(format!(
            "{} names one image, and this selects several: use a template such as frame_%03d.png, \
             or --count 1",
            args.template.display()
        )));
    }
    Ok(select)
}

/// A plain name holds one image, or one sheet of them.
fn count(args: &Frames) -> Option<u32> {
    let named = args
        .count
        .map(|count| u32::try_from(count).unwrap_or(u32::MAX));
    if names::is_template(&args.template) {
        return named;
    }
    let room = args
        .sheet
        .map_or(1, |(columns, rows)| columns.saturating_mul(rows));
    Some(named.unwrap_or(room).min(room))
}

/// The image encoder: the one named, or the one that the extension means.
fn codec(args: &Frames) -> Result<String, Failure> {
    if let Some(codec) = &args.codec {
        return Ok(codec.clone());
    }
    let extension = names::extension(&args.template).unwrap_or_default();
    super::containers::by_extension(&extension)
        .filter(|container| container.image)
        .and_then(|container| container.video.first())
        .map(|encoder| (*encoder).to_owned())
        .ok_or_else(|| {
            Failure::usage(format!(
                "{} has no image extension (png, jpg): use one, or name the encoder with --codec",
                args.template.display()
            ))
        })
}

/// How wide an image on a sheet is unless `--tile` says so.
const TILE_WIDTH: u32 = 160;

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::args::{Cli, Command};

    fn parsed(line: &str) -> Frames {
        let cli = Cli::try_parse_from(format!("afmpeg frames {line}").split(' ')).expect("valid");
        match cli.command {
            Some(Command::Frames(frames)) => frames,
            other => panic!("not frames: {other:?}"),
        }
    }

    #[test]
    fn several_frames_need_a_template() {
        for several in [
            "i o.png --every 1",
            "i o.png --at 1,2",
            "i o.png --scene 0.3",
            "i o.png --thumbnail --count 2",
        ] {
            assert!(select(&parsed(several)).is_err(), "{several}");
        }
        assert_eq!(
            select(&parsed("i o.png --at 1")).expect("one"),
            Select::Timestamp(1.0)
        );
        let select_all = select(&parsed("i o_%d.png --at 1,2")).expect("a template");
        assert_eq!(select_all, Select::Timestamps(vec![1.0, 2.0]));
        assert_eq!(count(&parsed("i o.png --thumbnail")), Some(1));
        assert_eq!(count(&parsed("i o_%d.png --thumbnail")), None);
    }

    #[test]
    fn a_plain_name_holds_one_sheet() {
        let args = parsed("i o.png --every 1 --sheet 5x4");
        assert_eq!(select(&args).expect("one sheet"), Select::Interval(1.0));
        assert_eq!(count(&args), Some(20));
        assert_eq!(
            count(&parsed("i o.png --every 1 --sheet 5x4 --count 7")),
            Some(7)
        );
        assert_eq!(count(&parsed("i o_%d.png --every 1 --sheet 5x4")), None);
        let made = sheet(&args).expect("valid").expect("a sheet");
        assert_eq!(made, Sheet::new(5, 4, 160));
    }

    #[test]
    fn the_track_lies_beside_the_sheets_under_a_plain_name() {
        let of = |line: &str| sheet(&parsed(line)).map(|sheet| sheet.expect("a sheet"));
        let made = of("i d/o_%d.png --every 1 --sheet 2x2 --tile 64x48 --track d/t.vtt");
        assert_eq!(
            made.expect("valid"),
            Sheet::new(2, 2, 64).height(48).track("/out/t.vtt")
        );
        for refused in ["t.vtt", "d/a:b.vtt", "d/o_%d.png", "d/..", "d/%d.vtt/.."] {
            let line = format!("i d/o_%d.png --every 1 --sheet 2x2 --track {refused}");
            assert!(of(&line).is_err(), "{refused}");
        }
    }

    #[test]
    fn the_extension_chooses_the_encoder() {
        assert_eq!(codec(&parsed("i o.jpg --at 1")).expect("known"), "mjpeg");
        assert_eq!(codec(&parsed("i o.PNG --at 1")).expect("known"), "png");
        assert_eq!(
            codec(&parsed("i o.x --at 1 --codec gif")).expect("named"),
            "gif"
        );
        assert!(codec(&parsed("i o.mp4 --at 1")).is_err());
    }
}
