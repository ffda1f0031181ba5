//! The bands of a channel in the searches of FFmpeg's AAC encoder (ISO/IEC 14496-3, 4.6.2), and what they
//! cost at scales and in codebooks: found out once, then known.

use super::Trap;
use super::aac_band::{
    self, Band, Cost, Escapes, Fours, Pairs, ROUNDING, Scale, SignedFours, SignedPairs, WidePairs,
};
use super::guest::{Checked, Ptr, bytes, pointer};
use super::numbers::{load, one, store};
use super::vectors::{bits, floats};
use wide::{f32x8, i32x8};

/// The fields of `struct afmpeg_aac_bands` in the engine's glue, in its order.
pub(super) struct Bands {
    /// Coefficients, and their magnitudes to the power of three quarters.
    values: Ptr,
    scaled: Ptr,
    /// For each band: the largest of the latter, the scale, whether it is silent, whether it may
    /// become noise.
    pub(super) maxima: Ptr,
    pub(super) scales: Ptr,
    pub(super) silent: Ptr,
    pub(super) noise: Ptr,
    /// How many coefficients a band has, how many windows are in a group.
    sizes: Ptr,
    groups: Ptr,
    /// Where bands begin in a window, in two bytes each.
    offsets: Ptr,
    pub(super) windows: i32,
    pub(super) bands: i32,
    /// What was found out before, of which only this generation still holds.
    known: Ptr,
    generation: i32,
    /// Where distortion and energy of each band are left.
    pub(super) distortions: Ptr,
    pub(super) energies: Ptr,
    /// Lengths of code words: a list of lists for the codebooks, a list for differences of scales.
    lengths: Ptr,
    pub(super) scale_lengths: Ptr,
    /// Powers of two in quarters, and those to the power of three quarters.
    powers: Ptr,
    powers34: Ptr,
}

/// The number of fields of [`Bands`].
pub(super) const FIELDS: usize = 19;

/// Coefficients of a window, which is also the number of bands that a channel may have in all, and bands of
/// a short window.
pub(super) const WINDOW: usize = 128;
pub(super) const BANDS: usize = 16;

/// The bytes of what is known of a band at a scale, and of a band.
const ENTRY: u32 = 16;
const ROW: u32 = ENTRY * (256 + 4);

/// The scale whose factor is 1, and where exponent 0 is in the lists of powers.
const UNIT: i64 = 140 - 36;
const POWER_ZERO: i64 = 200;
/// The power of the coarsest scale, after which are those of all others.
const COARSEST_POWER: i64 = POWER_ZERO + UNIT - 255;

/// Errors weigh as much as bits, and there is no limit.
const WEIGHT: f32 = 1.0;
const LIMIT: f32 = f32::INFINITY;

impl Bands {
    #[inline(always)]
    pub(super) fn read(mem: &[u8], at: Ptr) -> Checked<Self> {
        let fields = load::<i32, FIELDS>(mem, at, 0)?;
        let bands = Self {
            values: fields[0].cast_unsigned(),
            scaled: fields[1].cast_unsigned(),
            maxima: fields[2].cast_unsigned(),
            scales: fields[3].cast_unsigned(),
            silent: fields[4].cast_unsigned(),
            noise: fields[5].cast_unsigned(),
            sizes: fields[6].cast_unsigned(),
            groups: fields[7].cast_unsigned(),
            offsets: fields[8].cast_unsigned(),
            windows: fields[9],
            bands: fields[10],
            known: fields[11].cast_unsigned(),
            generation: fields[12],
            distortions: fields[13].cast_unsigned(),
            energies: fields[14].cast_unsigned(),
            lengths: fields[15].cast_unsigned(),
            scale_lengths: fields[16].cast_unsigned(),
            powers: fields[17].cast_unsigned(),
            powers34: fields[18].cast_unsigned(),
        };
        let is_sound = (0..=8).contains(&bands.windows) && (0..=128).contains(&bands.bands);
        if is_sound {
            Ok(bands)
        } else {
            Err(Trap::MemoryOutOfBounds)
        }
    }

    /// How many windows are in the group that begins with this one.
    #[inline(always)]
    pub(super) fn group(&self, mem: &[u8], window: usize) -> Checked<usize> {
        let [count] = *bytes(mem, i64::from(self.groups) + window as i64)?;
        Ok(count.max(1).into())
    }

    /// For each band the smallest codebook that has the level of its largest coefficient.
    #[inline(always)]
    pub(super) fn books(
        &self,
        mem: &[u8],
        scales: &[i32; WINDOW],
        books: &mut [i32; WINDOW],
    ) -> Checked {
        let factors_of: &[u8; 4 * 256] = bytes(mem, i64::from(self.powers34) + 4 * COARSEST_POWER)?;
        let factors_of: &[[u8; 4]] = factors_of.as_chunks().0;
        // With several windows, bands have their numbers with gaps between.
        let count = if self.windows == 1 { self.bands } else { 128 };
        let mut index = 0;
        while index < (count as usize).min(WINDOW) {
            let mut factors = [0.0; 8];
            for lane in 0..8 {
                let power = 255 - scales[index + lane] as u8;
                factors[lane] = f32::from_le_bytes(factors_of[usize::from(power)]);
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
            index += 8;
        }
        Ok(())
    }

    /// The smallest codebook that has the level of a band's largest coefficient.
    #[inline(always)]
    pub(super) fn book(&self, mem: &[u8], largest: f32, scale: i32) -> Checked<i32> {
        let factor: f32 = one(mem, self.powers34, POWER_ZERO + UNIT - i64::from(scale))?;
        let level = f32x8::splat(largest * factor + ROUNDING);
        let least = f32x8::new([1.0, 2.0, 3.0, 5.0, 8.0, 13.0, f32::NAN, f32::NAN]);
        let steps = level.simd_ge(least).to_bitmask().count_ones() as i32;
        Ok((2 * steps - 1).max(0))
    }

    /// What a group of windows of a band costs in all.
    #[inline(always)]
    pub(super) fn cost(
        &self,
        mem: &mut [u8],
        place: Place,
        scale: i32,
        book: i32,
    ) -> Checked<Cost> {
        let mut sum = Cost::default();
        let id = self.generation << 16 | book;
        let mut entry = self
            .known
            .wrapping_add(ROW * place.index() as u32)
            .wrapping_add(ENTRY.wrapping_mul(scale.cast_unsigned()));
        for window in 0..place.windows {
            let [cost, energy, bits, known] = load::<i32, 4>(mem, entry, 0)?;
            let cost = if known == id {
                Cost {
                    sum: f32::from_bits(cost.cast_unsigned()),
                    energy: f32::from_bits(energy.cast_unsigned()),
                    bits,
                }
            } else {
                self.found(mem, place.after(window), scale, id, entry)?
            };
            sum.sum += cost.sum;
            sum.energy += cost.energy;
            sum.bits = sum.bits.wrapping_add(cost.bits);
            entry = entry.wrapping_add(ROW * BANDS as u32);
        }
        Ok(sum)
    }

    /// What one window of a band costs, found out now: out of the way of the loop that finds it known.
    #[inline(never)]
    fn found(
        &self,
        mem: &mut [u8],
        place: Place,
        scale: i32,
        id: i32,
        entry: Ptr,
    ) -> Checked<Cost> {
        super::widest(
            #[inline(always)]
            || {
                // A sum beyond all numbers leaves the rest as it was.
                let [_, energy, bits, _] = load::<i32, 4>(mem, entry, 0)?;
                let cost = self.find(mem, place, scale, id & 0xff)?.unwrap_or(Cost {
                    sum: LIMIT,
                    energy: f32::from_bits(energy.cast_unsigned()),
                    bits,
                });
                let fields = [
                    cost.sum.to_bits().cast_signed(),
                    cost.energy.to_bits().cast_signed(),
                    cost.bits,
                    id,
                ];
                store(mem, entry, 0, fields)?;
                Ok(cost)
            },
        )
    }

    #[inline(always)]
    fn find(&self, mem: &[u8], place: Place, scale: i32, book: i32) -> Checked<Option<Cost>> {
        let offset: &[u8; 2] = bytes(mem, i64::from(self.offsets) + 2 * place.band as i64)?;
        let first = (WINDOW * place.window) as u32 + u32::from(u16::from_le_bytes(*offset));
        let [size] = *bytes(mem, i64::from(self.sizes) + place.band as i64)?;
        let scale = i64::from(scale);
        let mut band = Band {
            values: self.values.wrapping_add(4 * first),
            scaled: self.scaled.wrapping_add(4 * first),
            size: size.into(),
            lengths: 0,
            scale: Scale {
                down: one(mem, self.powers, POWER_ZERO + UNIT - scale)?,
                down34: one(mem, self.powers34, POWER_ZERO + UNIT - scale)?,
                up: one(mem, self.powers, POWER_ZERO - UNIT + scale)?,
            },
        };
        if book == 0 {
            return Ok(Some(Cost {
                sum: aac_band::of_silence(mem, &band, WEIGHT)?,
                ..Cost::default()
            }));
        }
        band.lengths = pointer(mem, i64::from(self.lengths) + 4 * i64::from(book - 1))?;
        match book {
            1 => aac_band::of_band::<SignedFours>(mem, &band, WEIGHT, LIMIT),
            3 => aac_band::of_band::<Fours>(mem, &band, WEIGHT, LIMIT),
            5 => aac_band::of_band::<SignedPairs>(mem, &band, WEIGHT, LIMIT),
            7 => aac_band::of_band::<Pairs>(mem, &band, WEIGHT, LIMIT),
            9 => aac_band::of_band::<WidePairs>(mem, &band, WEIGHT, LIMIT),
            _ => aac_band::of_band::<Escapes>(mem, &band, WEIGHT, LIMIT),
        }
    }
}

/// A band of a group of windows.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) window: usize,
    pub(super) band: usize,
    /// How many windows the group has.
    pub(super) windows: usize,
}

impl Place {
    /// Its number among all bands.
    #[inline(always)]
    pub(super) fn index(self) -> usize {
        BANDS * self.window + self.band
    }

    /// The same band of a later window.
    #[inline(always)]
    fn after(self, windows: usize) -> Self {
        Self {
            window: self.window + windows,
            ..self
        }
    }
}

/// All bits where a level is a whole number or more.
#[inline(always)]
fn above(level: f32x8, least: f32) -> i32x8 {
    i32x8::new(bits(level.simd_ge(f32x8::splat(least))))
}
