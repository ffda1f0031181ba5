//! The built engine has every component of the list that it is built from: FFmpeg's configure drops a
//! component whose needs are not met without a word.

use std::collections::BTreeSet;
use std::fs;

use afmpeg::{ComponentKind, MemFs};
use serde_json::json;

use crate::support::{engine_path, runtime, workspace};

#[allow(
    dead_code,
    reason = "the recipe of the engine uses all of it, this test the names"
)]
#[path = "../../xtask/src/engine/components.rs"]
mod components;

#[test]
fn every_listed_component_is_in_the_engine() {
    let capabilities = runtime()
        .capabilities()
        .expect("the engine lists its components");
    let set = |names: &[String]| -> BTreeSet<String> {
        names
            .iter()
            .flat_map(|name| name.split(','))
            .map(str::to_owned)
            .collect()
    };
    let path = workspace().join("engine/components/lean.txt");
    let text = fs::read_to_string(&path).expect("the component list is part of the repository");
    let listed = components::parse(&text).expect("the component list is well formed");
    assert!(
        listed.len() > 120,
        "the list was read: {} components",
        listed.len()
    );
    let mut absent = Vec::new();
    for component in &listed {
        let name = &component.name;
        let present = match component.kind {
            "decoder" => set(&capabilities.decoders),
            "encoder" => set(&capabilities.encoders),
            "demuxer" | "indev" => set(&capabilities.demuxers),
            "muxer" => set(&capabilities.muxers),
            "filter" => set(&capabilities.filters),
            "bsf" => set(&capabilities.bitstream_filters),
            "protocol" => set(&capabilities.protocols),
            // A parser has no name at run time; the decode tests fail without it.
            "parser" => continue,
            other => panic!("this test does not know the kind {other}"),
        };
        if !present.contains(name) {
            absent.push(format!("{} {name}", component.kind));
        }
    }
    assert!(
        absent.is_empty(),
        "listed but not in the engine: {}",
        absent.join(", ")
    );
}

/// What is known without asking is what the engine answers.
#[test]
fn the_engine_carries_its_answer_with_it() {
    let module = fs::read(engine_path()).expect("the engine is there");
    // The length of a section's name comes before it.
    let name = b"\x0eafmpeg.version";
    let sections = module.windows(name.len()).filter(|bytes| bytes == name);
    assert_eq!(sections.count(), 1);
    #[cfg(afmpeg_pack)]
    assert!(
        afmpeg_pack::module()
            .custom_section("afmpeg.version")
            .is_some(),
        "lifted code has the sections of its module"
    );
    let asked = runtime()
        .process_json(&MemFs::new(), r#"{"op": "version"}"#)
        .expect("every engine answers");
    let known = runtime().engine_info().expect("our engine says what it is");
    let known = serde_json::to_value(known).expect("it is plain data");
    for (field, value) in known.as_object().expect("it has fields") {
        assert_eq!(asked.get(field), Some(value), "{field}");
    }
}

#[test]
fn the_lgpl_engine_has_no_gpl_encoder() {
    let info = runtime().engine_info().expect("our engine says what it is");
    assert_eq!(info.variant.as_deref(), Some("lgpl"));
    assert_eq!(info.profile.as_deref(), Some("lean"));
    assert_eq!(info.ffmpeg_version.as_deref(), Some("n9.0.2"));
    assert!(info.vocab_version >= 10);
    let capabilities = runtime()
        .capabilities()
        .expect("the engine lists its components");
    assert!(!capabilities.has(ComponentKind::Encoder, "libx264"));
}

#[test]
fn a_component_tells_its_options() {
    let encoder = runtime()
        .component(ComponentKind::Encoder, "libopenh264")
        .expect("it is there");
    assert_eq!(encoder.name, "libopenh264");
    let rc_mode = encoder
        .options
        .iter()
        .find(|o| o.name == "rc_mode")
        .expect("an option of it");
    assert!(
        rc_mode.constants.iter().any(|c| c.name == "quality"),
        "with its words"
    );
    let xfade = runtime()
        .component(ComponentKind::Filter, "xfade")
        .expect("it is there");
    assert!(xfade.options.iter().any(|o| o.name == "transition"));
    let error = runtime()
        .component(ComponentKind::Encoder, "libx264")
        .expect_err("it is absent");
    assert!(
        error.to_string().contains("libx264"),
        "the message names it: {error}"
    );
}

/// An option of each type, with all that its component says of it.
#[test]
fn an_option_tells_its_type_its_default_its_range_and_its_help() {
    for (component, option) in [
        (
            "encoder=libopenh264",
            json!({"name": "max_nal_size", "type": "int", "default": 0, "range": [0, 2_147_483_647],
                "help": "set maximum NAL size in bytes"}),
        ),
        (
            "encoder=aac",
            json!({"name": "aac_tns", "type": "bool", "default": true, "help": "Temporal noise shaping"}),
        ),
        (
            "encoder=aac",
            json!({"name": "aac_ms", "type": "bool", "default": "auto", "help": "Force M/S stereo coding"}),
        ),
        (
            "filter=alimiter",
            json!({"name": "asc_level", "type": "double", "default": 0.5, "range": [0, 1],
                "help": "set asc level"}),
        ),
        (
            "filter=xfade",
            json!({"name": "duration", "type": "duration", "default": 1_000_000, "range": [0, 60_000_000],
                "help": "set cross fade duration"}),
        ),
        (
            "filter=crop",
            json!({"name": "x", "type": "string", "default": "(in_w-out_w)/2",
                "help": "set the x crop area expression"}),
        ),
        (
            "filter=fade",
            json!({"name": "color", "type": "color", "default": "black", "help": "set color"}),
        ),
        (
            "filter=fade",
            json!({"name": "type", "type": "int", "default": 0, "range": [0, 1], "help": "set the fade direction",
                "constants": [{"name": "in", "value": 0, "help": "fade-in"}, {"name": "out", "value": 1, "help": "fade-out"}]}),
        ),
    ] {
        let question = json!({"version": 10, "op": "capabilities", "component": component});
        let reply = runtime()
            .process_json(&MemFs::new(), &question.to_string())
            .expect("it is there");
        let options = reply["options"].as_array().expect("a list");
        let told: Vec<_> = (options.iter())
            .filter(|each| each["name"] == option["name"])
            .collect();
        assert_eq!(told, [&option], "{component}");
    }
}

/// The same as the library gives it.
#[test]
fn an_option_of_the_typed_answer_is_whole() {
    let encoder = runtime().component(ComponentKind::Encoder, "libopenh264");
    let encoder = encoder.expect("it is there");
    let mut found = encoder.options.iter().filter(|o| o.name == "rc_mode");
    let rc_mode = found.next().expect("an option of it");
    assert_eq!(rc_mode.kind, "int");
    assert_eq!(rc_mode.default, Some(json!(0)));
    assert_eq!(rc_mode.range, Some((Some(-1.0), Some(3.0))));
    assert_eq!(rc_mode.help.as_deref(), Some("Select rate control mode"));
    let words = rc_mode.constants.iter();
    let words: Vec<_> = words
        .map(|word| (word.name.as_str(), word.value, word.help.as_deref()))
        .collect();
    assert_eq!(words[0], ("off", Some(-1), Some("bit rate control off")));
    assert_eq!(words[1], ("quality", Some(0), Some("quality mode")));
    assert_eq!(words[2], ("bitrate", Some(1), Some("bitrate mode")));
    assert_eq!(words.len(), 5, "{words:?}");
}
