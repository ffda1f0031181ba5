//! `afmpeg waveform` and `afmpeg spectrum`: pictures of a sound, drawn by filters of the full engine.

use std::path::Path;

use afmpeg::graph::{Chain, Filter, Graph};
use afmpeg::{Input, Job, Output};

use super::args::{Global, Spectrum, Waveform};
use super::names;
use super::probe::probe_input;
use super::progress::Meter;
use super::report;
use super::save::{self, Replace};
use super::session::{Session, Starter as _, job_failure};
use super::stage::Stage;
use super::status::Failure;

/// Draws how loud a sound is.
pub(crate) fn waveform(global: &Global, args: &Waveform) -> Result<(), Failure> {
    let mut chain = Chain::from_pad(stream(args.stream));
    if !args.channels {
        chain = chain.filter(Filter::new("aformat").set("channel_layouts", "mono"));
    }
    if (args.gain - 1.0).abs() > f64::EPSILON {
        chain = chain.filter(Filter::new("volume").arg(args.gain));
    }
    let chain = chain.filter(
        Filter::new(WAVEFORM)
            .set("s", size(args.size))
            .set("colors", &args.colour)
            .set("split_channels", u8::from(args.channels))
            // As far as the sound goes, in one colour: averages of waves are nearly nothing.
            .set("filter", "peak")
            .set("draw", "full"),
    );
    draw(
        global,
        &args.input,
        &args.output,
        args.stream,
        WAVEFORM,
        chain,
    )
}

/// Draws which frequencies are in a sound.
pub(crate) fn spectrum(global: &Global, args: &Spectrum) -> Result<(), Failure> {
    let mode = if args.channels {
        "separate"
    } else {
        "combined"
    };
    let chain = Chain::from_pad(stream(args.stream)).filter(
        Filter::new(SPECTRUM)
            .set("s", size(args.size))
            .set("mode", mode)
            .set("color", &args.colour)
            .set("legend", u8::from(args.legend)),
    );
    draw(
        global,
        &args.input,
        &args.output,
        args.stream,
        SPECTRUM,
        chain,
    )
}

/// Runs a chain that ends in one picture.
fn draw(
    global: &Global,
    host_input: &Path,
    host_output: &Path,
    number: u32,
    filter: &str,
    chain: Chain,
) -> Result<(), Failure> {
    if names::extension(host_output).as_deref() != Some("png") {
        return Err(Failure::usage(format!(
            "{} is no name of a PNG file: it has to end in .png",
            host_output.display()
        )));
    }
    save::check_target(host_output, &[host_input])?;
    let session = Session::open(global)?;
    let capabilities = session.runtime.capabilities();
    let filters = capabilities.map_err(|error| job_failure(&error))?.filters;
    if !filters.iter().any(|name| name == filter) {
        return Err(Failure::failed(format!(
            "this engine has no filter {filter}, which draws the picture; the full engine has: \
             `cargo xtask engine --profile full` builds it, --engine names it"
        )));
    }
    let mut stage = Stage::new(global);
    let path = stage.input(host_input)?;
    let output = stage.output(host_output, false);
    let input = Input::file(path);
    let report =
        probe_input(&session, &stage, &input).map_err(|failure| failure.about(host_input))?;
    let sounds = report.streams.iter().filter(|s| s.kind == "audio").count();
    if sounds <= number as usize {
        return Err(Failure::failed(match sounds {
            0 => format!("{} has no audio", host_input.display()),
            _ => format!("{} has only {sounds} audio streams", host_input.display()),
        }));
    }
    let job = Job::new()
        .input(input)
        .filter(Graph::new().chain(chain.to("picture")))
        .output(
            Output::file(output)
                .map("[picture]")
                .video_codec("png")
                // The image muxer wants to be told that the name is not a pattern.
                .format_option("update", "1"),
        );
    let meter = Meter::new(global, &host_output.display().to_string());
    let result = session
        .invocation(&stage.fs()?, &meter)
        .process(&job)
        .map_err(|error| stage.in_host_names(job_failure(&error)))
        .and_then(|report| Ok((report, stage.save_outputs(&session.cancel, Replace::Yes)?)));
    meter.finish(&result);
    let (report, saved) = result?;
    if global.json {
        return report::renamed(&stage, &report);
    }
    if global.quiet {
        return Ok(());
    }
    report::print(&report::saved_lines(&saved))
}

fn stream(number: u32) -> String {
    format!("0:a:{number}")
}

fn size((width, height): (u32, u32)) -> String {
    format!("{width}x{height}")
}

const WAVEFORM: &str = "showwavespic";
const SPECTRUM: &str = "showspectrumpic";
