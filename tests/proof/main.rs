//! The proof that jobs do what they say, each result checked by something other than the engine.

#[allow(
    dead_code,
    reason = "each test binary uses a part of the shared support"
)]
#[path = "../support/mod.rs"]
mod support;

mod av_offset;
mod bounded;
mod capabilities;
mod checkers;
mod concat_sound;
mod concurrency;
mod copy_window;
mod cut_short;
mod damaged;
mod decode;
mod documents;
mod encoder_choices;
mod endless;
mod engine_alone;
mod events;
mod extras;
mod faults;
mod files;
mod frames;
mod graphs;
mod hostile;
mod interleaving;
mod layouts;
mod log;
mod many;
mod probe;
mod process_audio;
mod process_copy;
mod process_encode;
mod process_join;
mod process_time;
mod progress;
mod properties;
mod ranges;
mod regressions;
mod selection;
mod settings;
mod sheets;
mod smart;
mod source_times;
mod streams;
mod subtitles;
mod tags;
mod vocabularies;
mod warnings;
mod whole_outputs;
