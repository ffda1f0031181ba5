//! `afmpeg convert`: from the options and a probe of each input to one job, its run and its output.

mod plan;
mod sources;
#[cfg(test)]
mod tests;
mod wiring;

use std::io::IsTerminal as _;
use std::path::Path;

use afmpeg::{Input, Job};

use super::args::{Convert, Global, Settings};
use super::names;
use super::presets;
use super::progress::Meter;
use super::report;
use super::save::{self, Replace};
use super::session::{Session, Starter, job_failure};
use super::stage::Stage;
use super::status::Failure;
use super::values::KeyValue;
use sources::Source;

/// Runs the verb.
pub(crate) fn convert(global: &Global, args: &Convert) -> Result<(), Failure> {
    let to_stdout = args.output == Path::new("-");
    if to_stdout && args.settings.format.is_none() {
        return Err(Failure::usage(
            "standard output has no extension: name the muxer with --format",
        ));
    }
    let is_text = |format: &str| TEXT.contains(&format);
    let shown = args.dry_run || args.settings.format.as_deref().is_some_and(is_text);
    if to_stdout && !shown && std::io::stdout().is_terminal() {
        return Err(Failure::usage(
            "standard output is a terminal, which shows no media: lead it into a file or a program",
        ));
    }
    if !to_stdout {
        save::check_target(&args.output, &args.inputs)?;
    }
    if args
        .inputs
        .iter()
        .filter(|path| *path == Path::new("-"))
        .count()
        > 1
    {
        return Err(Failure::usage(
            "standard input can be only one of the inputs",
        ));
    }
    let session = Session::open(global)?;
    let encoders = encoders(&session)?;
    let mut stage = Stage::new(global);
    let conversion = Conversion {
        settings: &args.settings,
        inputs: &args.inputs,
        output: &args.output,
        concat: args.concat,
        sequence: is_sequence(&args.output),
    };
    let job = conversion.job(&session, &mut stage, &encoders)?;
    if args.dry_run {
        let spec = job
            .to_spec()
            .map_err(|error| Failure::usage(error.to_string()))?;
        return report::print(&format!("{}\n", super::text::json(spec.as_str())));
    }
    let meter = Meter::new(global, &args.output.display().to_string());
    let result = session
        .invocation(&stage.fs()?, &meter)
        .process(&job)
        .map_err(|error| stage.in_host_names(job_failure(&error)))
        .and_then(|report| Ok((report, stage.save_outputs(&session.cancel, Replace::Yes)?)));
    meter.finish(&result);
    let (report, saved) = result?;
    if to_stdout {
        return Ok(());
    }
    report::processed(global, &stage, &report, &saved)
}

/// Muxers of lines that anybody can read.
const TEXT: &[&str] = &[
    "ass",
    "crc",
    "ffmetadata",
    "framecrc",
    "framehash",
    "framemd5",
    "hash",
    "md5",
    "srt",
    "streamhash",
    "webvtt",
];

/// Whether the name stands for many images. Playlists number their segments themselves.
fn is_sequence(output: &Path) -> bool {
    let extension = names::extension(output);
    let playlist = matches!(extension.as_deref(), Some("m3u8" | "mpd"));
    !playlist && names::is_template(output)
}

/// Which file is to be made of which, and how.
pub(crate) struct Conversion<'a, P> {
    pub(crate) settings: &'a Settings,
    pub(crate) inputs: &'a [P],
    pub(crate) output: &'a Path,
    /// The inputs one after the other, instead of the picture of one with the sound of another.
    pub(crate) concat: bool,
    /// Whether a `%d` in the name of the output stands for the numbers of many images.
    pub(crate) sequence: bool,
}

impl<P: AsRef<Path>> Conversion<'_, P> {
    /// The job, over the stage on which it puts its files. The inputs are probed.
    ///
    /// # Errors
    ///
    /// When an input cannot be read, or the settings do not fit what is in it.
    pub(crate) fn job(
        &self,
        starter: &impl Starter,
        stage: &mut Stage,
        encoders: &[String],
    ) -> Result<Job, Failure> {
        let mut sources = Vec::new();
        for host in self.inputs.iter().map(AsRef::as_ref) {
            let input = input(stage, host, self.settings)?;
            sources.push(Source::probed(starter, stage, host, input)?);
        }
        let output = stage.output(self.output, self.sequence);
        let has = |name: &str| encoders.iter().any(|encoder| encoder == name);
        let kinds = presets::Kinds {
            video: sources.iter().any(|source| source.video.is_some()),
            audio: sources.iter().any(|source| source.audio),
        };
        let settings = presets::applied(self.settings, self.output, kinds, has)?;
        plan::plan(&settings, self.output, sources, self.concat, &output, has)
    }
}

/// The names of the encoders that the engine has.
///
/// # Errors
///
/// When the engine cannot tell.
pub(crate) fn encoders(session: &Session<'_>) -> Result<Vec<String>, Failure> {
    let capabilities = session.runtime.capabilities();
    Ok(capabilities.map_err(|error| job_failure(&error))?.encoders)
}

/// An input as the guest will name it.
fn input(stage: &mut Stage, host: &Path, settings: &Settings) -> Result<Input, Failure> {
    let generated = settings.input_format.as_deref() == Some("lavfi");
    let mut input = if generated {
        let graph = host.to_str();
        Input::lavfi(graph.ok_or_else(|| Failure::usage("the source graph is not UTF-8"))?)
    } else {
        Input::file(stage.input(host)?)
    };
    if let Some(format) = settings.input_format.as_ref().filter(|_| !generated) {
        input = input.format(format);
    }
    for KeyValue { key, value } in &settings.input_option {
        input = input.option(key, value);
    }
    Ok(input)
}
