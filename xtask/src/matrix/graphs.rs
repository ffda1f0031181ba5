//! Graphs of filters that the usual one is not for, the files that some of them read, and what is to be known of them.

/// The options without which a filter does nothing, or much more slowly.
pub(super) const OPTIONS: [(&str, &str); 40] = [
    ("adecorrelate", "seed=1"),
    ("aeval", "exprs=val(0)"),
    ("aevalsrc", "exprs=sin(440*2*PI*t)"),
    ("afireqsrc", "preset=acoustic"),
    ("ahistogram", "size=160x96"),
    ("ametadata", "mode=print"),
    ("anoisesrc", "seed=1"),
    ("asidedata", "mode=delete"),
    ("asplit", "outputs=1"),
    ("astreamselect", "inputs=2:map=0"),
    ("avectorscope", "size=128x96"),
    ("cellauto", "size=128x96:seed=1"),
    ("channelmap", "map=0-0"),
    ("chorus", "0.7:0.9:55:0.4:0.25:2"),
    ("colorspace", "all=bt709:iall=bt601-6-625"),
    ("colorspectrum", "size=128x96"),
    ("crop", "w=32:h=32"),
    ("format", "pix_fmts=yuv420p"),
    ("geq", "lum=p(X\\,Y)"),
    (
        "gradients",
        "size=128x96:seed=1:c0=red:c1=blue:x0=0:y0=0:x1=127:y1=95:nb_colors=2",
    ),
    ("life", "size=64x48:seed=1"),
    ("lut", "c0=val"),
    ("mandelbrot", "size=64x48"),
    ("metadata", "mode=print"),
    ("noformat", "pix_fmts=gray"),
    ("pan", "mono|c0=c0"),
    ("perlin", "size=128x96"),
    ("rotate", "angle=0.5"),
    ("scale", "w=64:h=48"),
    ("select", "expr=1"),
    ("showcwt", "size=128x96"),
    ("showfreqs", "size=160x96"),
    ("showspectrum", "size=128x96"),
    ("showspectrumpic", "size=128x96"),
    ("shufflepixels", "seed=1"),
    ("sidedata", "mode=delete"),
    ("sierpinski", "size=128x96:seed=1"),
    ("split", "outputs=1"),
    ("untile", "layout=2x2"),
    ("zoompan", "d=2:s=128x96"),
];

/// Whole graphs. `VIDEO` and `TONE` are the usual sources, `SHORT` is for slow filters, and `GRAY` is the brightness of
/// that video; what comes out of `[v0]` and `[v1]` is pictures, of `[a0]` and `[a1]` sound.
pub(super) const GRAPHS: [(&str, &str); 54] = [
    ("acrossover", "TONE,acrossover=split=1000[a0][a1]"),
    (
        "alphamerge",
        "VIDEO,format=yuv420p[i];GRAY[a];[i][a]alphamerge[v0]",
    ),
    ("edgedetect", "GRAY,edgedetect[v0]"),
    (
        "feedback",
        "VIDEO[i];[i][f]feedback=x=8:y=8:w=64:h=48[m][r];[r]negate[f];[m]trim=end_frame=30[v0]",
    ),
    // Pictures of 4096 by 4096.
    ("allrgb", "allrgb,trim=end_frame=1[v0]"),
    ("allyuv", "allyuv,trim=end_frame=1[v0]"),
    ("alphaextract", "VIDEO,format=yuva420p,alphaextract[v0]"),
    ("amovie", "amovie=tone.au[a0]"),
    ("aphasemeter", "TONE,aphasemeter=size=160x96[a0][v0]"),
    ("asegment", "TONE,asegment=timestamps=0.5[a0][a1]"),
    (
        "asendcmd",
        "TONE,asendcmd=c='0.5 volume volume 0.5',volume=1[a0]",
    ),
    ("ass", "VIDEO,ass=lines.ass:fontsdir=fonts[v0]"),
    ("bm3d", "SHORT,bm3d[v0]"),
    (
        "channelsplit",
        "TONE,aformat=channel_layouts=stereo,channelsplit[a0][a1]",
    ),
    ("ciescope", "SHORT,ciescope=size=256[v0]"),
    ("datascope", "SHORT,datascope[v0]"),
    ("dctdnoiz", "SHORT,dctdnoiz[v0]"),
    ("decimate", "VIDEO,decimate[v0]"),
    (
        "drawtext",
        "VIDEO,drawtext=fontfile=fonts/boxes.ttf:text=ABBA:x=9:y=9[v0]",
    ),
    ("ebur128", "TONE,ebur128=video=1[v0][a0]"),
    (
        "extractplanes",
        "VIDEO,format=yuv420p,extractplanes=y+u[v0][v1]",
    ),
    (
        "fieldhint",
        "VIDEO,fieldhint=hint=fields.txt:mode=relative[v0]",
    ),
    ("fieldmatch", "VIDEO,fieldmatch[v0]"),
    ("guided", "VIDEO,guided[v0]"),
    (
        "haldclut",
        "VIDEO[i];haldclutsrc=level=3[c];[i][c]haldclut,trim=end_frame=30[v0]",
    ),
    (
        "hdcd",
        "TONE,aresample=out_sample_fmt=s16:out_chlayout=stereo,hdcd=disable_autoconvert=0[a0]",
    ),
    (
        "headphone",
        "TONE,aformat=channel_layouts=stereo[i];sine=duration=0.01,aformat=channel_layouts=stereo,asplit[l][r];\
         [i][l][r]headphone=map=FL|FR[a0]",
    ),
    ("histogram", "VIDEO,format=yuv444p,histogram[v0]"),
    (
        "join",
        "TONE,asplit[l][r];[l][r]join=inputs=2:channel_layout=stereo[a0]",
    ),
    ("lut1d", "VIDEO,lut1d=curve.cube[v0]"),
    ("lut3d", "VIDEO,lut3d=colors.cube[v0]"),
    ("nlmeans", "SHORT,nlmeans[v0]"),
    ("fftdnoiz", "SHORT,fftdnoiz[v0]"),
    (
        "mergeplanes",
        "GRAY,split=3[y][u][v];[y][u][v]mergeplanes=map0s=0:map1s=1:map2s=2:format=yuv444p[v0]",
    ),
    ("movie", "movie=picture.ppm[v0]"),
    (
        "paletteuse",
        "VIDEO,split[i][p];[p]palettegen[c];[i][c]paletteuse[v0]",
    ),
    (
        "pixscope",
        "testsrc2=size=640x480:rate=25,trim=end_frame=3,pixscope[v0]",
    ),
    (
        "remap",
        "VIDEO[i];color=c=gray:s=64x48,format=gray16,split[x][y];[i][x][y]remap=fill=black,trim=end_frame=30[v0]",
    ),
    // Of pictures without alpha, which has no mode, version 9 passes on what comes in: its own fault.
    (
        "premultiply",
        "VIDEO,format=yuva444p,premultiply=inplace=1[v0]",
    ),
    (
        "unpremultiply",
        "VIDEO,format=yuva444p,unpremultiply=inplace=1[v0]",
    ),
    ("removelogo", "VIDEO,removelogo=mask.pgm[v0]"),
    ("rgbtestsrc", "rgbtestsrc,format=rgb24,trim=end_frame=3[v0]"),
    // Versions differ in how many pictures come of the last samples.
    ("showcqt", "TONE,showcqt,trim=end_frame=10[v0]"),
    ("showspatial", "TONE,showspatial,trim=end_frame=10[v0]"),
    ("segment", "VIDEO,segment=frames=15[v0][v1]"),
    ("sendcmd", "VIDEO,sendcmd=c='0.5 hue h 90',hue=h=0[v0]"),
    (
        "streamselect",
        "VIDEO[a];VIDEO,negate[b];[a][b]streamselect=inputs=2:map=1[v0]",
    ),
    (
        "subtitles",
        "VIDEO,subtitles=lines.srt:fontsdir=fonts:force_style=FontName=Boxes[v0]",
    ),
    ("thistogram", "VIDEO,format=yuv444p,thistogram[v0]"),
    ("vectorscope", "VIDEO,format=yuv444p,vectorscope[v0]"),
    ("waveform", "VIDEO,format=yuv444p,waveform[v0]"),
    (
        "xcorrelate",
        "VIDEO[i];testsrc2=size=32x24:rate=25,trim=end_frame=30[t];[i][t]xcorrelate[v0]",
    ),
    (
        "xfade",
        "VIDEO,format=yuv420p[x];VIDEO,format=yuv420p,negate[y];[x][y]xfade=duration=0.5,format=yuv444p[v0]",
    ),
    (
        "xmedian",
        "VIDEO,split=3[x][y][z];[x][y][z]xmedian=inputs=3[v0]",
    ),
];

/// Why a filter cannot stand in a graph.
pub(super) const UNTRIED: [(&str, &str); 5] = [
    ("abuffer", "a program feeds it"),
    ("buffer", "a program feeds it"),
    ("arnndn", "it needs a trained model"),
    ("find_rect", "it needs a picture of what it is to find"),
    (
        "cover_rect",
        "it needs a picture, and what find_rect has found",
    ),
];

/// What FFmpeg 9 does otherwise than 5. The engine was held against a native FFmpeg of its own version: both make the
/// same of these graphs, but for roundings.
pub(super) const OTHERWISE: [&str; 15] = [
    "adeclick",
    "adeclip",
    "adynamicequalizer",
    "afir",
    "anlmf",
    "anlms",
    "avsynctest",
    "ciescope",
    "dblur",
    "detelecine",
    "palettegen",
    "showspectrumpic",
    "showwaves",
    "speechnorm",
    "surround",
];

/// Filters that draw how many frames wait where in their graph, which is as the program asks for them.
pub(super) const OF_ITS_PROGRAM: [&str; 2] = ["agraphmonitor", "graphmonitor"];

/// The files that graphs name. Fonts are apart, for they are made.
pub(super) fn files() -> Vec<(&'static str, Vec<u8>)> {
    let mut tone = b".snd\0\0\0\x18\0\0\x40\0\0\0\0\x03\0\0\x1f\x40\0\0\0\x01".to_vec();
    for at in 0..8192_u32 {
        // A sawtooth of 500 Hz.
        tone.extend(((at % 16) as i16 * 1000 - 8000).to_be_bytes());
    }
    let mut picture = b"P6 64 48 255\n".to_vec();
    picture.extend((0..64 * 48 * 3_u32).map(|at| (at % 251) as u8));
    let mut mask = b"P5 128 96 255\n".to_vec();
    let white = |at: u32| (40..60).contains(&(at % 128)) && (30..45).contains(&(at / 128));
    mask.extend((0..128 * 96).map(|at| if white(at) { 255 } else { 0 }));
    vec![
        ("tone.au", tone),
        ("picture.ppm", picture),
        ("mask.pgm", mask),
        ("curve.cube", CURVE.into()),
        ("colors.cube", COLORS.into()),
        (
            "fields.txt",
            format!("0,0 =\n{}", "0,-1 =\n".repeat(29)).into(),
        ),
        ("lines.srt", LINES.into()),
        ("lines.ass", STYLED.into()),
    ]
}

/// Of each channel, darker in the middle.
const CURVE: &str = "LUT_1D_SIZE 3\n0 0 0\n0.3 0.4 0.45\n1 1 1\n";

/// Red and blue change places.
const COLORS: &str = "LUT_3D_SIZE 2\n0 0 0\n0 0 1\n0 1 0\n0 1 1\n1 0 0\n1 0 1\n1 1 0\n1 1 1\n";

const LINES: &str = "1\n00:00:00,000 --> 00:00:02,000\nABBA\n\n";

const STYLED: &str = "[Script Info]\nScriptType: v4.00+\nPlayResX: 128\nPlayResY: 96\n\n[V4+ Styles]\n\
    Format: Name, Fontname, Fontsize, PrimaryColour, Alignment\nStyle: Default,Boxes,20,&H00FFFFFF,2\n\n[Events]\n\
    Format: Layer, Start, End, Style, Text\nDialogue: 0,0:00:00.00,0:00:02.00,Default,ABBA\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_named_in_one_table_and_in_its_own_graph() {
        let mut names: Vec<_> = OPTIONS.iter().chain(&GRAPHS).chain(&UNTRIED).collect();
        names.sort_by_key(|(name, _)| *name);
        for pair in names.windows(2) {
            assert_ne!(pair[0].0, pair[1].0);
        }
        for (name, graph) in GRAPHS {
            assert!(graph.contains(name), "{name}");
        }
    }

    #[test]
    fn every_file_that_a_graph_names_is_there() {
        let files = files();
        for name in GRAPHS
            .iter()
            .flat_map(|(_, graph)| graph.split(['=', ':', ',', '[']))
        {
            let file = [".au", ".ppm", ".pgm", ".cube", ".txt", ".srt", ".ass"];
            if file.iter().any(|end| name.ends_with(end)) {
                assert!(files.iter().any(|(file, _)| *file == name), "{name}");
            }
        }
    }
}
