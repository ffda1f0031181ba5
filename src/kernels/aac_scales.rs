//! Moving all scales by a step in the search of FFmpeg's AAC encoder (ISO/IEC 14496-3, 4.6.2).

use super::aac_known::WINDOW;
use super::guest::{Checked, Ptr};
use super::vectors::{ints, put_ints};
use wide::i32x8;

/// `int (int *scales, const int *highest, int step, int free)`: makes all scales coarser that can
/// be, up to their highest unless they are free of it. Whether any has changed.
#[inline(always)]
pub(super) fn raise(
    mem: &mut [u8],
    scales: Ptr,
    highest: Ptr,
    step: i32,
    free: i32,
) -> Checked<i32> {
    let mut changes = i32x8::ZERO;
    for index in (0..WINDOW as i64).step_by(8) {
        let before = ints(mem, scales, index)?;
        let highest = if free != 0 {
            i32x8::splat(255)
        } else {
            ints(mem, highest, index)?
        };
        let moved = (before + i32x8::splat(step)).min(highest);
        let movable = before.simd_lt(i32x8::splat(255 - 36));
        changes |= movable & (moved ^ before);
        put_ints(mem, scales, index, before ^ (movable & (moved ^ before)))?;
    }
    Ok((changes != i32x8::ZERO).into())
}

/// `int (int *scales, const int *lowest, int step)`: makes all scales finer that can be.
#[inline(always)]
pub(super) fn lower(mem: &mut [u8], scales: Ptr, lowest: Ptr, step: i32) -> Checked<i32> {
    let mut changes = i32x8::ZERO;
    for index in (0..WINDOW as i64).step_by(8) {
        let before = ints(mem, scales, index)?;
        let lowest = ints(mem, lowest, index)?.max(i32x8::splat(140));
        let moved = (before - i32x8::splat(step)).max(lowest);
        let movable = before.simd_gt(i32x8::splat(140));
        changes |= movable & (moved ^ before);
        put_ints(mem, scales, index, before ^ (movable & (moved ^ before)))?;
    }
    Ok((changes != i32x8::ZERO).into())
}
