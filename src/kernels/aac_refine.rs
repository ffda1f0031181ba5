//! The pass of the search of FFmpeg's AAC encoder that moves the scale of each band by itself (ISO/IEC
//! 14496-3, 4.6.2): finer until it has little distortion, coarser where it has less than it may.

use super::Trap;
use super::aac_known::{Bands, FIELDS, Place, WINDOW};
use super::aac_search::FARTHEST;
use super::guest::{Checked, Ptr, bytes};
use super::numbers::{fill, load, one, put};

/// Steps that a band may be given.
const MOST_STEPS: i32 = 255;

/// The coarsest scale that a band is left at.
const COARSEST: i32 = 255 - 36;

/// The fields of `struct afmpeg_aac_pass` in the engine's glue after those of the bands, in its order.
struct Pass {
    /// For each band: the energy that it has, the limits of its distortion, the lowest and the highest
    /// scale that it may have, its codebook.
    wanted: Ptr,
    tight: Ptr,
    loose: Ptr,
    lowest: Ptr,
    highest: Ptr,
    books: Ptr,
    /// How many steps a band is given.
    patience: i32,
    /// Whether scales may become coarser.
    may_save: bool,
    /// What the tight limit is multiplied by.
    leniency: f32,
}

impl Pass {
    #[inline(always)]
    fn read(mem: &[u8], at: Ptr) -> Checked<Self> {
        let fields = load::<i32, 9>(mem, at, FIELDS as i64)?;
        if !(0..MOST_STEPS).contains(&fields[6]) {
            return Err(Trap::MemoryOutOfBounds);
        }
        Ok(Self {
            wanted: fields[0].cast_unsigned(),
            tight: fields[1].cast_unsigned(),
            loose: fields[2].cast_unsigned(),
            lowest: fields[3].cast_unsigned(),
            highest: fields[4].cast_unsigned(),
            books: fields[5].cast_unsigned(),
            patience: fields[6],
            may_save: fields[7] != 0,
            leniency: f32::from_bits(fields[8].cast_unsigned()),
        })
    }
}

/// A band and what it is to become.
struct Refined {
    place: Place,
    largest: f32,
    scale: i32,
    /// The smallest codebook at the scale.
    book: i32,
    highest: i32,
    distortion: f32,
    energy: f32,
    wanted: f32,
    tight: f32,
    loose: f32,
}

/// `int (struct afmpeg_aac_pass *)`: whether the scale of any band has changed. No two bands that follow
/// each other have scales whose difference has no code.
#[inline(always)]
pub(super) fn refine(mem: &mut [u8], at: Ptr) -> Checked<i32> {
    let bands = Bands::read(mem, at)?;
    let pass = Pass::read(mem, at)?;
    let (mut scales, mut books) = ([0; WINDOW], [0; WINDOW]);
    fill(mem, bands.scales, &mut scales)?;
    bands.books(mem, &scales, &mut books)?;
    let silent: [u8; WINDOW] = *bytes(mem, bands.silent.into())?;
    // The bands that have a scale, in their order.
    let (mut order, mut count) = ([0_u8; WINDOW], 0);
    let mut previous = -1;
    let mut has_changed = false;
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
            if silent[index] != 0 {
                continue;
            }
            let before = scales[index];
            if !(0..256).contains(&before) {
                return Err(Trap::MemoryOutOfBounds);
            }
            if previous < 0 {
                previous = scales[0];
            }
            let nearest = [
                previous.saturating_sub(FARTHEST).max(0),
                previous.saturating_add(FARTHEST).min(COARSEST),
            ];
            let at = index as i64;
            let mut refined = Refined {
                place,
                largest: one(mem, bands.maxima, at)?,
                scale: before,
                book: books[index],
                highest: one(mem, pass.highest, at)?,
                distortion: one(mem, bands.distortions, at)?,
                energy: one(mem, bands.energies, at)?,
                wanted: one(mem, pass.wanted, at)?,
                tight: one(mem, pass.tight, at)?,
                loose: one(mem, pass.loose, at)?,
            };
            let lowest = one::<i32>(mem, pass.lowest, at)?;
            if refined.moves(mem, &bands, &pass, lowest, nearest)? {
                put(mem, pass.highest, at, refined.highest)?;
                put(mem, bands.distortions, at, refined.distortion)?;
                put(mem, bands.energies, at, refined.energy)?;
            }
            previous = limited(refined.scale, nearest);
            has_changed |= previous != before;
            scales[index] = previous;
            order[count % WINDOW] = index as u8;
            count += 1;
        }
        window += windows;
    }
    let order = &order[..count.min(WINDOW)];
    has_changed |= brings_together(&mut scales, order);
    bands.books(mem, &scales, &mut books)?;
    for &index in order {
        let index = usize::from(index) % WINDOW;
        put(mem, bands.scales, index as i64, scales[index])?;
        put(mem, pass.books, index as i64, books[index])?;
    }
    Ok(has_changed.into())
}

/// Moves scales as near to the ones before them as differences have codes. Whether any had to be moved.
#[inline(always)]
fn brings_together(scales: &mut [i32; WINDOW], order: &[u8]) -> bool {
    let mut has_changed = false;
    let mut previous = None;
    for &index in order {
        let scale = &mut scales[usize::from(index) % WINDOW];
        let from = previous.unwrap_or(*scale);
        let next = limited(*scale, [from - FARTHEST, from + FARTHEST]);
        has_changed |= next != *scale;
        *scale = next;
        previous = Some(next);
    }
    has_changed
}

/// The scale within limits, of which the lower one counts if they contradict each other.
#[inline(always)]
fn limited(scale: i32, [lowest, highest]: [i32; 2]) -> i32 {
    if scale < lowest {
        lowest
    } else {
        scale.min(highest)
    }
}

/// The first of two numbers unless it is greater.
#[inline(always)]
fn lesser(a: f32, b: f32) -> f32 {
    if a > b { b } else { a }
}

impl Refined {
    /// Moves the scale if there is a reason to. Whether there is.
    #[inline(always)]
    fn moves(
        &mut self,
        mem: &mut [u8],
        bands: &Bands,
        pass: &Pass,
        lowest: i32,
        nearest: [i32; 2],
    ) -> Checked<bool> {
        if (self.book == 0 || self.distortion > self.tight) && self.scale > nearest[0].max(lowest) {
            self.finer(mem, bands, pass, nearest[0])?;
            return Ok(true);
        }
        let enough = lesser(self.loose, self.tight);
        let coarser = pass.may_save
            && self.scale < nearest[1].min(self.highest)
            && self.distortion < enough
            && self.has_energy();
        if coarser {
            self.coarser(mem, bands, pass, nearest[1], enough)?;
        }
        Ok(coarser)
    }

    /// Whether the energy is near what is wanted.
    #[inline(always)]
    fn has_energy(&self) -> bool {
        (self.energy - self.wanted).abs() < self.loose
    }

    /// Makes the scale finer step by step until the distortion is below both limits and the energy near
    /// what is wanted, or for some more steps than patience while the distortion is not below the loose
    /// limit. Each step is tried in the codebook of the scale before. No scale is to be used later at
    /// which nothing is left of the band, or one with much distortion where it is the first of a short
    /// window.
    #[inline(always)]
    fn finer(&mut self, mem: &mut [u8], bands: &Bands, pass: &Pass, lowest: i32) -> Checked {
        let enough = lesser(pass.leniency * self.tight, self.loose);
        let is_first = self.place.band == 0 && bands.windows > 1;
        for step in 0..pass.patience + 2 {
            if self.scale <= lowest {
                break;
            }
            if self.book == 0 {
                self.highest = self.highest.min(self.scale - 1);
            } else if step >= pass.patience && self.distortion < self.loose {
                break;
            }
            if is_first && self.distortion >= self.loose {
                self.highest = self.highest.min(self.scale);
            }
            self.scale -= 1;
            let next = bands.book(mem, self.largest, self.scale)?;
            let sum = bands.cost(mem, self.place, self.scale, self.book)?;
            self.distortion = sum.sum - sum.bits as f32;
            self.energy = sum.energy;
            self.book = next;
            if next != 0 && self.distortion < enough && self.has_energy() {
                break;
            }
        }
        Ok(())
    }

    /// Makes the scale coarser step by step while there is enough left of the band, and its distortion is
    /// below the limit.
    #[inline(always)]
    fn coarser(
        &mut self,
        mem: &mut [u8],
        bands: &Bands,
        pass: &Pass,
        highest: i32,
        enough: f32,
    ) -> Checked {
        for _ in 0..pass.patience {
            if self.scale >= highest {
                break;
            }
            let book = bands.book(mem, self.largest, self.scale + 1)?;
            if book == 0 {
                self.highest = self.highest.min(self.scale);
                break;
            }
            let sum = bands.cost(mem, self.place, self.scale + 1, book)?;
            let distortion = sum.sum - sum.bits as f32;
            if distortion < enough {
                self.scale += 1;
                self.distortion = distortion;
                self.energy = sum.energy;
            } else {
                break;
            }
        }
        Ok(())
    }
}
