//! The Interoperable Master Format: a composition whose parts are cut out of track files.

use std::time::Duration;

use afmpeg::{Input, Job, MemFs, Output};

use crate::support::pixels::decode;
use crate::support::{fs_with, runtime};

const CLIP: &str = "bbb_180_h264.mp4";

/// A part of the track: its first picture, and how many.
fn resource((first, count): (usize, usize)) -> String {
    format!(
        "<Resource><Id>urn:uuid:4b1a1f0e-3f63-4f57-9a2f-5a2f5f3a0b01</Id><EditRate>25 1</EditRate>
         <IntrinsicDuration>50</IntrinsicDuration><EntryPoint>{first}</EntryPoint>
         <SourceDuration>{count}</SourceDuration>
         <TrackFileId>urn:uuid:4b1a1f0e-3f63-4f57-9a2f-5a2f5f3a0b02</TrackFileId></Resource>"
    )
}

fn composition(parts: &[(usize, usize)]) -> String {
    let resources: String = parts.iter().copied().map(resource).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
         <CompositionPlaylist xmlns=\"http://www.smpte-ra.org/schemas/2067-3/2016\">
         <Id>urn:uuid:4b1a1f0e-3f63-4f57-9a2f-5a2f5f3a0b03</Id>
         <ContentTitle>A clip</ContentTitle><EditRate>25 1</EditRate>
         <SegmentList><Segment><Id>urn:uuid:4b1a1f0e-3f63-4f57-9a2f-5a2f5f3a0b04</Id><SequenceList>
         <cc:MainImageSequence xmlns:cc=\"http://www.smpte-ra.org/schemas/2067-2/2016\">
         <Id>urn:uuid:4b1a1f0e-3f63-4f57-9a2f-5a2f5f3a0b05</Id>
         <TrackId>urn:uuid:4b1a1f0e-3f63-4f57-9a2f-5a2f5f3a0b06</TrackId>
         <ResourceList>{resources}</ResourceList>
         </cc:MainImageSequence></SequenceList></Segment></SegmentList></CompositionPlaylist>"
    )
}

const ASSETS: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
    <AssetMap xmlns=\"http://www.smpte-ra.org/schemas/429-9/2007/AM\">
    <Id>urn:uuid:4b1a1f0e-3f63-4f57-9a2f-5a2f5f3a0b07</Id>
    <AssetList><Asset><Id>urn:uuid:4b1a1f0e-3f63-4f57-9a2f-5a2f5f3a0b02</Id>
    <ChunkList><Chunk><Path>video.mxf</Path></Chunk></ChunkList></Asset></AssetList></AssetMap>";

/// The clip as a track file of key pictures, and a composition of it.
fn package(parts: &[(usize, usize)], assets: &str) -> MemFs {
    let fs = fs_with(&[CLIP]);
    let video = Output::file("/imf/video.mxf").map("[v]");
    let job = Job::new()
        .input(Input::file(format!("/{CLIP}")))
        .filter("[0:v]null[v]")
        .output(video.video_codec("mpeg2video").video_option("g", "1"));
    fs.create_dir_all("/imf").expect("there is none");
    runtime().process(&fs, &job).expect("the track is written");
    fs.write("/imf/cpl.xml", composition(parts))
        .expect("there is room");
    fs.write("/imf/ASSETMAP.xml", assets)
        .expect("there is room");
    fs
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn a_composition_shows_its_parts_one_after_another() {
    let parts = [(30, 10), (5, 15)];
    let fs = package(&parts, ASSETS);
    let probe = runtime().probe(&fs, "/imf/cpl.xml").expect("it is media");
    assert_eq!(probe.format, "imf");
    let track = decode(&fs, "/imf/video.mxf", 320, 180);
    let shown = decode(&fs, "/imf/cpl.xml", 320, 180);
    let expected = parts
        .iter()
        .flat_map(|(first, count)| *first..first + count);
    let expected: Vec<usize> = expected.collect();
    assert_eq!(shown.len(), expected.len());
    for (n, from) in expected.into_iter().enumerate() {
        assert!(shown.frame(n) == track.frame(from), "picture {n}");
    }
}

/// Upstream's demuxer stays at what is no asset for ever.
#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn what_else_is_in_the_list_of_assets_is_passed_over() {
    let fs = package(&[(0, 10)], &ASSETS.replace("<Asset>", "<Other/><Asset>"));
    let probe = runtime()
        .invocation(&fs)
        .timeout(Duration::from_secs(60))
        .probe("/imf/cpl.xml")
        .expect("it is media");
    assert_eq!(probe.format, "imf");
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn a_track_that_the_map_does_not_have_is_an_error() {
    let fs = package(&[(0, 10)], &ASSETS.replace("0b02", "0b08"));
    let error = runtime()
        .probe(&fs, "/imf/cpl.xml")
        .expect_err("the track has no file");
    assert!(error.to_string().contains("cpl.xml"), "{error}");
}
