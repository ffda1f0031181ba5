//! swscale's kernels.

use wasmi::Val;

use crate::arena::Arena;
use crate::guest::Guest;

/// What is tested here, by the beginnings of names.
pub(crate) const TESTED: &[&str] = &["scale_"];

/// A width below, at, and above what is computed at a time.
fn width(arena: &mut Arena) -> usize {
    [1, 7, 16, 31, 32, 33, 100, 641][arena.random.below(8)]
}

fn across(name: &str, bytes: usize, context: i32) {
    let mut guest = Guest::new();
    let context = guest.call_export("scaler", &[Val::I32(context)]);
    guest.compare(name, 150, |arena| {
        let (width, size) = (
            width(arena),
            [1, 2, 4, 5, 8, 9, 13, 16, 24][arena.random.below(9)],
        );
        let span = 2 * width + size;
        let past = bytes * arena.random.below(5);
        let src = arena.take(span * bytes, 16, past);
        let limit = [8191, 32767][arena.random.below(2)];
        let filter = arena.random.many(width * size, -limit / 4, limit);
        let filter = arena.shorts(&filter);
        let positions: Vec<i32> = (0..width)
            .map(|_| arena.random.below(span - size + 1) as i32)
            .collect();
        let positions = arena.ints(&positions);
        let dst = arena.take(2 * width, 16, 0);
        vec![
            context,
            dst,
            width as u32,
            src,
            filter,
            positions,
            size as u32,
        ]
    });
}

#[test]
fn rows_across() {
    across("scale_across_8", 1, 0);
    across("scale_across_16", 2, 2);
}

#[test]
fn rows_down() {
    Guest::new().compare("scale_down", 150, |arena| {
        let (width, size) = (width(arena), 1 + arena.random.below(20));
        let limit = [4096, 32767][arena.random.below(2)];
        let filter = arena.random.many(size, -limit, limit);
        let filter = arena.shorts(&filter);
        let sources: Vec<i32> = (0..size)
            .map(|_| arena.take(2 * width, 16, 0).cast_signed())
            .collect();
        let sources = arena.ints(&sources);
        let dither: Vec<u8> = (0..8).map(|_| arena.random.below(128) as u8).collect();
        let dither = arena.put(&dither);
        let offset = arena.random.below(8) as u32;
        let dst = arena.take(width, 1, 3);
        vec![
            filter,
            size as u32,
            sources,
            dst,
            width as u32,
            dither,
            offset,
        ]
    });
}

#[test]
fn rows_straight() {
    Guest::new().compare("scale_straight", 150, |arena| {
        let width = width(arena);
        let src = arena.take(2 * width, 16, 2);
        let dither = arena.take(8, 8, 0);
        let offset = arena.random.below(8) as u32;
        let dst = arena.take(width, 1, 3);
        vec![src, dst, width as u32, dither, offset]
    });
}

#[test]
fn ranges() {
    let mut guest = Guest::new();
    for name in [
        "luma_to_full",
        "luma_from_full",
        "chroma_to_full",
        "chroma_from_full",
    ] {
        guest.compare(&format!("scale_{name}"), 100, |arena| {
            let width = width(arena);
            let rows = if name.starts_with("chroma") { 2 } else { 1 };
            let mut args: Vec<u32> = (0..rows).map(|_| arena.take(2 * width, 16, 0)).collect();
            let factor = [18_622, 14_071, 65_535][arena.random.below(3)];
            let offset = arena.random.between(-1 << 26, 1 << 26).cast_unsigned();
            args.extend([width as u32, factor, offset]);
            args
        });
    }
}

#[test]
fn rows_of_rgb() {
    let mut guest = Guest::new();
    for order in ["rgb24", "bgr24"] {
        for (kind, rows, pixels) in [("y", 1, 1), ("uv", 2, 1), ("uv_of_two", 2, 2)] {
            guest.compare(&format!("scale_{order}_to_{kind}"), 100, |arena| {
                let width = width(arena);
                let src = arena.take(3 * width * pixels, 1, 1);
                let weights: Vec<i32> = (0..9)
                    .map(|_| arena.random.between(-32_768, 32_768))
                    .collect();
                let weights = arena.ints(&weights);
                let mut args: Vec<u32> = (0..rows).map(|_| arena.take(2 * width, 16, 0)).collect();
                if rows == 2 {
                    args.push(0);
                }
                args.extend([src, src]);
                if rows == 1 {
                    args.push(src);
                }
                args.extend([width as u32, weights, 0]);
                args
            });
        }
    }
}

#[test]
fn rows_to_rgb() {
    const SIZE: usize = 202;
    let mut guest = Guest::new();
    for (name, context, bytes) in [("rgb24", 6, 3), ("bgr24", 7, 3), ("rgb32", 8, 4)] {
        let context = guest.call_export("scaler", &[Val::I32(context)]);
        guest.compare(&format!("scale_to_{name}"), 12, |arena| {
            let rows = [2, 6, 16][arena.random.below(3)];
            let (luma, chroma, packed) = (SIZE + 6, SIZE / 2 + 3, SIZE * bytes + 2);
            let planes = [
                arena.take(luma * rows, 1, 1),
                arena.take(chroma * rows, 1, 0),
                arena.take(chroma * rows, 1, 0),
            ];
            let planes = arena.ints(&planes.map(u32::cast_signed));
            let strides = arena.ints(&[luma as i32, chroma as i32, chroma as i32]);
            let dst = arena.take(packed * (rows + 4), 4, 0);
            let dst = arena.ints(&[dst.cast_signed()]);
            let dst_strides = arena.ints(&[packed as i32]);
            let first = 2 * arena.random.below(2) as u32;
            vec![
                context,
                planes,
                strides,
                first,
                rows as u32,
                dst,
                dst_strides,
            ]
        });
    }
}

#[test]
fn rows_to_packed() {
    let mut guest = Guest::new();
    for (context, name, bytes) in [
        (9, "rows_to_rgb24", 3),
        (13, "rows_to_rgb24", 3),
        (10, "rows_to_rgb32", 4),
        (11, "rows_to_rgb32", 4),
        (14, "rows_to_rgb32", 4),
        (12, "row_to_rgb8", 1),
        (15, "row_to_rgb8", 1),
    ] {
        let address = guest.call_export("scaler", &[Val::I32(context)]);
        for rows in [1, 2, 3] {
            guest.call_export("choose_packed", &[context, rows].map(Val::I32));
            guest.compare(&format!("scale_{name}"), 40, |arena| {
                packed_row(arena, address, rows, bytes)
            });
        }
    }
}

/// What the functions for one row of luma, for two and for many take. Errors that are spread have room for
/// 100 columns.
fn packed_row(arena: &mut Arena, context: u32, rows: i32, bytes: usize) -> Vec<u32> {
    let width = [1, 7, 15, 16, 33, 99, 100][arena.random.below(7)];
    let some = |arena: &mut Arena, count: usize| {
        let rows: Vec<u32> = (0..count).map(|_| arena.take(2 * width, 16, 0)).collect();
        arena.pointers(&rows)
    };
    let share = |arena: &mut Arena| {
        let any = arena.random.below(4097);
        [0, any, 4096][arena.random.below(3)] as u32
    };
    let (mut args, width_arg) = (vec![context], width as u32);
    match rows {
        1 => {
            args.push(arena.take(2 * width, 16, 0));
            args.extend([some(arena, 2), some(arena, 2), 0]);
            args.extend([arena.take(bytes * width, 1, 0), width_arg, share(arena)]);
        }
        2 => {
            args.extend([(); 3].map(|()| some(arena, 2)));
            args.extend([0, arena.take(bytes * width, 1, 0), width_arg]);
            args.extend([share(arena), share(arena)]);
        }
        _ => {
            for planes in [1, 2] {
                let count = 1 + arena.random.below(9);
                let limit = [4096, 32767][arena.random.below(2)];
                let filter = arena.random.many(count, -limit, limit);
                args.push(arena.shorts(&filter));
                for _ in 0..planes {
                    args.push(some(arena, count));
                }
                args.push(count as u32);
            }
            args.extend([0, arena.take(bytes * width, 1, 0), width_arg]);
        }
    }
    args.push(0);
    args
}
