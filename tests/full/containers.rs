//! Containers that are written: each is recognised again, has the streams that went in, and gives the pictures and the
//! sound back.

use afmpeg::{Input, Job, MemFs, Output};

use crate::support::audio::{self, Sound};
use crate::support::pixels::{Video, decode, psnr};
use crate::support::{assert_close, read, runtime};

const WIDTH: usize = 160;
const HEIGHT: usize = 96;
const FRAMES: usize = 25;

/// The tones of the two channels in Hz. One of 1000 would be the same every 192 bytes, as the packets of a transport
/// stream are: of containers that do not begin with a word for sound, FFmpeg may take one with such sound for one.
const TONES: [f64; 2] = [440.0, 1_100.0];

/// The level of both.
const LEVEL: f64 = 0.25;

/// A container, the encoder of each kind that is put into it, and what it is found to be afterwards.
struct Case {
    muxer: &'static str,
    file: &'static str,
    /// What such files begin with: where, and which bytes.
    mark: Mark,
    demuxer: &'static str,
    /// The encoder, and behind `=` the codec where it is called otherwise; nothing where there is none.
    video: &'static str,
    audio: &'static str,
    /// Samples a second of the sound.
    rate: u32,
    /// Whether such a file tells its length, or it is found without reading all of it.
    timed: bool,
}

type Mark = (usize, &'static [u8]);

const fn film(
    muxer: &'static str,
    file: &'static str,
    mark: Mark,
    demuxer: &'static str,
    video: &'static str,
    audio: &'static str,
) -> Case {
    Case {
        muxer,
        file,
        mark,
        demuxer,
        video,
        audio,
        rate: 48_000,
        timed: true,
    }
}

const AAC: &str = "aac";
const H264: &str = "libopenh264=h264";
const MP3: &str = "libmp3lame=mp3";
const PCM: &str = "pcm_s16le";
const BIG: &str = "pcm_s16be";

const FLV: Mark = (0, b"FLV\x01\x05");
const AVI: Mark = (8, b"AVI LIST");
const RMF: Mark = (0, b".RMF");
const SWF: Mark = (0, b"FWS");
/// The start of a pack of a program stream.
const PACK: Mark = (0, &[0, 0, 1, 0xba]);
const ASF: Mark = (0, &[0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11]);
/// The key of a partition of the header.
const MXF: Mark = (
    0,
    b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01\x01\x02",
);
const NUT: Mark = (0, b"nut/multimedia container\0");
const WTV: Mark = (0, &[0xb7, 0xd8, 0x00, 0x20, 0x37, 0x49, 0xda, 0x11]);
const MPEG: &str = "mpegvideo";
const MOV: &str = "mov,mp4,m4a,3gp,3g2,mj2";

const FILMS: &[Case] = &[
    film("flv", "o.flv", FLV, "flv", "flv=flv1", MP3),
    film("f4v", "o.f4v", (4, b"ftypf4v "), MOV, H264, AAC),
    film("avi", "o.avi", AVI, "avi", "mpeg4", MP3),
    film("avi", "o.avi", AVI, "avi", "mjpeg", PCM),
    film("mpeg", "o.mpg", PACK, "mpeg", "mpeg1video", "mp2"),
    film("vob", "o.vob", PACK, "mpeg", "mpeg2video", "ac3"),
    film("vob", "o.vob", PACK, "mpeg", "mpeg2video", "pcm_dvd"),
    film("svcd", "o.mpg", PACK, "mpeg", "mpeg2video", "mp2"),
    film("asf", "o.wmv", ASF, "asf", "wmv2", "wmav2"),
    film("asf", "o.asf", ASF, "asf", "wmv1", "wmav1"),
    film("rm", "o.rm", RMF, "rm", "rv20", "ac3"),
    film("mxf", "o.mxf", MXF, "mxf", "mpeg2video", PCM),
    film("nut", "o.nut", NUT, "nut", "ffv1", "libvorbis=vorbis"),
    film("wtv", "o.wtv", WTV, "wtv", "mpeg2video", "mp2"),
    film("swf", "o.swf", SWF, "swf", "flv=flv1", MP3)
        .at(44_100)
        .untimed(),
    film("3gp", "o.3gp", (4, b"ftyp3gp"), MOV, "mpeg4", AAC),
    film("psp", "o.psp", (4, b"ftypMSNV"), MOV, "mpeg4", AAC),
    film("ismv", "o.ismv", (4, b"ftypisml"), MOV, H264, AAC),
];

const CAF: Mark = (0, b"caff\0\x01");
const SND: Mark = (0, b".snd");
const W64: Mark = (0, b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb");
const VOC: Mark = (0, b"Creative Voice File\x1a");
/// The start of a frame of AC-3.
const SYNC: Mark = (0, &[0x0b, 0x77]);
/// That of a burst which stands for sound that is not compressed.
const BURST: Mark = (0, &[0x72, 0xf8, 0x1f, 0x4e]);

const fn sound(
    muxer: &'static str,
    file: &'static str,
    mark: Mark,
    demuxer: &'static str,
    audio: &'static str,
) -> Case {
    film(muxer, file, mark, demuxer, "", audio)
}

const SOUNDS: &[Case] = &[
    sound("caf", "o.caf", CAF, "caf", PCM),
    sound("caf", "o.caf", CAF, "caf", "alac"),
    sound("aiff", "o.aiff", (8, b"AIFF"), "aiff", BIG),
    sound("au", "o.au", SND, "au", BIG),
    sound("au", "o.au", SND, "au", "pcm_mulaw"),
    sound("ac3", "o.ac3", SYNC, "ac3", "ac3"),
    sound("eac3", "o.eac3", SYNC, "eac3", "eac3"),
    sound("w64", "o.w64", W64, "w64", PCM),
    sound("voc", "o.voc", VOC, "voc", PCM),
    sound("wv", "o.wv", (0, b"wvpk"), "wv", "wavpack"),
    sound("tta", "o.tta", (0, b"TTA1"), "tta", "tta"),
    sound("mp2", "o.mp2", (0, &[0xff]), "mp3", "mp2"),
    sound("oga", "o.oga", (0, b"OggS"), "ogg", "flac"),
    sound("sox", "o.sox", (0, b".SoX"), "sox", "pcm_s32le"),
    sound("ircam", "o.sf", (0, &[0x64, 0xa3]), "ircam", PCM),
    sound("ast", "o.ast", (0, b"STRM"), "ast", "pcm_s16be_planar"),
    sound("spdif", "o.spdif", BURST, "spdif", "ac3"),
    sound("latm", "o.latm", (0, &[0x56]), "loas", "aac=aac_latm").untimed(),
    sound("sbc", "o.sbc", (0, &[0x9c]), "sbc", "sbc").untimed(),
    sound("adx", "o.adx", (0, &[0x80, 0]), "adx", "adpcm_adx"),
    sound("kvag", "o.vag", (0, b"KVAG"), "kvag", "adpcm_ima_ssi"),
];

const LAYERS: Mark = (0, &[0, 0, 1, 0xb0]);
const SEQUENCE: Mark = (0, &[0, 0, 1, 0xb3]);
const UNIT: Mark = (0, &[0, 0, 0, 1, 0x67]);
const Y4M: Mark = (0, b"YUV4MPEG2 W160 H96 F25:1");

const fn picture(
    muxer: &'static str,
    file: &'static str,
    mark: Mark,
    demuxer: &'static str,
    video: &'static str,
) -> Case {
    film(muxer, file, mark, demuxer, video, "")
}

/// Pictures alone, most of them without anything around them that tells their length.
const PICTURES: &[Case] = &[
    picture("m4v", "o.m4v", LAYERS, "m4v", "mpeg4").untimed(),
    picture("mpeg1video", "o.m1v", SEQUENCE, MPEG, "mpeg1video").untimed(),
    picture("mpeg2video", "o.m2v", SEQUENCE, MPEG, "mpeg2video").untimed(),
    picture("h264", "o.h264", UNIT, "h264", H264).untimed(),
    picture("dirac", "o.drc", (0, b"BBCD"), "dirac", "vc2=dirac").untimed(),
    picture("ivf", "o.ivf", (0, b"DKIF"), "ivf", "libvpx=vp8"),
    picture("yuv4mpegpipe", "o.y4m", Y4M, "yuv4mpegpipe", "rawvideo"),
];

/// Writes a second of the tones at this rate.
fn tones(fs: &MemFs, path: &str, rate: u32) -> Vec<i16> {
    let samples = audio::tones(rate, &TONES.map(|tone| (tone, LEVEL)));
    fs.write(path, audio::wav(rate, 2, &samples))
        .expect("there is room");
    samples
}

/// Each channel has its own tone at its level, and hardly the other's.
#[track_caller]
fn assert_tones(what: &str, sound: &Sound) {
    assert_eq!(sound.channels, 2, "{what}");
    for (channel, own) in TONES.into_iter().enumerate() {
        let other = sound.tone(channel, 0.2, 0.8, TONES[1 - channel]);
        let own = sound.tone(channel, 0.2, 0.8, own);
        assert!(
            (own - LEVEL).abs() < 0.03 && other < 0.01,
            "{what}: {own} and {other} in channel {channel}"
        );
    }
}

/// The sound of a file as FFmpeg decodes it, read by another reader.
#[track_caller]
fn heard(fs: &MemFs, path: &str) -> Sound {
    let output = Output::file("/heard.wav");
    let job = Job::new()
        .input(Input::file(path))
        .filter("[0:a]anull[a]")
        .output(output.map("[a]").audio_codec(PCM));
    runtime()
        .process(fs, &job)
        .unwrap_or_else(|error| panic!("{path} is not heard: {error}"));
    Sound::decode(read(fs, "/heard.wav"), "wav")
}

/// An encoder and its codec.
fn coder(name: &'static str) -> Option<(&'static str, &'static str)> {
    let named = name.split_once('=').unwrap_or((name, name));
    Some(named).filter(|(encoder, _)| !encoder.is_empty())
}

impl Case {
    /// The same where nothing tells the length.
    const fn untimed(mut self) -> Self {
        self.timed = false;
        self
    }

    /// The same with sound of this rate, for a container that takes only some.
    const fn at(mut self, rate: u32) -> Self {
        self.rate = rate;
        self
    }

    fn name(&self) -> String {
        let codecs = format!("{} {}", self.video, self.audio);
        format!("{} of {}", self.muxer, codecs.trim())
    }

    /// Writes the pictures and the tones into the container.
    fn write(&self, fs: &MemFs, path: &str, source: &Video) {
        let output = Output::file(path).format(self.muxer);
        let (mut job, mut output, mut graph) = (Job::new(), output, Vec::new());
        if let Some((encoder, _)) = coder(self.video) {
            graph.push(format!("[{}:v]null[v]", graph.len()));
            job = job.input(source.input(fs, "/in.yuv", 25));
            output = output.map("[v]").video_codec(encoder);
            // Lossless ones have no quality to choose.
            if encoder != "ffv1" {
                output = output.video_option("b", 4_000_000);
            }
        }
        if let Some((encoder, _)) = coder(self.audio) {
            graph.push(format!("[{}:a]anull[a]", graph.len()));
            job = job.input(Input::file("/in.wav"));
            output = output.map("[a]").audio_codec(encoder);
        }
        let job = job.filter(graph.join(";")).output(output);
        let report = runtime()
            .process(fs, &job)
            .unwrap_or_else(|error| panic!("{}: {error}", self.name()));
        assert_eq!(report.outputs[0].format.as_deref(), Some(self.muxer));
    }

    fn check(&self) {
        let what = self.name();
        let fs = MemFs::new();
        let path = format!("/{}", self.file);
        let source = Video::synthetic(WIDTH, HEIGHT, FRAMES);
        let samples = tones(&fs, "/in.wav", self.rate);
        self.write(&fs, &path, &source);

        let bytes = read(&fs, &path);
        let (at, mark) = self.mark;
        assert_eq!(&bytes[at..at + mark.len()], mark, "{what}");
        let probe = runtime().probe(&fs, &path).expect("it is recognised");
        assert_eq!(probe.format, self.demuxer, "{what}");
        let mut found: Vec<_> = (probe.streams.iter())
            .map(|stream| (stream.kind.as_str(), stream.codec.as_deref().unwrap_or("")))
            .collect();
        let video = coder(self.video).map(|(_, codec)| ("video", codec));
        let audio = coder(self.audio).map(|(_, codec)| ("audio", codec));
        let expected: Vec<_> = audio.into_iter().chain(video).collect();
        // Containers without a header list streams as their packets come.
        found.sort_unstable();
        assert_eq!(found, expected, "{what}");
        if self.timed {
            let duration = probe
                .duration
                .unwrap_or_else(|| panic!("{what} has no duration"));
            assert_close(&what, duration, 1.0, 0.1);
        }

        if !self.video.is_empty() {
            let video = probe.video().expect("it was listed");
            let size = (Some(WIDTH as u32), Some(HEIGHT as u32));
            assert_eq!((video.width, video.height), size, "{what}");
            let result = decode(&fs, &path, WIDTH, HEIGHT);
            assert_eq!(result.len(), FRAMES, "{what}");
            for n in 0..FRAMES {
                assert_eq!(result.spelled(n), n, "{what}: frames are in order");
                let quality = psnr(source.frame(n), result.frame(n));
                assert!(quality > 28.0, "{what}: frame {n} has {quality:.1} dB");
            }
        }
        if self.audio.is_empty() {
            return;
        }
        let sound = heard(&fs, &path);
        assert_eq!(sound.rate, self.rate, "{what}");
        assert_close(&what, sound.duration(), 1.0, 0.1);
        assert_tones(&what, &sound);
        // What is not compressed stands in the file as it was, if not cut into blocks.
        let stored: Option<Vec<u8>> = match self.audio {
            PCM if self.muxer != "voc" => {
                Some(samples.iter().flat_map(|s| s.to_le_bytes()).collect())
            }
            BIG => Some(samples.iter().flat_map(|s| s.to_be_bytes()).collect()),
            _ => None,
        };
        if let Some(stored) = stored.filter(|_| self.video.is_empty()) {
            let whole = bytes.windows(stored.len()).any(|part| part == stored);
            assert!(whole, "{what}: every sample is in the file");
        }
    }
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn films_come_back_out_of_the_containers_that_they_were_put_into() {
    for case in FILMS.iter().chain(PICTURES) {
        case.check();
    }
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn sounds_come_back_out_of_the_containers_that_they_were_put_into() {
    for case in SOUNDS {
        case.check();
    }
}

/// Digital video has one size of picture and one of sound, and both stand in every frame of 144,000 bytes.
#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn digital_video_is_frames_of_one_size() {
    let fs = MemFs::new();
    let source = Video::synthetic(720, 576, 5);
    tones(&fs, "/in.wav", 48_000);
    let job = Job::new()
        .input(source.input(&fs, "/in.yuv", 25))
        .input(Input::file("/in.wav"))
        .filter("[0:v]null[v];[1:a]anull[a]")
        .output(
            Output::file("/out.dv")
                .map("[v]")
                .map("[a]")
                .video_codec("dvvideo")
                .audio_codec("pcm_s16le")
                .duration(0.2),
        );
    let report = runtime().process(&fs, &job).expect("it is encoded");
    assert_eq!(report.outputs[0].format.as_deref(), Some("dv"));
    let bytes = read(&fs, "/out.dv");
    assert_eq!(bytes.len(), 5 * 144_000);
    for frame in bytes.chunks_exact(144_000) {
        // A header of the first sequence, of 625 lines.
        assert_eq!(frame[..4], [0x1f, 0x07, 0x00, 0xbf]);
    }
    let probe = runtime().probe(&fs, "/out.dv").expect("it is DV");
    assert_eq!(probe.format, "dv");
    let video = probe.video().expect("it has pictures");
    assert_eq!(video.codec.as_deref(), Some("dvvideo"));
    assert_eq!((video.width, video.height), (Some(720), Some(576)));
    let audio = probe.audio().expect("it has sound");
    assert_eq!(audio.codec.as_deref(), Some("pcm_s16le"));
    assert_eq!((audio.sample_rate, audio.channels), (Some(48_000), Some(2)));
    assert_close(
        "its length",
        probe.duration.expect("it has one"),
        0.2,
        0.001,
    );
    let result = decode(&fs, "/out.dv", 720, 576);
    assert_eq!(result.len(), 5);
    for n in 0..5 {
        assert_eq!(result.spelled(n), n);
        let quality = psnr(source.frame(n), result.frame(n));
        assert!(quality > 35.0, "frame {n} has {quality:.1} dB");
    }
    let sound = heard(&fs, "/out.dv");
    assert_close("the sound", sound.duration(), 0.2, 0.04);
    for (channel, tone) in TONES.into_iter().enumerate() {
        let level = sound.tone(channel, 0.0, 0.1, tone);
        assert_close("the level", level, LEVEL, 0.03);
    }
}
