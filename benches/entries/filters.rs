//! Kernels of filters that blend pictures. What is timed is a graph of the filter between sources and a sink,
//! two frames of it.

use super::Entry;
use crate::arena::Arena;

pub(crate) const ENTRIES: &[Entry] = &[
    ("mix_rows", |arena| {
        let inputs = [("gray", 160, 160); 2];
        graph(arena, &inputs, "[0][1]xfade=duration=10")
    }),
    ("overlay_row", |arena| {
        let inputs = [("yuv444p", 100, 80), ("yuva444p", 100, 80)];
        graph(arena, &inputs, "[0][1]overlay=format=yuv444")
    }),
    ("overlay_row_of_two", |arena| {
        let inputs = [("yuv422p", 128, 80), ("yuva422p", 128, 80)];
        graph(arena, &inputs, "[0][1]overlay=format=yuv422")
    }),
    ("overlay_row_of_four", |arena| {
        let inputs = [("yuv420p", 160, 110), ("yuva420p", 160, 110)];
        graph(arena, &inputs, "[0][1]overlay=format=yuv420")
    }),
    ("fade_row", |arena| {
        let inputs = [("yuv420p", 160, 160)];
        graph(arena, &inputs, "[0]fade=in:0:30")
    }),
];

/// A filter of inputs of these formats and sizes.
fn graph(arena: &mut Arena, inputs: &[(&str, u32, u32)], filter: &str) -> Vec<u32> {
    let mut text = String::new();
    for (number, (format, width, height)) in inputs.iter().enumerate() {
        text += &format!(
            "buffer@{number}=video_size={width}x{height}:pix_fmt={format}:time_base=1/1:frame_rate=1/1[{number}];"
        );
    }
    let text = format!("{text}{filter},buffersink@o\0");
    let text = arena.put(text.as_bytes());
    let input = arena.take(1 << 17, 16, 0);
    vec![text, input, arena.take(5 << 14, 16, 0)]
}
