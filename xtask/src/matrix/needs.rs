//! What codecs ask for that the usual clip does not have.

/// What an encoder asks for that the usual clip does not have.
pub(super) struct Needs {
    encoder: &'static str,
    pub(super) size: &'static str,
    pub(super) rate: &'static str,
    /// At the end of the graph.
    pub(super) filter: &'static str,
    pub(super) options: &'static [(&'static str, &'static str)],
}

const fn needs(
    encoder: &'static str,
    size: &'static str,
    rate: &'static str,
    filter: &'static str,
    options: &'static [(&'static str, &'static str)],
) -> Needs {
    Needs {
        encoder,
        size,
        rate,
        filter,
        options,
    }
}

const PICTURE: &str = "128x96";
const STEREO: &str = ",aformat=channel_layouts=stereo";
const EXPERIMENTAL: &[(&str, &str)] = &[("strict", "-2")];

/// Sizes, rates and layouts that formats fix. Of sound, the size has no meaning and the rate is that of samples.
const NEEDS: [Needs; 37] = [
    needs(
        "dnxhd",
        "1280x720",
        "25",
        ",format=yuv422p",
        &[("b", "90M")],
    ),
    needs("dvvideo", "720x576", "25", ",format=yuv420p", &[]),
    needs("h261", "176x144", "30000/1001", "", &[]),
    needs("h263", "176x144", "30000/1001", "", &[]),
    needs("h263p", "176x144", "25", "", &[]),
    needs("roqvideo", "128x64", "30", "", &[]),
    needs("dxv", "64x64", "25", "", &[]),
    needs("cfhd", "256x256", "25", "", &[]),
    needs("asv1", PICTURE, "25", "", &[]),
    needs("asv2", PICTURE, "25", "", &[]),
    needs("vc2", "256x256", "25", "", &[]),
    needs("comfortnoise", "", "8000", "", &[]),
    needs("g722", "", "16000", "", &[]),
    needs("g723_1", "", "8000", "", &[("b", "6300")]),
    needs("g726", "", "8000", "", &[]),
    needs("g726le", "", "8000", "", &[]),
    needs("real_144", "", "8000", "", &[]),
    needs("roq_dpcm", "", "22050", "", &[]),
    needs("avui", "720x486", "30000/1001", "", EXPERIMENTAL),
    needs("ljpeg", PICTURE, "25", "", &[("strict", "-1")]),
    needs("pdv", PICTURE, "25", "", EXPERIMENTAL),
    needs("xface", "48x48", "25", "", &[]),
    needs("adpcm_ima_alp", "", "22050", "", &[]),
    needs("aptx", "", "48000", "", &[]),
    needs("aptx_hd", "", "48000", "", &[]),
    needs("dca", "", "48000", "", EXPERIMENTAL),
    needs("mlp", "", "48000", "", EXPERIMENTAL),
    needs("opus", "", "48000", "", EXPERIMENTAL),
    needs("pcm_bluray", "", "48000", "", &[]),
    needs("pcm_dvd", "", "48000", "", &[]),
    needs(
        "pcm_s24daud",
        "",
        "96000",
        ",pan=5.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0",
        &[],
    ),
    needs("s302m", "", "48000", STEREO, EXPERIMENTAL),
    needs("sbc", "", "48000", "", &[]),
    // One channel of version 9 is nothing that version 5 decodes.
    needs("truehd", "", "48000", STEREO, EXPERIMENTAL),
    needs("vorbis", "", "44100", STEREO, EXPERIMENTAL),
    needs("vbn", PICTURE, "25", ",format=rgba", &[]),
    needs("adpcm_adx", "", "44100", "", &[]),
];

/// What an encoder asks for, by its name or that of its codec.
pub(super) fn needs_of(name: &str) -> Option<&'static Needs> {
    NEEDS.iter().find(|needs| needs.encoder == name)
}

/// Pictures whose rows FFmpeg had from top to bottom before it had them as their formats do: what version 5 writes and
/// reads is upside down.
pub(super) fn upside_down(codec: &str) -> bool {
    matches!(codec, "pfm" | "phm")
}
