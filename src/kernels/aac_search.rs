//! The search for the scales of a channel in FFmpeg's AAC encoder: what all bands take at the scales
//! that are being tried (ISO/IEC 14496-3, 4.6.2).

use super::Trap;
use super::aac_known::{Bands, Place, WINDOW};
use super::guest::{Checked, Ptr, bytes};
use super::numbers::{fill, one, put};

/// The scale from which on nothing is left of a band.
const COARSEST: i32 = 218;

/// The greatest difference of scales that can be coded.
pub(super) const FARTHEST: i32 = 60;

/// `int (struct afmpeg_aac_bands *)`: how many bits all bands take at their scales. Leaves the
/// distortion and the energy of each.
#[inline(always)]
pub(super) fn try_scales(mem: &mut [u8], bands: Ptr) -> Checked<i32> {
    count::<true>(mem, bands, &mut i32::default())
}

/// `int (struct afmpeg_aac_bands *, int *lowest)`: the same without noise and energies. Gives the lowest
/// scale if it is below what is there, and -1 if there are two scales whose difference has no code.
#[inline(always)]
pub(super) fn count_fast(mem: &mut [u8], bands: Ptr, lowest: Ptr) -> Checked<i32> {
    let mut scale = one(mem, lowest, 0)?;
    let total = count::<false>(mem, bands, &mut scale)?;
    if total >= 0 {
        put(mem, lowest, 0, scale)?;
    }
    Ok(total)
}

#[inline(always)]
fn count<const ALL: bool>(mem: &mut [u8], bands: Ptr, lowest: &mut i32) -> Checked<i32> {
    let bands = Bands::read(mem, bands)?;
    let (mut scales, mut books) = ([0; WINDOW], [0; WINDOW]);
    fill(mem, bands.scales, &mut scales)?;
    bands.books(mem, &scales, &mut books)?;
    let silent: [u8; WINDOW] = *bytes(mem, bands.silent.into())?;
    let noise: [u8; WINDOW] = *bytes(mem, bands.noise.into())?;
    let differences: [u8; 2 * FARTHEST as usize + 1] = *bytes(mem, bands.scale_lengths.into())?;
    let (mut total, mut previous) = (0_i32, None);
    let mut window = 0;
    while window < bands.windows as usize {
        let windows = bands.group(mem, window)?;
        for band in 0..bands.bands as usize {
            let place = Place {
                window,
                band,
                windows,
            };
            let index = place.index();
            if index >= WINDOW {
                return Err(Trap::MemoryOutOfBounds);
            }
            let scale = scales[index];
            if scale >= COARSEST || silent[index] != 0 {
                // Noise takes more bits where it begins.
                if ALL && noise[index] != 0 {
                    let goes_on = band > 0 && silent[index - 1] != 0 && noise[index - 1] != 0;
                    total = total.wrapping_add(if goes_on { 5 } else { 9 });
                }
                continue;
            }
            *lowest = scale.min(*lowest);
            let sum = bands.cost(mem, place, scale, books[index])?;
            let distortion = sum.sum - sum.bits as f32;
            put(mem, bands.distortions, index as i64, distortion)?;
            if ALL {
                put(mem, bands.energies, index as i64, sum.energy)?;
            }
            total = total.wrapping_add(sum.bits);
            if let Some(previous) = previous {
                let difference = scale.wrapping_sub(previous);
                let limited = difference.clamp(-FARTHEST, FARTHEST);
                if !ALL && limited != difference {
                    return Ok(-1);
                }
                total = total.wrapping_add(differences[(limited + FARTHEST) as usize].into());
            }
            previous = Some(scale);
        }
        window += windows;
    }
    Ok(total)
}
