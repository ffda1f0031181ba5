//! Levels of openh264's encoder on their way to entropy coding: their cost and runs.

use super::Trap;
use super::block::{load_i16, store_i16, store_i32};
use super::guest::{Checked, Ptr, bytes_mut};

/// `pfCalculateSingleCtr4x4`: `int32_t (int16_t levels[16])`, the cost of single levels by the zeros
/// before them.
#[inline(always)]
pub(super) fn single_cost(mem: &mut [u8], levels: Ptr) -> Checked<i32> {
    let levels = load_i16::<16>(mem, i64::from(levels))?;
    let (mut cost, mut zeros) = (0, 0_usize);
    for level in levels {
        if level == 0 {
            zeros += 1;
        } else {
            cost += [3, 2, 2, 1, 1, 1].get(zeros).copied().unwrap_or(0);
            zeros = 0;
        }
    }
    Ok(cost)
}

/// `pfCavlcParamCal`: `int32_t (int16_t *coefficients, uint8_t *runs, int16_t *levels,
/// int32_t *levels_number, int32_t last)`: the levels from the last to the first with the zeros
/// before each, and how many zeros there are in total.
#[inline(always)]
pub(super) fn runs(
    mem: &mut [u8],
    coefficients: Ptr,
    runs: Ptr,
    levels: Ptr,
    number: Ptr,
    last: i32,
) -> Checked<i32> {
    // A block has 16 coefficients.
    if last > 63 {
        return Err(Trap::MemoryOutOfBounds);
    }
    let (mut found, mut zeros, mut total) = (0_i64, 0_i32, 0_i32);
    let mut index = i64::from(last);
    while index >= 0 {
        let [value] = load_i16::<1>(mem, i64::from(coefficients) + 2 * index)?;
        index -= 1;
        if value == 0 {
            zeros += 1;
            continue;
        }
        if found > 0 {
            *bytes_mut(mem, i64::from(runs) + found - 1)? = [zeros as u8];
            total += zeros;
        }
        zeros = 0;
        store_i16(mem, i64::from(levels) + 2 * found, &[value])?;
        found += 1;
    }
    if found > 0 {
        *bytes_mut(mem, i64::from(runs) + found - 1)? = [zeros as u8];
        total += zeros;
    }
    store_i32(mem, i64::from(number), found as i32)?;
    Ok(total)
}
