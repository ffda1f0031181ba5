//! Each family of operators on values chosen by hand, results from the specification's definitions.

use super::*;
use crate::trap::{Trap, catch};

fn i8s(lanes: [i8; 16]) -> V128 {
    Lane::vector(lanes)
}

fn i16s(lanes: [i16; 8]) -> V128 {
    Lane::vector(lanes)
}

fn i32s(lanes: [i32; 4]) -> V128 {
    Lane::vector(lanes)
}

fn f32s(lanes: [f32; 4]) -> V128 {
    Lane::vector(lanes)
}

fn f64s(lanes: [f64; 2]) -> V128 {
    Lane::vector(lanes)
}

const COUNT: V128 = V128([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);

#[test]
fn lanes_are_little_endian() {
    let a = V128::from_bits(0x0f0e_0d0c_0b0a_0908_0706_0504_0302_0100);
    assert_eq!(a, COUNT);
    assert_eq!(i32x4_extract_lane::<1>(a), 0x0706_0504);
    assert_eq!(i64x2_extract_lane::<1>(a), 0x0f0e_0d0c_0b0a_0908);
    assert_eq!(
        i16x8_replace_lane::<7>(a, 0x1_ffff).0[13..],
        [13, 0xff, 0xff]
    );
    assert_eq!(
        i16x8_extract_lane_u::<3>(i16s([0, 0, 0, -2, 0, 0, 0, 0])),
        0xfffe
    );
    assert_eq!(
        i16x8_extract_lane_s::<3>(i16s([0, 0, 0, -2, 0, 0, 0, 0])),
        0xffff_fffe
    );
    assert_eq!(i8x16_extract_lane_s::<15>(i8x16_splat(0x180)), 0xffff_ff80);
    assert_eq!(
        f64x2_extract_lane::<1>(f64x2_replace_lane::<1>(a, 2.5)),
        2.5
    );
}

#[test]
fn shuffles_pick_and_swizzles_zero() {
    let b = i8x16_add(COUNT, i8x16_splat(16));
    let lanes = [31, 0, 30, 1, 29, 2, 28, 3, 27, 4, 26, 5, 25, 6, 24, 7];
    assert_eq!(i8x16_shuffle(COUNT, b, lanes).0, lanes);
    let s = V128([15, 16, 0, 255, 128, 1, 17, 14, 2, 2, 2, 2, 2, 2, 2, 2]);
    assert_eq!(i8x16_swizzle(b, s).0[..8], [31, 0, 16, 0, 0, 17, 0, 30]);
}

#[test]
fn integers_saturate_and_wrap_where_they_should() {
    let low = i8x16_splat(0x80);
    assert_eq!(i8x16_add_sat_s(low, low), low);
    assert_eq!(i8x16_add_sat_u(low, low), i8x16_splat(0xff));
    assert_eq!(i8x16_add(low, low), V128::ZERO);
    assert_eq!(i8x16_sub_sat_u(V128::ZERO, low), V128::ZERO);
    assert_eq!(i8x16_abs(low), low);
    assert_eq!(
        i8x16_avgr_u(i8x16_splat(255), i8x16_splat(254)),
        i8x16_splat(255)
    );
    assert_eq!(i8x16_popcnt(i8x16_splat(0xfe)), i8x16_splat(7));
    let low = i16x8_splat(0x8000);
    assert_eq!(i16x8_q15mulr_sat_s(low, low), i16x8_splat(0x7fff));
    assert_eq!(
        i16x8_q15mulr_sat_s(i16x8_splat(0x4000), i16x8_splat(3)),
        i16x8_splat(2)
    );
    assert_eq!(
        i16x8_q15mulr_sat_s(i16x8_splat(0x4000), i16x8_splat(0xfffd)),
        i16x8_splat(0xffff)
    );
    assert_eq!(i32x4_dot_i16x8_s(low, low), i32x4_splat(0x8000_0000));
    assert_eq!(
        i32x4_dot_i16x8_s(i16s([1, 2, 3, 4, -5, 6, 7, -8]), i16x8_splat(10)),
        i32s([30, 70, 10, -10])
    );
}

#[test]
fn shifts_take_their_count_modulo_the_width() {
    assert_eq!(i8x16_shl(i8x16_splat(0x81), 9), i8x16_splat(2));
    assert_eq!(i8x16_shr_s(i8x16_splat(0x81), 8 + 1), i8x16_splat(0xc0));
    assert_eq!(i16x8_shr_u(i16x8_splat(0x8000), 31), i16x8_splat(1));
    assert_eq!(
        i64x2_shr_s(i64x2_splat(1 << 63), 127),
        i64x2_splat(u64::MAX)
    );
}

#[test]
fn widths_change_exactly() {
    let a = i16s([-1, 300, -300, 127, -128, 255, 256, i16::MIN]);
    assert_eq!(
        i8x16_narrow_i16x8_s(a, V128::ZERO),
        i8s([
            -1, 127, -128, 127, -128, 127, 127, -128, 0, 0, 0, 0, 0, 0, 0, 0
        ])
    );
    assert_eq!(
        i8x16_narrow_i16x8_u(V128::ZERO, a).0[8..],
        [0, 255, 0, 127, 0, 255, 255, 0]
    );
    let b = i8s([-1, 2, 3, 4, 5, 6, 7, 8, -128, -128, 11, 12, 13, 14, 15, -16]);
    assert_eq!(i16x8_extend_low_i8x16_s(b), i16s([-1, 2, 3, 4, 5, 6, 7, 8]));
    assert_eq!(
        i16x8_extend_low_i8x16_u(b),
        i16s([255, 2, 3, 4, 5, 6, 7, 8])
    );
    assert_eq!(
        i16x8_extend_high_i8x16_s(b),
        i16s([-128, -128, 11, 12, 13, 14, 15, -16])
    );
    assert_eq!(
        i16x8_extmul_high_i8x16_s(b, b),
        i16s([16384, 16384, 121, 144, 169, 196, 225, 256])
    );
    assert_eq!(
        i16x8_extadd_pairwise_i8x16_s(b),
        i16s([1, 7, 11, 15, -256, 23, 27, -1])
    );
    assert_eq!(
        i16x8_extadd_pairwise_i8x16_u(b),
        i16s([257, 7, 11, 15, 256, 23, 27, 255])
    );
    let full = i32x4_splat(u32::MAX);
    assert_eq!(
        i64x2_extmul_low_i32x4_u(full, full),
        i64x2_splat(0xffff_fffe_0000_0001)
    );
    assert_eq!(i64x2_extmul_low_i32x4_s(full, full), i64x2_splat(1));
}

#[test]
fn floats_order_zeros_and_keep_nans() {
    let nan = f32::NAN;
    let a = f32s([0.0, -0.0, nan, 1.0]);
    let b = f32s([-0.0, 0.0, 1.0, nan]);
    assert_eq!(f32x4_min(a, b).0[..8], [0, 0, 0, 0x80, 0, 0, 0, 0x80]);
    assert_eq!(f32x4_max(a, b).0[..8], [0; 8]);
    assert!(
        <f32 as Lane<4>>::of(f32x4_min(a, b))[2..]
            .iter()
            .all(|x| x.is_nan())
    );
    assert!(
        <f32 as Lane<4>>::of(f32x4_max(a, b))[2..]
            .iter()
            .all(|x| x.is_nan())
    );
    assert_eq!(f32x4_pmin(a, b), a);
    assert_eq!(f32x4_pmax(a, b), a);
    assert_eq!(f64x2_nearest(f64s([2.5, -0.5])), f64s([2.0, -0.0]));
    let signalling = f64x2_splat(f64::from_bits(0x7ff0_0000_0000_0001));
    assert_eq!(f64x2_ceil(signalling), i64x2_splat(0x7ff8_0000_0000_0001));
    assert_eq!(f64x2_neg(signalling), i64x2_splat(0xfff0_0000_0000_0001));
    assert_eq!(f32x4_ne(a, a), i32s([0, 0, -1, 0]));
    assert_eq!(f32x4_eq(a, b), i32s([-1, -1, 0, 0]));
}

#[test]
fn conversions_saturate() {
    let a = f32s([f32::NAN, 3e9, -3e9, -1.9]);
    assert_eq!(
        i32x4_trunc_sat_f32x4_s(a),
        i32s([0, i32::MAX, i32::MIN, -1])
    );
    assert_eq!(
        i32x4_trunc_sat_f32x4_u(a),
        i32s([0, 3_000_000_000_u32 as i32, 0, 0])
    );
    assert_eq!(
        i32x4_trunc_sat_f64x2_u_zero(f64s([1e300, 7.9])),
        i32s([-1, 7, 0, 0])
    );
    assert_eq!(
        f64x2_convert_low_i32x4_u(i32s([-1, 1, 9, 9])),
        f64s([4_294_967_295.0, 1.0])
    );
    assert_eq!(
        f32x4_convert_i32x4_u(i32s([-1, 0, 1, 2])),
        f32s([4_294_967_296.0, 0.0, 1.0, 2.0])
    );
    assert_eq!(
        f32x4_demote_f64x2_zero(f64s([1e300, 0.5])),
        f32s([f32::INFINITY, 0.5, 0.0, 0.0])
    );
}

#[test]
fn bits_reduce_to_numbers() {
    assert_eq!(
        i8x16_bitmask(i8s([-1, 0, 0, 0, 0, 0, 0, 0, -1, 0, 0, 0, 0, 0, 0, -9])),
        0x8101
    );
    assert_eq!(i64x2_bitmask(i64x2_splat(1 << 63)), 3);
    assert_eq!(i16x8_all_true(COUNT), 1);
    assert_eq!(i8x16_all_true(COUNT), 0);
    assert_eq!(v128_any_true(COUNT), 1);
    assert_eq!(v128_any_true(V128::ZERO), 0);
    let mask = i16x8_splat(0xff00);
    let picked = v128_bitselect(i8x16_splat(0xaa), i8x16_splat(0x55), mask);
    assert_eq!(picked, i16x8_splat(0xaa55));
}

#[test]
fn memory_is_checked_to_the_byte() {
    let mut mem: Vec<u8> = (0..24).map(|i| i * 11).collect();
    assert_eq!(v128_load(&mem, 4, 4).0[..], mem[8..24]);
    assert_eq!(
        v128_load8x8_s(&mem, 16, 0),
        i16s([-80, -69, -58, -47, -36, -25, -14, -3])
    );
    assert_eq!(v128_load16_splat(&mem, 2, 20), i16x8_splat(0xfdf2));
    assert_eq!(v128_load32_zero(&mem, 20, 0).to_bits(), 0xfdf2_e7dc);
    let a = v128_load8_lane::<15>(&mem, 23, 0, COUNT);
    assert_eq!((a.0[14], a.0[15]), (14, 0xfd));
    v128_store64_lane::<1>(&mut mem, 16, 0, COUNT);
    assert_eq!(mem[16..], [8, 9, 10, 11, 12, 13, 14, 15]);
    v128_store(&mut mem, 8, 0, V128::ZERO);
    assert_eq!(mem[7..], [&[77][..], &[0; 16]].concat());
    let traps = |body: &dyn Fn() -> V128| matches!(catch(body), Err(Trap::MemoryOutOfBounds));
    assert!(traps(&|| v128_load(&mem, 9, 0)));
    assert!(traps(&|| v128_load(&mem, u32::MAX, u32::MAX)));
    assert!(traps(&|| v128_load32x2_u(&mem, 17, 0)));
    assert!(traps(&|| v128_load8_splat(&mem, 0, 24)));
    assert!(traps(&|| v128_load64_zero(&mem, 1, 16)));
    assert!(traps(&|| v128_load16_lane::<0>(&mem, 23, 0, COUNT)));
}
