//! Kernels of motion compensation in VP8, VP9 and HEVC, and of the encoders' transform.

use wasmi::Val;

use crate::arena::Arena;
use crate::guest::Guest;

/// What is tested here, by the beginnings of names.
pub(crate) const TESTED: &[&str] = &["vp8_", "vp9_", "hevc_", "emulated_", "copy_", "average_"];

/// Two pictures with room around, their strides, and a height.
fn pictures(arena: &mut Arena, width: usize) -> [u32; 5] {
    let height = [2, 4, 8, 16, 64][arena.random.below(5)].min(2 * width);
    let stride = [width + 16, 160][arena.random.below(2)];
    let src = arena.picture(stride, height, 8);
    let dst = arena.picture(width + 4, height, 0);
    [dst, (width + 4) as u32, src, stride as u32, height as u32]
}

#[test]
fn vp8_prediction() {
    let mut guest = Guest::new();
    for (size, width) in [(0, 16), (1, 8), (2, 4)] {
        for (across, down) in [(1, 1), (1, 2), (2, 1), (2, 2)] {
            if size == 0 && (across, down) != (2, 2) {
                continue;
            }
            guest.call_export("choose_vp8", &[size, across, down].map(Val::I32));
            // Odd positions have four taps, even ones six.
            let at = |arena: &mut Arena, taps| {
                let odd = [1, 3, 5, 7][arena.random.below(4)];
                if taps == 1 {
                    odd
                } else {
                    [2, 4, 6][arena.random.below(3)]
                }
            };
            for name in ["h", "v", "hv"] {
                guest.compare(&format!("vp8_put_{name}"), 12, |arena| {
                    let mut args = pictures(arena, width).to_vec();
                    args.extend([at(arena, across), at(arena, down)]);
                    args
                });
            }
        }
    }
}

#[test]
fn vp9_prediction() {
    let mut guest = Guest::new();
    for (size, width) in [(0, 64), (1, 32), (2, 16), (3, 8), (4, 4)] {
        for filter in 0..3 {
            guest.call_export("choose_vp9", &[size, filter].map(Val::I32));
            for name in ["put_h", "put_v", "put_hv", "avg_h", "avg_v", "avg_hv"] {
                guest.compare(&format!("vp9_{name}"), 6, |arena| {
                    let mut args = pictures(arena, width).to_vec();
                    args.extend([0, 1].map(|_| 1 + arena.random.below(15) as u32));
                    args
                });
            }
        }
    }
}

#[test]
fn hevc_prediction() {
    let mut guest = Guest::new();
    for (kind, parts) in [("qpel", 4), ("epel", 8)] {
        for at in ["pixels", "h", "v", "hv"] {
            for op in ["put", "uni", "bi", "uni_w", "bi_w"] {
                guest.compare(&format!("hevc_{kind}_{op}_{at}"), 24, |arena| {
                    let widths = [2, 4, 6, 8, 12, 16, 24, 32, 48, 64];
                    let width = widths[arena.random.below(10)];
                    let [dst, dst_stride, src, stride, height] = pictures(arena, width);
                    let limit = [8192, 32767][arena.random.below(2)];
                    let other = arena.random.many(64 * 64, -limit, limit);
                    let other = arena.shorts(&other);
                    let place = [0, 1].map(|_| 1 + arena.random.below(parts - 1) as u32);
                    let tail = [place[0], place[1], width as u32];
                    let mut between = |low, high| arena.random.between(low, high).cast_unsigned();
                    let denominator = between(0, 7);
                    let weights = [0, 1].map(|_| between(-256, 255));
                    let offsets = [0, 1].map(|_| between(-128, 127));
                    let head = match op {
                        "put" => vec![other, src, stride],
                        "uni" | "uni_w" => vec![dst, dst_stride, src, stride],
                        _ => vec![dst, dst_stride, src, stride, other],
                    };
                    let middle = match op {
                        "uni_w" => vec![height, denominator, weights[0], offsets[0]],
                        "bi_w" => [[height, denominator].as_slice(), &weights, &offsets].concat(),
                        _ => vec![height],
                    };
                    [head, middle, tail.to_vec()].concat()
                });
            }
        }
    }
}

#[test]
fn hevc_prediction_within_a_picture() {
    let mut guest = Guest::new();
    for (log2, size) in [(2, 4), (3, 8), (4, 16), (5, 32)] {
        // The picture, and its neighbours with the corner before them.
        let places = |arena: &mut Arena| {
            let stride = [32, 80][arena.random.below(2)];
            let dst = arena.picture(stride, size, 0);
            let [top, left] = [0, 1].map(|_| arena.take(1 + 2 * size, 16, 15) + 1);
            vec![dst, top, left, stride as u32]
        };
        guest.compare(&format!("hevc_planar_{size}"), 30, places);
        for mode in (2..=34).take_while(|_| size > 4) {
            guest.compare(&format!("hevc_angular_{size}"), 6, |arena| {
                let plane = arena.random.below(3) as u32;
                [places(arena), vec![plane, mode]].concat()
            });
        }
        guest.compare("hevc_mean", 20, |arena| {
            let plane = arena.random.below(3) as u32;
            [places(arena), vec![log2, plane]].concat()
        });
    }
}

/// Blocks within a picture, over its edges and its corners, and beside it, also of a picture that is
/// narrower than the block.
#[test]
fn blocks_over_the_edge() {
    Guest::new().compare("emulated_edge", 400, |arena| {
        let (width, height) = (1 + arena.random.below(90), 1 + arena.random.below(60));
        let (columns, rows) = (1 + arena.random.below(71), 1 + arena.random.below(71));
        let (stride, dst_stride) = (width + arena.random.below(9), 80);
        let picture = arena.take(stride * height, 16, 3);
        let dst = arena.take(dst_stride * rows, 16, 1);
        let mut place = |size: usize, block: usize| {
            let least = -(block as i32) - 5;
            arena.random.between(least, size as i32 + 5)
        };
        let (x, y) = (place(width, columns), place(height, rows));
        let src = picture.wrapping_add_signed(y * stride as i32 + x);
        vec![
            dst,
            src,
            dst_stride as u32,
            stride as u32,
            columns as u32,
            rows as u32,
            x.cast_unsigned(),
            y.cast_unsigned(),
            width as u32,
            height as u32,
        ]
    });
}

#[test]
fn whole_samples() {
    let mut guest = Guest::new();
    for name in ["copy", "average"] {
        for width in [64, 32, 16, 8, 4] {
            guest.compare(&format!("{name}_{width}"), 12, |arena| {
                let mut args = pictures(arena, width).to_vec();
                args.extend([0, 0]);
                args
            });
        }
    }
}
