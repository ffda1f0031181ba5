//! Kernels of filters, still images and containers.

use wasmi::Val;

use crate::arena::Arena;
use crate::guest::Guest;

/// What is tested here, by the beginnings of names.
pub(crate) const TESTED: &[&str] = &[
    "png_",
    "deflate_",
    "inflate_",
    "lzw_",
    "checksum_",
    "mix_",
    "overlay_",
    "fade_",
    "flip_",
    "transpose_",
    "rate_",
    "tempo_",
];

/// Compares a graph of filters; its sources are `buffer@0` and so on, its sink `buffersink@o`.
fn graphs(name: &str, rounds: usize, text: impl Fn(&mut Arena) -> String) {
    Guest::new().compare(name, rounds, |arena| {
        let text = format!("{}\0", text(arena));
        let text = arena.put(text.as_bytes());
        let input = arena.take(1 << 17, 16, 0);
        vec![text, input, arena.take(1 << 16, 16, 0)]
    });
}

/// A source of frames.
fn source(number: usize, format: &str, width: usize, height: usize) -> String {
    format!(
        "buffer@{number}=video_size={width}x{height}:pix_fmt={format}:time_base=1/1:frame_rate=1/1"
    )
}

/// Sound at other tempi, of formats that have kernels and of those that have none.
#[test]
fn tempi() {
    for (name, format) in [
        ("tempo_mono_16", "s16"),
        ("tempo_mono_float", "flt"),
        ("tempo_blend_16", "s16"),
        ("tempo_blend_float", "flt"),
        ("tempo_correlate", "s16"),
        ("tempo_best", "flt"),
    ] {
        let mut guest = Guest::new();
        guest.compare(name, 8, |arena| {
            let layout = ["mono", "stereo"][arena.random.below(2)];
            let tempo = 0.5 + arena.random.below(20) as f64 / 10.0;
            let text = format!(
                "abuffer@0=sample_rate=8000:sample_fmt={format}:channel_layout={layout}:\
                 time_base=1/8000,atempo={tempo},abuffersink@o\0"
            );
            let text = arena.put(text.as_bytes());
            let input = if format == "flt" {
                crate::audio::floats(arena, 12_000)
            } else {
                arena.take(1 << 15, 16, 0)
            };
            vec![text, input, arena.take(1 << 17, 16, 0)]
        });
    }
}

#[test]
fn crossfades() {
    graphs("mix_rows", 30, |arena| {
        let format =
            ["yuv420p", "yuv422p", "yuva420p", "yuv444p", "gbrp", "gray"][arena.random.below(6)];
        let (width, height) = (1 + arena.random.below(70), 1 + arena.random.below(20));
        let duration = 1.0 + arena.random.below(1000) as f64 / 100.0;
        format!(
            "{}[a];{}[b];[a][b]xfade=duration={duration},buffersink@o",
            source(0, format, width, height),
            source(1, format, width, height)
        )
    });
}

/// Lays pictures over pictures, also where they do not fit.
fn overlays(name: &str, kind: &str, formats: (&str, &str)) {
    graphs(name, 40, |arena| {
        let (width, height) = (2 + arena.random.below(80), 2 + arena.random.below(30));
        let (over_width, over_height) = (1 + arena.random.below(60), 1 + arena.random.below(20));
        let x = arena.random.between(-20, width as i32);
        let y = arena.random.between(-10, height as i32);
        format!(
            "{}[a];{}[b];[a][b]overlay=x={x}:y={y}:format={kind},buffersink@o",
            source(0, formats.0, width, height),
            source(1, formats.1, over_width, over_height)
        )
    });
}

#[test]
fn overlays_of_planes() {
    overlays("overlay_row", "yuv444", ("yuv444p", "yuva444p"));
    overlays("overlay_row", "gbrp", ("gbrp", "gbrap"));
    overlays("overlay_row_of_two", "yuv422", ("yuv422p", "yuva422p"));
    overlays("overlay_row_of_four", "yuv420", ("yuv420p", "yuva420p"));
}

/// These are not for rows of single samples: the kernel has to keep away from their chroma.
#[test]
fn overlays_of_other_pictures() {
    overlays("overlay_row", "yuv420", ("nv12", "yuva420p"));
    overlays("overlay_row", "yuv420", ("yuv420p", "yuva420p"));
}

#[test]
fn fades() {
    graphs("fade_row", 30, |arena| {
        let format = ["yuv420p", "yuvj420p", "yuv444p"][arena.random.below(3)];
        let (width, height) = (1 + arena.random.below(70), 1 + arena.random.below(20));
        let kind = ["in", "out"][arena.random.below(2)];
        let frames = 2 + arena.random.below(30);
        format!(
            "{},fade={kind}:0:{frames},buffersink@o",
            source(0, format, width, height)
        )
    });
}

#[test]
fn mirrored_rows() {
    for bytes in 1..=4 {
        Guest::new().compare(&format!("flip_row_{bytes}"), 60, |arena| {
            let width = [1, 2, 15, 16, 17, 33, 200][arena.random.below(7)];
            let past = arena.random.below(4) * if bytes == 3 { 1 } else { bytes };
            let src = arena.take(width * bytes, 16, past);
            let dst = arena.take(width * bytes, 16, 0);
            vec![src + ((width - 1) * bytes) as u32, dst, width as u32]
        });
    }
}

#[test]
fn turned_blocks() {
    for bytes in 1..=4 {
        Guest::new().compare(&format!("transpose_{bytes}"), 60, |arena| {
            let past = bytes * arena.random.below(5);
            let src = arena.take(64 * 8, 16, past);
            let dst = arena.take(96 * 8, 16, 0);
            if arena.random.below(2) == 0 {
                return vec![src, 64, dst, 96];
            }
            vec![
                src + 7 * 64,
                64u32.wrapping_neg(),
                dst + 7 * 96,
                96u32.wrapping_neg(),
            ]
        });
    }
}

/// A row of pixels of every size, and the row above it.
fn png_row(arena: &mut Arena) -> Vec<u32> {
    let bpp = [1, 2, 3, 4, 6, 8][arena.random.below(6)];
    let size = bpp * [1, 2, 5, 11, 16, 17, 48, 100, 213][arena.random.below(9)];
    let [src, above, dst] = [3, 5, 1].map(|past| arena.take(size, 16, past));
    let kind = arena.random.below(5) as u32;
    vec![dst, kind, src, above, size as u32, bpp as u32]
}

#[test]
fn png_rows() {
    Guest::new().compare("png_filter", 300, png_row);
    Guest::new().compare("png_unfilter", 300, png_row);
    // In place of the row above, but for the prediction that needs two of its pixels.
    Guest::new().compare("png_unfilter", 100, |arena| {
        let mut args = png_row(arena);
        (args[0], args[1]) = (args[3], args[1] % 4);
        args
    });
}

/// Bytes of which many came before, at short and at long distances.
fn repetitive(arena: &mut Arena, length: usize) -> Vec<u8> {
    let letters = [2, 5, 200][arena.random.below(3)];
    let mut bytes: Vec<u8> = Vec::new();
    while bytes.len() < length {
        let longest = [600, 20, 20, 20][arena.random.below(4)];
        let run = 1 + arena.random.below(longest);
        if bytes.is_empty() || arena.random.below(3) == 0 {
            bytes.extend((0..run).map(|_| arena.random.below(letters) as u8));
        } else {
            let far = bytes.len().min([10, 3000, 40000][arena.random.below(3)]);
            let from = bytes.len() - 1 - arena.random.below(far);
            for index in 0..run {
                bytes.push(bytes[from + index]);
            }
        }
    }
    bytes.truncate(length);
    bytes
}

#[test]
fn compression_finds_the_same_matches() {
    for (name, lengths) in [
        ("deflate_run", [1, 500, 3000, 90000]),
        ("deflate_slide", [70000, 90000, 99000, 100000]),
    ] {
        let mut round = 0;
        Guest::new().compare(name, 24, |arena| {
            let length = lengths[arena.random.below(4)];
            let bytes = repetitive(arena, length);
            // The first three levels have a function of their own.
            let level = 1 + (round + 3) % 9;
            round += 1;
            let (input, room) = (arena.put(&bytes), length + length / 100 + 200);
            let out = arena.take(room, 16, 0);
            vec![level as u32, input, length as u32, out, room as u32]
        });
    }
}

/// Pictures of few and of many colours: the table is begun anew within them, and for each.
#[test]
fn pictures_of_gif() {
    Guest::new().compare("lzw_encode", 40, |arena| {
        let width = [1, 2, 7, 100, 300][arena.random.below(5)];
        let height = [1, 3, 60][arena.random.below(3)];
        let pictures = 1 + arena.random.below(3);
        let count = width * height * pictures;
        let bytes = if arena.random.below(2) == 0 {
            repetitive(arena, count)
        } else {
            uneven(arena, count)
        };
        let (input, room) = (arena.put(&bytes), 2 * count + 100);
        let out = arena.take(room, 16, 0);
        let lengths = arena.take(4 * pictures, 4, 0);
        vec![
            input,
            width as u32,
            height as u32,
            pictures as u32,
            out,
            room as u32,
            lengths,
        ]
    });
}

/// Letters of which few are common: the codes of the others are long.
fn uneven(arena: &mut Arena, length: usize) -> Vec<u8> {
    (0..length)
        .map(|_| {
            let bits = arena.random.below(9);
            arena.random.below(1 << bits) as u8
        })
        .collect()
}

/// Compressed bytes, whole and damaged, in pieces that end within codes, and in rows so short that most
/// matches are in earlier ones.
#[test]
fn decompression_ends_alike() {
    Guest::new().compare("inflate_run", 120, |arena| {
        let size = [300, 3000, 40000, 70000][arena.random.below(4)];
        let bytes = if arena.random.below(2) == 0 {
            repetitive(arena, size)
        } else {
            uneven(arena, size)
        };
        let level = 1 + arena.random.below(9);
        let length = [1, 200, 270, 1801, 4096, 1 << 16][arena.random.below(6)];
        let (input, room) = (arena.put(&bytes), size + size / 100 + 200 + length);
        let out = arena.take(room + 64, 16, 0);
        let damage = arena.random.below(2) * arena.random.below(1 << 20);
        let piece = [16, 17, 23, 70, 1000, 8192, 1 << 17][arena.random.below(7)];
        [
            level,
            input as usize,
            size,
            out as usize,
            room,
            damage,
            piece,
            length,
        ]
        .map(|arg| arg as u32)
        .to_vec()
    });
}

#[test]
fn checksums() {
    let mut guest = Guest::new();
    let tables: Vec<u32> = (0..9)
        .map(|id| guest.call_export("crc_table", &[Val::I32(id)]))
        .collect();
    let data = |arena: &mut Arena| {
        let length = [64, 65, 100, 1000, 4096, 70001][arena.random.below(6)];
        let past = arena.random.below(9);
        (arena.take(length, 16, past), length as u32)
    };
    guest.compare("checksum_crc", 120, |arena| {
        let table = tables[arena.random.below(tables.len())];
        let (at, length) = data(arena);
        vec![table, arena.random.next() as u32, at, length]
    });
    Guest::new().compare("checksum_adler", 60, |arena| {
        let (at, length) = data(arena);
        let (sum, sums) = (arena.random.below(65521), arena.random.below(65521));
        vec![(sums << 16 | sum) as u32, at, length]
    });
}

/// Times up to the largest that count, and rates that are out already.
#[test]
fn frame_rates() {
    Guest::new().compare("rate_errors", 60, |arena| {
        let count = [1, 3, 4, 399][arena.random.below(4)];
        let rates: Vec<i32> = (0..count)
            .map(|_| arena.random.between(1, 12_012 * 240))
            .collect();
        let rates = arena.ints(&rates);
        let errors: Vec<u8> = (0..4 * count)
            .map(|_| [0.0, -0.5, 1e3, 9.99e9, 1e10, 2e10][arena.random.below(6)])
            .flat_map(f64::to_le_bytes)
            .collect();
        let errors = arena.put(&errors);
        let first = arena.random.between(-100_000, 1_000_000) as u32;
        let step = [0, 1500, 3003, 90_000, 0x7fff_ffff][arena.random.below(5)];
        vec![errors, rates, count as u32, 12, first, step]
    });
}
