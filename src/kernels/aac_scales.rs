//! Moving scales in the search of FFmpeg's AAC encoder (ISO/IEC 14496-3, 4.6.2): all by a step, or one
//! band's until it has little distortion.

use super::Trap;
use super::aac_band::Cost;
use super::aac_search::{Tables, WINDOW, remember, remembered};
use super::guest::{Checked, Ptr};
use super::numbers::{one, put};
use super::vectors::{ints, put_ints};
use wide::i32x8;

/// Steps that a band may be given, and windows that it can have.
const MOST_STEPS: i32 = 255;
const MOST_WINDOWS: i32 = 8;

/// `void (const float *values, const float *scaled, int size, int windows, void *known, int generation,
/// int *levels, const uint8_t *const *lengths, const float *powers, const float *powers34, float largest,
/// int *scale, int *highest, float *distortion, float *energy, float wanted, float tight, float loose,
/// int lowest, int patience, int is_first)`: makes a band's scale finer step by step until its distortion
/// is below both limits and its energy near what is wanted, or for some more steps than patience while the
/// distortion is not below the loose limit. Each step is tried in the codebook of the scale before. No
/// scale is to be used later at which nothing is left of the band, or one with much distortion where it
/// is the first of a short window.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
pub(super) fn refine(
    mem: &mut [u8],
    values: Ptr,
    scaled: Ptr,
    size: i32,
    windows: i32,
    known: Ptr,
    generation: i32,
    levels: Ptr,
    lengths: Ptr,
    powers: Ptr,
    powers34: Ptr,
    largest: f32,
    scale_at: Ptr,
    highest_at: Ptr,
    distortion_at: Ptr,
    energy_at: Ptr,
    wanted: f32,
    tight: f32,
    loose: f32,
    lowest: i32,
    patience: i32,
    is_first: i32,
) -> Checked {
    let tables = Tables {
        levels,
        lengths,
        powers,
        powers34,
    };
    let mut scale = one::<i32>(mem, scale_at, 0)?;
    let mut highest = one::<i32>(mem, highest_at, 0)?;
    let mut distortion = one::<f32>(mem, distortion_at, 0)?;
    let mut energy = None;
    let enough = if tight > loose { loose } else { tight };
    if !(0..MOST_STEPS).contains(&patience)
        || !(0..=MOST_WINDOWS).contains(&windows)
        || !(0..256).contains(&scale)
        || lowest < 0
    {
        return Err(Trap::MemoryOutOfBounds);
    }
    let mut book = tables.book(mem, largest, scale.into())?;
    for step in 0..patience + 2 {
        if scale <= lowest {
            break;
        }
        if book == 0 {
            highest = highest.min(scale - 1);
        } else if step >= patience && distortion < loose {
            break;
        }
        if is_first != 0 && distortion >= loose {
            highest = highest.min(scale);
        }
        scale -= 1;
        let next = tables.book(mem, largest, scale.into())?;
        let mut sum = Cost::default();
        for window in 0..windows as u32 {
            let place = [values, scaled].map(
                #[inline(always)]
                |list| list.wrapping_add(4 * WINDOW as u32 * window),
            );
            // The entries of a window's bands are together.
            let entries = known.wrapping_add(16 * 16 * window);
            let id = generation << 16 | book;
            let (mut cost, is_known) = remembered(mem, entries, scale.into(), id)?;
            if !is_known {
                cost = tables.found(mem, place, size, scale.into(), book, cost)?;
                remember(mem, entries, scale.into(), id, cost)?;
            }
            sum.sum += cost.sum;
            sum.energy += cost.energy;
            sum.bits = sum.bits.wrapping_add(cost.bits);
        }
        distortion = sum.sum - sum.bits as f32;
        energy = Some(sum.energy);
        if next != 0 && distortion < enough && (sum.energy - wanted).abs() < loose {
            break;
        }
        book = next;
    }
    put(mem, scale_at, 0, scale)?;
    put(mem, highest_at, 0, highest)?;
    put(mem, distortion_at, 0, distortion)?;
    match energy {
        Some(energy) => put(mem, energy_at, 0, energy),
        None => Ok(()),
    }
}

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
    for index in (0..WINDOW).step_by(8) {
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
    for index in (0..WINDOW).step_by(8) {
        let before = ints(mem, scales, index)?;
        let lowest = ints(mem, lowest, index)?.max(i32x8::splat(140));
        let moved = (before - i32x8::splat(step)).max(lowest);
        let movable = before.simd_gt(i32x8::splat(140));
        changes |= movable & (moved ^ before);
        put_ints(mem, scales, index, before ^ (movable & (moved ^ before)))?;
    }
    Ok((changes != i32x8::ZERO).into())
}
