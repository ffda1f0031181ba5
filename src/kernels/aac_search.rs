//! The search for the scales of a channel in FFmpeg's AAC encoder: what all bands take at the scales
//! that are being tried (ISO/IEC 14496-3, 4.6.2).

use super::Trap;
use super::aac_band::{
    self, Band, Cost, Escapes, Fours, Pairs, ROUNDING, Scale, SignedFours, SignedPairs, WidePairs,
};
use super::guest::{Checked, Ptr, bytes, pointer};
use super::numbers::{load, one, put, store};
use super::vectors::{bits, floats};
use wide::{f32x8, i32x8};

/// The fields of `struct afmpeg_aac_bands` in the engine's glue, in its order.
struct Bands {
    /// Coefficients, and their magnitudes to the power of three quarters.
    values: Ptr,
    scaled: Ptr,
    /// For each band: the largest of the latter, the scale, whether it is silent, whether it may
    /// become noise.
    maxima: Ptr,
    scales: Ptr,
    silent: Ptr,
    noise: Ptr,
    /// How many coefficients a band has, how many windows are in a group.
    sizes: Ptr,
    groups: Ptr,
    windows: i32,
    bands: i32,
    /// What was found out before, of which only this generation still holds.
    known: Ptr,
    generation: i32,
    /// Where levels are left, and for each band distortion and energy.
    levels: Ptr,
    distortions: Ptr,
    energies: Ptr,
    /// Lengths of code words: a list of lists for the codebooks, a list for differences of scales.
    lengths: Ptr,
    scale_lengths: Ptr,
    /// Powers of two in quarters, and those to the power of three quarters.
    powers: Ptr,
    powers34: Ptr,
}

/// Coefficients of a window, and bands.
pub(super) const WINDOW: i64 = 128;
const BANDS: i64 = 16;

/// The scale whose factor is 1, and where exponent 0 is in the lists of powers.
const UNIT: i64 = 140 - 36;
const POWER_ZERO: i64 = 200;
const POWERS: usize = 428;

/// The scale from which on nothing is left of a band.
const COARSEST: i32 = 218;

/// The greatest difference of scales that can be coded.
const FARTHEST: i32 = 60;

impl Bands {
    #[inline(always)]
    fn read(mem: &[u8], at: Ptr) -> Checked<Self> {
        let fields = load::<i32, 19>(mem, at, 0)?;
        let addresses = fields.map(i32::cast_unsigned);
        Ok(Self {
            values: addresses[0],
            scaled: addresses[1],
            maxima: addresses[2],
            scales: addresses[3],
            silent: addresses[4],
            noise: addresses[5],
            sizes: addresses[6],
            groups: addresses[7],
            windows: fields[8],
            bands: fields[9],
            known: addresses[10],
            generation: fields[11],
            levels: addresses[12],
            distortions: addresses[13],
            energies: addresses[14],
            lengths: addresses[15],
            scale_lengths: addresses[16],
            powers: addresses[17],
            powers34: addresses[18],
        })
    }

    /// For each band the smallest codebook that has the level of its largest coefficient.
    #[inline(always)]
    fn books(&self, mem: &[u8], scales: &[i32; 128]) -> Checked<[i32; 128]> {
        let powers: &[u8; 4 * POWERS] = bytes(mem, self.powers34.into())?;
        let powers: &[[u8; 4]] = powers.as_chunks().0;
        let mut books = [0; 128];
        // With several windows, bands have their numbers with gaps between.
        let count = if self.windows == 1 { self.bands } else { 128 };
        for index in (0..(count.clamp(0, 128) as usize).next_multiple_of(8)).step_by(8) {
            let mut factors = [0.0; 8];
            for lane in 0..8 {
                let power = (POWER_ZERO + UNIT).wrapping_sub(i64::from(scales[index + lane]));
                factors[lane] =
                    f32::from_le_bytes(powers[power.clamp(0, POWERS as i64 - 1) as usize]);
            }
            let largest = floats(mem, self.maxima, index as i64)?;
            let level = largest * f32x8::new(factors) + f32x8::splat(ROUNDING);
            // From each of these levels on it takes the next book that has other levels.
            let steps = above(level, 2.0)
                + above(level, 3.0)
                + above(level, 5.0)
                + above(level, 8.0)
                + above(level, 13.0);
            let found = i32x8::ZERO - (steps + steps + above(level, 1.0));
            books[index..index + 8].copy_from_slice(&found.to_array());
        }
        Ok(books)
    }

    /// The first coefficient of a band within its window, and how many it has.
    #[inline(always)]
    fn extent(&self, mem: &[u8], number: i64) -> Checked<(i64, i32)> {
        let mut start = 0;
        for number in 0..number {
            start += i64::from(byte(mem, self.sizes, number)?);
        }
        Ok((start, byte(mem, self.sizes, number)?.into()))
    }

    /// What one window of a band costs, from memory if it was tried before.
    #[inline(always)]
    fn cost(&self, mem: &mut [u8], place: Place, scale: i64, book: i32) -> Checked<Cost> {
        let entries = self.known.wrapping_add(place.entry());
        let wanted = self.generation << 16 | book;
        let (cost, is_known) = remembered(mem, entries, scale, wanted)?;
        if is_known {
            return Ok(cost);
        }
        let (start, size) = self.extent(mem, place.number)?;
        let offset = 4 * (WINDOW * place.window + start) as u32;
        let tables = self.tables();
        let place = [self.values, self.scaled].map(
            #[inline(always)]
            |list| list.wrapping_add(offset),
        );
        let cost = tables.found(mem, place, size, scale, book, cost)?;
        remember(mem, entries, scale, wanted, cost)?;
        Ok(cost)
    }

    #[inline(always)]
    fn tables(&self) -> Tables {
        Tables {
            levels: self.levels,
            lengths: self.lengths,
            powers: self.powers,
            powers34: self.powers34,
        }
    }
}

/// The cost that is kept for a scale, and whether it is still that of what is wanted: of a codebook and
/// a generation. `entries` is where the band has its entry for scale 0.
#[inline(always)]
pub(super) fn remembered(
    mem: &[u8],
    entries: Ptr,
    scale: i64,
    wanted: i32,
) -> Checked<(Cost, bool)> {
    let [sum, energy, bits, known] = load::<i32, 4>(mem, entries, 4 * WINDOW * scale)?;
    let cost = Cost {
        sum: f32::from_bits(sum.cast_unsigned()),
        energy: f32::from_bits(energy.cast_unsigned()),
        bits,
    };
    Ok((cost, known == wanted))
}

#[inline(always)]
pub(super) fn remember(
    mem: &mut [u8],
    entries: Ptr,
    scale: i64,
    wanted: i32,
    cost: Cost,
) -> Checked {
    let fields = [
        cost.sum.to_bits().cast_signed(),
        cost.energy.to_bits().cast_signed(),
        cost.bits,
        wanted,
    ];
    store(mem, entries, 4 * WINDOW * scale, fields)
}

/// What costs are found with.
#[derive(Clone, Copy)]
pub(super) struct Tables {
    pub(super) levels: Ptr,
    pub(super) lengths: Ptr,
    pub(super) powers: Ptr,
    pub(super) powers34: Ptr,
}

impl Tables {
    /// What one window of a band costs, found out now: out of the way of the loop that finds it known.
    #[inline(never)]
    pub(super) fn found(
        &self,
        mem: &mut [u8],
        place: [Ptr; 2],
        size: i32,
        scale: i64,
        book: i32,
        before: Cost,
    ) -> Checked<Cost> {
        super::widest(
            #[inline(always)]
            || self.find(mem, place, size, scale, book, before),
        )
    }

    #[inline(always)]
    fn find(
        &self,
        mem: &mut [u8],
        [values, scaled]: [Ptr; 2],
        size: i32,
        scale: i64,
        book: i32,
        before: Cost,
    ) -> Checked<Cost> {
        let mut band = Band {
            values,
            scaled,
            levels: self.levels,
            size,
            lengths: 0,
            scale: Scale {
                down: one(mem, self.powers, POWER_ZERO + UNIT - scale)?,
                down34: one(mem, self.powers34, POWER_ZERO + UNIT - scale)?,
                up: one(mem, self.powers, POWER_ZERO - UNIT + scale)?,
            },
        };
        let found = if book == 0 {
            Some(Cost {
                sum: aac_band::of_silence(mem, &band, WEIGHT)?,
                ..Cost::default()
            })
        } else {
            band.lengths = pointer(mem, i64::from(self.lengths) + 4 * i64::from(book - 1))?;
            match book {
                1 => aac_band::of_band::<SignedFours>(mem, &band, WEIGHT, LIMIT),
                3 => aac_band::of_band::<Fours>(mem, &band, WEIGHT, LIMIT),
                5 => aac_band::of_band::<SignedPairs>(mem, &band, WEIGHT, LIMIT),
                7 => aac_band::of_band::<Pairs>(mem, &band, WEIGHT, LIMIT),
                9 => aac_band::of_band::<WidePairs>(mem, &band, WEIGHT, LIMIT),
                _ => aac_band::of_band::<Escapes>(mem, &band, WEIGHT, LIMIT),
            }?
        };
        // A sum beyond all numbers leaves the rest as it was.
        Ok(found.unwrap_or(Cost {
            sum: LIMIT,
            ..before
        }))
    }

    /// The smallest codebook that has the level of a band's largest coefficient.
    #[inline(always)]
    pub(super) fn book(&self, mem: &[u8], largest: f32, scale: i64) -> Checked<i32> {
        let factor = one::<f32>(mem, self.powers34, POWER_ZERO + UNIT - scale)?;
        let level = (largest * factor + ROUNDING) as i32;
        let steps = [2, 3, 5, 8, 13].map(
            #[inline(always)]
            |least| i32::from(level >= least),
        );
        let [a, b, c, d, e] = steps;
        Ok(2 * (a + b + c + d + e) + i32::from(level >= 1))
    }
}

/// A band of one window.
#[derive(Clone, Copy)]
struct Place {
    window: i64,
    number: i64,
}

impl Place {
    /// Where its entry for scale 0 is among what is known.
    #[inline(always)]
    fn entry(self) -> u32 {
        16 * (BANDS * self.window + self.number) as u32
    }
}

/// Errors weigh as much as bits, and there is no limit.
const WEIGHT: f32 = 1.0;
const LIMIT: f32 = f32::INFINITY;

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
    if !(0..=8).contains(&bands.windows) || !(0..=128).contains(&bands.bands) {
        return Err(Trap::MemoryOutOfBounds);
    }
    let scales = load::<i32, 128>(mem, bands.scales, 0)?;
    let silent: [u8; 128] = *bytes(mem, bands.silent.into())?;
    let noise: [u8; 128] = *bytes(mem, bands.noise.into())?;
    let differences: [u8; 2 * FARTHEST as usize + 1] = *bytes(mem, bands.scale_lengths.into())?;
    let books = bands.books(mem, &scales)?;
    let (mut total, mut previous) = (0_i32, None);
    let mut window = 0;
    while window < i64::from(bands.windows) {
        let group = i64::from(byte(mem, bands.groups, window)?.max(1));
        for number in 0..i64::from(bands.bands) {
            let index = (BANDS * window + number) as usize;
            if index >= 128 {
                return Err(Trap::MemoryOutOfBounds);
            }
            let scale = scales[index];
            if scale >= COARSEST || silent[index] != 0 {
                // Noise takes more bits where it begins.
                if ALL && noise[index] != 0 {
                    let goes_on = number > 0 && silent[index - 1] != 0 && noise[index - 1] != 0;
                    total = total.wrapping_add(if goes_on { 5 } else { 9 });
                }
                continue;
            }
            *lowest = scale.min(*lowest);
            let mut sum = Cost::default();
            for more in 0..group {
                let place = Place {
                    window: window + more,
                    number,
                };
                let cost = bands.cost(mem, place, scale.into(), books[index])?;
                sum.sum += cost.sum;
                sum.energy += cost.energy;
                sum.bits = sum.bits.wrapping_add(cost.bits);
            }
            put(
                mem,
                bands.distortions,
                index as i64,
                sum.sum - sum.bits as f32,
            )?;
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
        window += group;
    }
    Ok(total)
}

/// All bits where a level is a whole number or more.
#[inline(always)]
fn above(level: f32x8, least: f32) -> i32x8 {
    i32x8::new(bits(level.simd_ge(f32x8::splat(least))))
}

#[inline(always)]
fn byte(mem: &[u8], list: Ptr, index: i64) -> Checked<u8> {
    let [byte] = *bytes(mem, i64::from(list) + index)?;
    Ok(byte)
}
