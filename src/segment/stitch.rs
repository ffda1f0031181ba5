//! Puts the parts together again.

use super::lanes::{COVER, Lanes, stream_of};
use super::plan::{Plan, seconds};
use super::{NAMES, Segment};
use crate::job::{Chapter, Chapters, Input, Job, MetadataFrom, Output, StreamMetadata};

/// Copies the parts, one after the other, and what is beside them.
pub(super) fn job(plan: &Plan, lanes: &Lanes) -> Job {
    let whole = &plan.job.outputs[0];
    let list = format!("{}/{}", Segment::DIRECTORY, NAMES.list);
    let mut job = Job::new().input(Input::file(list).format("concat"));
    job.bitexact = plan.job.bitexact;
    let mut output = Output {
        format: whole.format.clone(),
        format_options: whole.format_options.clone(),
        metadata: whole.metadata.clone(),
        attachments: whole.attachments.clone(),
        ..Output::file(&whole.path)
    }
    // What is late in a part's file is so in the whole: without this each input would begin at 0.
    .copy_ts();
    output.audio_defaults.clear();
    let rest = lanes.rest.is_some();
    let mut beside = 0..lanes.count - 1;
    for place in 0..lanes.count {
        let from = if place == lanes.place {
            VIDEO.to_owned()
        } else {
            format!("1:{}", beside.next().unwrap_or_default())
        };
        output = output.map(from);
    }
    output
        .stream_metadata
        .insert(VIDEO.to_owned(), of_video(plan, lanes));
    if rest {
        job = job.input(Input::file(plan.rest_path()));
        output.metadata_from = Some(MetadataFrom::Input(1));
        output.chapters = Some(Chapters::Input(1));
    } else {
        // The inputs of the job are here for their tags.
        for input in &plan.job.inputs {
            let mut input = input.clone();
            (input.seek, input.repeat) = (None, None);
            job = job.input(input);
        }
        output.metadata_from = Some(match whole.metadata_from {
            Some(MetadataFrom::Input(input)) => MetadataFrom::Input(input + 1),
            Some(MetadataFrom::None) => MetadataFrom::None,
            None => MetadataFrom::Input(1),
        });
        output.chapters = Some(chapters(plan));
    }
    job.output(output)
}

/// The playlist of the parts. Each begins where the plan says, however long the one before it says that it is.
pub(super) fn list(plan: &Plan) -> String {
    let mut list = String::from("ffconcat version 1.0\n");
    for (at, part) in plan.parts.iter().enumerate() {
        let path = plan.part_path(at);
        let name = path.rsplit('/').next().unwrap_or_default();
        list.push_str(&format!("file {name}\n"));
        if at == 0 {
            // Otherwise its first frame would be moved to 0.
            list.push_str("inpoint 0\n");
        }
        if let Some(next) = plan.parts.get(at + 1) {
            let length = next.start.saturating_sub(part.start);
            list.push_str(&format!("duration {:.6}\n", seconds(length)));
        }
    }
    list
}

/// What the parts cannot carry, as their container has no place for it.
fn of_video(plan: &Plan, lanes: &Lanes) -> StreamMetadata {
    let whole = &plan.job.outputs[0];
    let mut said = match whole.streams.get(lanes.place) {
        Some(stream) => StreamMetadata {
            language: stream.language.clone(),
            disposition: stream.disposition.clone(),
            tags: stream.tags.clone(),
        },
        None => {
            let entry = whole.map.get(lanes.place);
            let said = entry.and_then(|entry| whole.stream_metadata.get(entry));
            said.cloned().unwrap_or_default()
        }
    };
    let source = stream_of(&lanes.source, &plan.source);
    if said.language.is_none() {
        said.language = source.and_then(|stream| stream.language.clone());
    }
    if said.disposition.is_empty() {
        said.disposition = source
            .map(|stream| stream.disposition.clone())
            .unwrap_or_default();
        // What is encoded is no cover any more.
        said.disposition.retain(|flag| flag != COVER);
    }
    let title = source.and_then(|stream| stream.tags.get("title"));
    if let Some(title) = title {
        let own = said.tags.entry("title".to_owned());
        own.or_insert_with(|| title.clone());
    }
    said
}

/// The chapters of the source that lie in the window of the job, on its time line.
fn chapters(plan: &Plan) -> Chapters {
    match &plan.job.outputs[0].chapters {
        None | Some(Chapters::None) => return Chapters::None,
        Some(list @ Chapters::List(_)) => return list.clone(),
        Some(Chapters::Copy | Chapters::Input(_)) => {}
    }
    let begin = plan.offset() + plan.source.start.unwrap_or_default().as_secs();
    let end = plan.length().unwrap_or(f64::INFINITY);
    let moved = plan.source.chapters.iter().filter_map(|chapter| {
        let start = (chapter.start?.as_secs() - begin).max(0.0);
        let until = (chapter.end?.as_secs() - begin).min(end);
        if start >= until {
            return None;
        }
        let title = chapter.title.clone().unwrap_or_default();
        Some(Chapter::new(start, title).end(until))
    });
    Chapters::List(moved.collect())
}

const VIDEO: &str = "0:v";
