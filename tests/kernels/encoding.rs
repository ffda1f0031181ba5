//! The kernels of JPEG and MPEG encoding.

use wasmi::Val;

use crate::guest::{Arena, Guest};

/// What is tested here, by the beginnings of names.
pub(crate) const TESTED: &[&str] = &["fdct_", "pixels_"];

/// A block of numbers in the three sizes that encoders have: samples, differences of them, anything.
fn block(arena: &mut Arena) -> u32 {
    let limit = [255, 2047, 32767][arena.random.below(3)];
    let least = [0, -limit][arena.random.below(2)];
    let block = arena.random.many(64, least, limit);
    arena.shorts(&block)
}

#[test]
fn forward_transform() {
    Guest::new().compare("fdct_islow", 300, |arena| vec![block(arena)]);
}

#[test]
fn samples_to_blocks() {
    let mut guest = Guest::new();
    for (name, pictures) in [("pixels_to_block", 1), ("pixels_difference", 2)] {
        guest.compare(name, 60, |arena| {
            let block = arena.shorts(&[7; 64]);
            let stride = [8, 33, 352][arena.random.below(3)];
            let mut args = vec![block];
            args.extend((0..pictures).map(|_| arena.picture(stride, 8, 8)));
            args.push(stride as u32);
            args
        });
    }
}

#[test]
fn transform_and_quantisation() {
    let mut guest = Guest::new();
    for (intra, bias, turned) in [(1, 64, 0), (1, 0, 1), (1, 255, 0), (0, 0, 0), (0, 85, 1)] {
        let wanted = [intra, bias, turned].map(Val::I32);
        let context = guest.call_export("encoder", &wanted);
        guest.compare("fdct_quantise", 80, |arena| {
            let (number, scale) = (arena.random.below(8), 1 + arena.random.below(31));
            let overflow = arena.ints(&[9]);
            vec![context, block(arena), number as u32, scale as u32, overflow]
        });
    }
}
