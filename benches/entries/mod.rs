//! Arguments of the usual size for every kernel, which the benchmark and the tests share.

mod audio;
mod decoders;
mod encoder;
mod filters;
mod h264;
mod images;
mod music;
mod scale;

use crate::arena::Arena;

/// The name of a kernel, or the beginning of several names with `*`; and what fills an arena and gives the
/// arguments of the C function. The entry that names most of a kernel's name is the kernel's.
pub(crate) type Entry = (&'static str, fn(&mut Arena) -> Vec<u32>);

/// All entries.
pub(crate) fn all() -> impl Iterator<Item = &'static Entry> {
    let lists = [
        audio::ENTRIES,
        decoders::ENTRIES,
        encoder::ENTRIES,
        filters::ENTRIES,
        h264::ENTRIES,
        images::ENTRIES,
        music::ENTRIES,
        scale::ENTRIES,
    ];
    lists.into_iter().flatten()
}

/// The entry of a kernel.
pub(crate) fn entry(kernel: &str) -> Option<&'static Entry> {
    let fits = |name: &str| match name.strip_suffix('*') {
        Some(beginning) => kernel.starts_with(beginning),
        None => kernel == name,
    };
    let fitting = all().filter(|(name, _)| fits(name));
    // An exact name is longer than every beginning of it, or as long with the asterisk.
    fitting.max_by_key(|(name, _)| (name.trim_end_matches('*').len(), !name.ends_with('*')))
}

/// Samples from -1 to 1.
fn floats(arena: &mut Arena, count: usize) -> u32 {
    let values: Vec<i32> = (0..count)
        .map(|_| (arena.random.below(2_000_001) as f32 / 1e6 - 1.0).to_bits())
        .map(u32::cast_signed)
        .collect();
    arena.ints(&values)
}
