//! Rows of luma and of chroma at full width to packed RGB: filtered down, multiplied by the matrix that
//! the engine gives, and in one byte a pixel with the error spread to the neighbours by the weights of
//! Floyd and Steinberg. Samples have 15 bits, weights 12, the matrix's results 30.

#![expect(
    clippy::needless_range_loop,
    reason = "loops by index over constant sizes become lanes"
)]

use wide::bytemuck::cast;
use wide::{i16x16, i32x8, u32x8};

use super::Trap;
use super::guest::{Checked, Ptr, bytes, bytes_mut, int, pointer, slice, slice_mut};
use super::scale::columns;

/// Pixels at a time.
const TILE: usize = 16;

/// What a call works on, in the order of the guest's fields: 4 bytes each but the places.
struct Run {
    luma: Plane,
    u: Plane,
    v: Plane,
    offset: i32,
    factor: i32,
    v_to_red: i32,
    v_to_green: i32,
    u_to_green: i32,
    u_to_blue: i32,
    dst: i64,
    width: usize,
    places: [u8; 4],
    errors: [i64; 3],
}

impl Run {
    #[inline(always)]
    fn new(mem: &[u8], at: Ptr) -> Checked<Self> {
        let at = i64::from(at);
        let field = |index: i64| int(mem, at + 4 * index);
        let address = |index: i64| pointer(mem, at + 4 * index).map(i64::from);
        let plane = |filter, rows, count, rounding| {
            Plane::new(
                mem,
                address(filter)?,
                address(rows)?,
                field(count)?,
                rounding,
            )
        };
        let (luma, chroma) = (field(7)?, field(8)?);
        let chroma = chroma.wrapping_sub(128 << 19);
        let run = Self {
            luma: plane(0, 2, 5, luma)?,
            u: plane(1, 3, 6, chroma)?,
            v: plane(1, 4, 6, chroma)?,
            offset: field(9)?,
            factor: field(10)?,
            v_to_red: field(11)?,
            v_to_green: field(12)?,
            u_to_green: field(13)?,
            u_to_blue: field(14)?,
            dst: address(15)?,
            width: columns(field(16)?),
            places: *bytes(mem, at + 4 * 17)?,
            errors: [address(18)?, address(19)?, address(20)?],
        };
        // So that a hostile size cannot make the work more than the memory has rows for.
        let rows = (run.luma.count + run.u.count) as usize;
        if rows.saturating_mul(run.width) > mem.len() {
            return Err(Trap::MemoryOutOfBounds);
        }
        Ok(run)
    }

    /// Red, green and blue of 30 bits, of the even pixels and of the odd ones.
    #[inline(always)]
    fn colours(&self, mem: &[u8], x: usize, count: usize) -> Checked<[[i32x8; 2]; 3]> {
        let luma = self.luma.filtered(mem, x, count)?;
        let u = self.u.filtered(mem, x, count)?;
        let v = self.v.filtered(mem, x, count)?;
        let mut colours = [[i32x8::ZERO; 2]; 3];
        for odd in 0..2 {
            let (u, v) = (u[odd], v[odd]);
            let luma = (luma[odd] - i32x8::splat(self.offset)) * i32x8::splat(self.factor)
                + i32x8::splat(1 << 21);
            let red = luma + v * i32x8::splat(self.v_to_red);
            let green =
                luma + v * i32x8::splat(self.v_to_green) + u * i32x8::splat(self.u_to_green);
            let blue = luma + u * i32x8::splat(self.u_to_blue);
            colours[0][odd] = limited(red);
            colours[1][odd] = limited(green);
            colours[2][odd] = limited(blue);
        }
        Ok(colours)
    }
}

/// The upper 8 of 30 bits, of numbers that are limited to these.
#[inline(always)]
fn limited(value: i32x8) -> i32x8 {
    value.max(i32x8::ZERO).min(i32x8::splat((1 << 30) - 1)) >> 22
}

/// Rows and their weights, and what is added for rounding.
struct Plane {
    filter: i64,
    rows: i64,
    count: i64,
    rounding: i32,
}

impl Plane {
    #[inline(always)]
    fn new(mem: &[u8], filter: i64, rows: i64, count: i32, rounding: i32) -> Checked<Self> {
        let count = columns(count);
        slice(mem, filter, 2 * count)?;
        slice(mem, rows, count.saturating_mul(4))?;
        Ok(Self {
            filter,
            rows,
            count: count as i64,
            rounding,
        })
    }

    /// Weighted sums of even and of odd columns.
    #[inline(always)]
    fn filtered(&self, mem: &[u8], x: usize, count: usize) -> Checked<[i32x8; 2]> {
        let mut sums = [i32x8::splat(self.rounding); 2];
        let mut row = 0;
        while row < self.count {
            // Two rows at a time: the sum of two products is one instruction.
            let (first, weight) = self.row(mem, row, x, count)?;
            let (second, other) = if row + 1 < self.count {
                self.row(mem, row + 1, x, count)?
            } else {
                (i16x16::ZERO, 0)
            };
            let weights = u32::from(weight) | u32::from(other) << 16;
            let weights: i16x16 = cast(u32x8::splat(weights));
            let (first, second): (u32x8, u32x8) = (cast(first), cast(second));
            let low = u32x8::splat(0xffff);
            let even: i16x16 = cast((first & low) | (second << 16));
            let odd: i16x16 = cast((first >> 16) | (second & !low));
            sums[0] += even.dot(weights);
            sums[1] += odd.dot(weights);
            row += 2;
        }
        Ok([sums[0] >> 10, sums[1] >> 10])
    }

    #[inline(always)]
    fn row(&self, mem: &[u8], row: i64, x: usize, count: usize) -> Checked<(i16x16, u16)> {
        let at = i64::from(pointer(mem, self.rows + 4 * row)?) + 2 * x as i64;
        let weight = u16::from_le_bytes(*bytes(mem, self.filter + 2 * row)?);
        let samples: [u8; 2 * TILE] = if count == TILE {
            *bytes(mem, at)?
        } else {
            let mut samples = [0; 2 * TILE];
            samples[..2 * count].copy_from_slice(slice(mem, at, 2 * count)?);
            samples
        };
        if cfg!(target_endian = "little") {
            return Ok((cast(samples), weight));
        }
        let mut values = [0; TILE];
        for index in 0..TILE {
            values[index] = i16::from_le_bytes([samples[2 * index], samples[2 * index + 1]]);
        }
        Ok((i16x16::new(values), weight))
    }
}

/// Pixels of three bytes.
#[inline(always)]
pub(super) fn three_bytes(mem: &mut [u8], run: Ptr) -> Checked {
    let run = Run::new(mem, run)?;
    let reversed = match run.places {
        [0, 1, 2, _] => false,
        [2, 1, 0, _] => true,
        _ => return Err(Trap::MemoryOutOfBounds),
    };
    let mut x = 0;
    while x < run.width {
        let count = TILE.min(run.width - x);
        let [red, green, blue] = run.colours(mem, x, count)?;
        let (red, blue) = if reversed { (blue, red) } else { (red, blue) };
        let mut pixels = [[0; 3]; TILE];
        let (red, green, blue) = (in_order(red), in_order(green), in_order(blue));
        for index in 0..TILE {
            pixels[index] = [red[index], green[index], blue[index]];
        }
        let at = run.dst + 3 * x as i64;
        if count == TILE {
            let out: &mut [u8; 3 * TILE] = bytes_mut(mem, at)?;
            out.copy_from_slice(pixels.as_flattened());
        } else {
            slice_mut(mem, at, 3 * count)?.copy_from_slice(&pixels.as_flattened()[..3 * count]);
        }
        x += count;
    }
    Ok(())
}

/// Even and odd lanes as bytes.
#[inline(always)]
fn in_order([even, odd]: [i32x8; 2]) -> [u8; TILE] {
    let (even, odd) = (even.to_array(), odd.to_array());
    let mut values = [0; TILE];
    for index in 0..TILE / 2 {
        values[2 * index] = even[index] as u8;
        values[2 * index + 1] = odd[index] as u8;
    }
    values
}

/// Pixels of four bytes, of which one is 255.
#[inline(always)]
pub(super) fn four_bytes(mem: &mut [u8], run: Ptr) -> Checked {
    let run = Run::new(mem, run)?;
    let [red, green, blue, opaque] = run.places.map(|place| 8 * u32::from(place & 3));
    let mut x = 0;
    while x < run.width {
        let count = TILE.min(run.width - x);
        let colours = run.colours(mem, x, count)?;
        let mut pixels = [[0; 4]; TILE];
        for odd in 0..2 {
            let colour = |index: usize| -> u32x8 { cast(colours[index][odd]) };
            let all = colour(0) << red
                | colour(1) << green
                | colour(2) << blue
                | u32x8::splat(255 << opaque);
            let all = all.to_array();
            for index in 0..TILE / 2 {
                pixels[2 * index + odd] = all[index].to_le_bytes();
            }
        }
        let out = slice_mut(mem, run.dst + 4 * x as i64, 4 * count)?;
        out.copy_from_slice(&pixels.as_flattened()[..4 * count]);
        x += count;
    }
    Ok(())
}

/// Bits that are dropped from 8, the greatest of what is left, and the step between two of them.
const LEVELS: [(u32, i32, i32); 3] = [(5, 7, 36), (5, 7, 36), (6, 3, 85)];

/// Pixels of one byte. Errors of the row above are replaced by those of this one, one column to the left.
#[inline(always)]
pub(super) fn one_byte(mem: &mut [u8], run: Ptr) -> Checked {
    let run = Run::new(mem, run)?;
    let mut error = [0i32; 3];
    let mut x = 0;
    while x < run.width {
        let count = TILE.min(run.width - x);
        let colours = run.colours(mem, x, count)?;
        let mut values = [[0i32; TILE]; 3];
        let mut errors = [[0i32; TILE]; 3];
        for colour in 0..3 {
            let [even, odd] = colours[colour];
            let (even, odd) = (even.to_array(), odd.to_array());
            let above = above(mem, run.errors[colour] + 4 * x as i64, count)?;
            for index in 0..TILE {
                let value = if index % 2 == 0 {
                    even[index / 2]
                } else {
                    odd[index / 2]
                };
                values[colour][index] = value;
                errors[colour][index] = above[index]
                    .wrapping_add(above[index + 1].wrapping_mul(5))
                    .wrapping_add(above[index + 2].wrapping_mul(3));
            }
        }
        let mut pixels = [0u8; TILE];
        for index in 0..count {
            let mut pixel = 0;
            for colour in 0..3 {
                let (bits, most, step) = LEVELS[colour];
                let spread = error[colour]
                    .wrapping_mul(7)
                    .wrapping_add(errors[colour][index]);
                errors[colour][index] = error[colour];
                let value = values[colour][index].wrapping_add(spread >> 4);
                let level = (value >> bits).clamp(0, most);
                error[colour] = value.wrapping_sub(level * step);
                pixel |= level << (run.places[colour] & 7);
            }
            pixels[index] = pixel as u8;
        }
        slice_mut(mem, run.dst + x as i64, count)?.copy_from_slice(&pixels[..count]);
        for colour in 0..3 {
            let out = slice_mut(mem, run.errors[colour] + 4 * x as i64, 4 * count)?;
            for (bytes, error) in out.as_chunks_mut().0.iter_mut().zip(errors[colour]) {
                *bytes = error.to_le_bytes();
            }
        }
        x += count;
    }
    for colour in 0..3 {
        *bytes_mut(mem, run.errors[colour] + 4 * run.width as i64)? = error[colour].to_le_bytes();
    }
    Ok(())
}

/// Errors of the row above for `count` columns and two more.
#[inline(always)]
fn above(mem: &[u8], at: i64, count: usize) -> Checked<[i32; TILE + 2]> {
    let mut errors = [0; TILE + 2];
    let there = slice(mem, at, 4 * (count + 2))?.as_chunks().0;
    for (error, bytes) in errors.iter_mut().zip(there) {
        *error = i32::from_le_bytes(*bytes);
    }
    Ok(errors)
}
