//! Tests of what is read from replies, honest and hostile.

use super::*;

#[test]
fn a_process_reply_is_read_with_and_without_its_optional_fields() {
    let reply = br#"{"outputs":[{"path":"/o.mp4","format":"mp4","size":1234,"duration":1.5,
        "streams":[{"index":0,"type":"video","codec":"h264","copied":false,"frames":45,
                    "packets":45,"bytes":1000,"duration":1.5,"new_field":[1]},
                   {"index":1,"type":"audio","codec":"aac","copied":true,"packets":70}]},
        {"path":"/seg.m3u8","files":["/seg0.ts"]}],
        "analysis":[{"t":0.5,"key":"lavfi.silence_start","value":"0.5"}],
        "corrupt_packets":2,"warnings":["w"],"later":{"a":1}}"#;
    let report: ProcessReport = serde_json::from_slice(reply).expect("the reply is right");
    assert_eq!(report.outputs[0].size, Some(1234));
    assert_eq!(report.outputs[0].streams[0].frames, Some(45));
    assert_eq!(report.outputs[0].streams[1].frames, None);
    assert!(report.outputs[0].streams[1].copied);
    assert_eq!(report.outputs[1].size, None);
    assert_eq!(report.outputs[1].files, ["/seg0.ts"]);
    assert_eq!(report.analysis[0].t, MediaTime::from_secs(0.5));
    assert_eq!(report.corrupt_packets, Some(2));

    let bare: ProcessReport = serde_json::from_slice(br#"{"outputs":[]}"#).expect("it is right");
    assert_eq!(bare.corrupt_packets, None);
}

#[test]
fn a_probe_reply_is_read_and_what_is_unknown_is_none() {
    let reply = br#"{"inputs":[{"path":"/i.mp4","format":"mov,mp4","duration":12.0,"start":-0.02,
        "tags":{"title":"t"},"chapters":[{"start":0,"end":5,"title":"one"}],
        "streams":[{"index":0,"type":"video","codec":"h264","width":1280,"height":720,
          "frame_rate":"30000/1001","avg_frame_rate":"0/0","sar":"1:1","time_base":"1/90000",
          "rotation":90,"color":{"range":"tv"},"disposition":["default"],"tags":{}},
         {"index":1,"type":"video","codec":"png","disposition":["attached_pic"]},
         {"index":2,"type":"audio","codec":"aac","sample_rate":48000,"channels":6,
          "channel_layout":"5.1"}]},
        {"path":"/gone","error":{"class":"open_input","message":"no such file","av_error":-44}}]}"#;
    let reply: ProbeReply = serde_json::from_slice(reply).expect("the reply is right");
    let entries = reply.into_entries().expect("each entry is right");
    let read = entries[0].as_ref().expect("the first was read");
    assert_eq!(read.start, MediaTime::from_secs(-0.02));
    assert_eq!(read.bit_rate, None);
    let video = read.video().expect("there is a picture");
    assert_eq!(video.frame_rate, Rational::new(30_000, 1001));
    assert_eq!(video.avg_frame_rate, None);
    assert_eq!(video.sar, Rational::new(1, 1));
    assert_eq!(video.time_base, Rational::new(1, 90_000));
    assert_eq!(video.rotation, Some(90.0));
    assert_eq!(video.sample_rate, None);
    assert_eq!(
        video.color.as_ref().and_then(|c| c.range.as_deref()),
        Some("tv")
    );
    assert_eq!(read.audio().and_then(|a| a.channels), Some(6));
    let failed = entries[1].as_ref().expect_err("the second was not read");
    assert_eq!(failed.class, ErrorClass::OpenInput);
    assert_eq!(failed.av_error, Some(-44));
}

#[test]
fn a_cover_is_not_the_video_of_a_file() {
    let report: ProbeReport = serde_json::from_str(
        r#"{"path":"/a.mp3","format":"mp3",
            "streams":[{"index":0,"type":"video","disposition":["attached_pic"]}]}"#,
    )
    .expect("the reply is right");
    assert_eq!(report.video(), None);
}

#[test]
fn capabilities_and_options_are_read() {
    let all: Capabilities =
        serde_json::from_str(r#"{"encoders":["png","aac"],"filters":["scale"],"hwaccels":[]}"#)
            .expect("the reply is right");
    assert!(all.has(ComponentKind::Encoder, "aac"));
    assert!(!all.has(ComponentKind::Decoder, "aac"));
    let one: Component = serde_json::from_str(
        r#"{"component":"encoder=png","name":"png","type":"video","codec":"png",
            "pix_fmts":["rgb24"],"options":[
              {"name":"pred","type":"int","default":0,"range":[0,5],"help":"prediction",
               "constants":[{"name":"paeth","value":4}]},
              {"name":"dpm","type":"int64","range":[null,9223372036854775807]},
              {"name":"x","type":"bool","default":"auto"}]}"#,
    )
    .expect("the reply is right");
    assert_eq!(one.options[0].range, Some((Some(0.0), Some(5.0))));
    assert_eq!(one.options[0].constants[0].value, Some(4));
    assert_eq!(one.options[1].range.map(|(low, _)| low), Some(None));
    assert_eq!(
        one.options[2].default,
        Some(serde_json::Value::from("auto"))
    );
    for kind in ComponentKind::ALL {
        assert!(all.names(kind).len() <= 2, "{kind} has a list");
    }
}

#[test]
fn an_error_reply_is_read_as_far_as_it_goes() {
    let body = error_of(
        br#"{"error":{"class":"option","message":"no option crff","where":"outputs[0].options.crff"}}"#,
    )
    .expect("it is an error");
    assert_eq!(body.class, ErrorClass::Option);
    assert_eq!(body.place.as_deref(), Some("outputs[0].options.crff"));
    assert_eq!(body.av_error, None);
    let vague = error_of(br#"{"error":{"class":"cosmic_rays"}}"#).expect("it is an error");
    assert_eq!(vague.class, ErrorClass::Unknown);
    for nothing in [
        &b""[..],
        b"{}",
        b"[]",
        b"{\"error\":7}",
        b"\xff\xfe",
        b"{\"error\":{}} x",
    ] {
        assert!(error_of(nothing).is_none(), "{nothing:?}");
    }
}

#[test]
fn hostile_replies_are_errors() {
    let deep = format!(
        "{{\"outputs\":{}1{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    for reply in [
        deep.as_str(),
        "",
        "null",
        "{}",
        r#"{"outputs":{}}"#,
        r#"{"outputs":[],"outputs":[]}"#,
        r#"{"outputs":[{"path":"/o","size":-1,"streams":[]}]}"#,
        r#"{"outputs":[{"path":"/o","size":1e30,"streams":[]}]}"#,
        r#"{"outputs":[{"path":"/o","duration":NaN,"streams":[]}]}"#,
        r#"{"outputs":[{"path":"/o","duration":1e999,"streams":[]}]}"#,
        r#"{"outputs":[]} trailing"#,
    ] {
        let head: String = reply.chars().take(60).collect();
        assert!(
            serde_json::from_str::<ProcessReport>(reply).is_err(),
            "{head}"
        );
    }
    for rate in ["x/y", "1/", "/1", "1/2/3", "99999999999999999999/1"] {
        let entry = format!(r#"{{"index":0,"type":"video","frame_rate":"{rate}"}}"#);
        assert!(
            serde_json::from_str::<StreamInfo>(&entry).is_err(),
            "{rate}"
        );
    }
    // What is skipped is skipped without recursion, so its depth does no harm.
    let skipped = deep
        .replacen("outputs", "later", 1)
        .replacen('{', "{\"outputs\":[],", 1);
    assert!(
        serde_json::from_str::<ProcessReport>(&skipped).is_ok(),
        "unknown fields are ignored"
    );
    let unknown = r#"{"index":0,"type":"video","frame_rate":"25/0","sar":"0:1"}"#;
    let stream: StreamInfo = serde_json::from_str(unknown).expect("unknown is no error");
    assert_eq!((stream.frame_rate, stream.sar), (None, None));
}
