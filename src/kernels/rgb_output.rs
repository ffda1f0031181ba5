//! Rows of 4:2:0 video to packed RGB through the engine's tables: for each value of a chroma sample
//! the start of a table by luma, one for each colour.

use super::guest::{Checked, Ptr, bytes, pointer, slice, slice_mut};
use super::scale::columns;

/// Pixels at a time.
const TILE: usize = 64;

/// Converts two rows that share their chroma to pixels of `BYTES` bytes, in the order of the bytes;
/// `REVERSED` has blue first. The tables of 3 bytes are of bytes, those of 4 of 32-bit numbers that
/// are added.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "two rows of each plane")]
pub(super) fn two_rows<const BYTES: usize, const REVERSED: bool>(
    mem: &mut [u8],
    first: Ptr,
    second: Ptr,
    u: Ptr,
    v: Ptr,
    dst_first: Ptr,
    dst_second: Ptr,
    width: i32,
    tables: Ptr,
) -> Checked {
    let tables = Tables::new(mem, tables)?;
    let width = columns(width) / 2 * 2;
    let mut x = 0;
    while x < width {
        let count = TILE.min(width - x);
        let at = |plane: Ptr, x: usize| i64::from(plane) + x as i64;
        let luma = [
            slice(mem, at(first, x), count)?,
            slice(mem, at(second, x), count)?,
        ];
        let chroma = [
            slice(mem, at(u, x / 2), count / 2)?,
            slice(mem, at(v, x / 2), count / 2)?,
        ];
        let mut pixels = [[[0u8; BYTES]; TILE]; 2];
        for (index, (u, v)) in chroma[0].iter().zip(chroma[1]).enumerate() {
            let colours = tables.colours(mem, *u, *v)?;
            for (luma, pixels) in luma.iter().zip(&mut pixels) {
                for place in [2 * index, 2 * index + 1] {
                    pixels[place] = if BYTES == 3 {
                        narrow::<BYTES, REVERSED>(mem, colours, luma[place])?
                    } else {
                        wide(mem, colours, luma[place])?
                    };
                }
            }
        }
        for (dst, pixels) in [dst_first, dst_second].into_iter().zip(&pixels) {
            let out = slice_mut(mem, at(dst, BYTES * x), BYTES * count)?;
            out.copy_from_slice(&pixels.as_flattened()[..BYTES * count]);
        }
        x += count;
    }
    Ok(())
}

/// The addresses of the tables by chroma.
struct Tables {
    red: i64,
    green_u: i64,
    green_v: i64,
    blue: i64,
}

impl Tables {
    #[inline(always)]
    fn new(mem: &[u8], at: Ptr) -> Checked<Self> {
        let table = |index: i64| pointer(mem, i64::from(at) + 4 * index).map(i64::from);
        Ok(Self {
            red: table(0)?,
            green_u: table(1)?,
            green_v: table(2)?,
            blue: table(3)?,
        })
    }

    /// Where the tables by luma begin: of red, green and blue.
    #[inline(always)]
    fn colours(&self, mem: &[u8], u: u8, v: u8) -> Checked<[i64; 3]> {
        let (u, v) = (4 * i64::from(u), 4 * i64::from(v));
        let green = pointer(mem, self.green_u + u)?.wrapping_add(pointer(mem, self.green_v + v)?);
        Ok([
            pointer(mem, self.red + v)?.into(),
            green.into(),
            pointer(mem, self.blue + u)?.into(),
        ])
    }
}

#[inline(always)]
fn narrow<const BYTES: usize, const REVERSED: bool>(
    mem: &[u8],
    colours: [i64; 3],
    luma: u8,
) -> Checked<[u8; BYTES]> {
    let mut pixel = [0; BYTES];
    for (index, colour) in colours.into_iter().enumerate() {
        let [value] = *bytes::<1>(mem, colour + i64::from(luma))?;
        pixel[if REVERSED { 2 - index } else { index }] = value;
    }
    Ok(pixel)
}

#[inline(always)]
fn wide<const BYTES: usize>(mem: &[u8], colours: [i64; 3], luma: u8) -> Checked<[u8; BYTES]> {
    let mut sum = 0u32;
    for colour in colours {
        sum = sum.wrapping_add(pointer(mem, colour + 4 * i64::from(luma))?);
    }
    let mut pixel = [0; BYTES];
    pixel.copy_from_slice(&sum.to_le_bytes()[..BYTES]);
    Ok(pixel)
}
