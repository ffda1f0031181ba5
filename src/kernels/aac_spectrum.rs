//! The spectral codes of AAC (ISO/IEC 14496-3 clause 4.6.3), to scaled numbers.

use super::codes::{Bits, limit, put_position, start};
use super::guest::{Checked, Ptr};
use super::numbers::{load, one, store};

/// Numbers of a frame, and of a window where there are eight.
const NUMBERS: i32 = 1024;
const WINDOW: i32 = 128;

/// The sign of a number in its bits.
const SIGN: u32 = 1 << 31;

/// The numbers of a band in all windows of a group: `int (const uint8_t *bytes, int *position, int size,
/// const Code *codes, int book, const float *levels, float scale, float *to, int count, int windows, const
/// float *powers)`. 0 where that is not all read, for what is no code or is close to the end of the bits;
/// nothing counts as read then. `book` is one less than the number of the codebook.
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
#[inline(always)]
pub(super) fn values(
    mem: &mut [u8],
    source: Ptr,
    position: Ptr,
    size: i32,
    codes: Ptr,
    book: i32,
    levels: Ptr,
    scale: f32,
    to: Ptr,
    count: i32,
    windows: i32,
    powers: Ptr,
) -> Checked<i32> {
    let Some(first) = start(mem, position, size)? else {
        return Ok(0);
    };
    if !(1..=NUMBERS).contains(&count) || count % 4 != 0 || !(1..=8).contains(&windows) {
        return Ok(0);
    }
    let mut bits = Bits::new(mem, source, first)?;
    let band = Band {
        codes,
        levels,
        scale,
        to,
        count,
        windows,
        limit: limit(size),
    };
    let done = match book {
        0 | 1 => band.fours(
            mem,
            &mut bits,
            #[inline(always)]
            |_, _| 0,
        )?,
        2 | 3 => band.fours(
            mem,
            &mut bits,
            #[inline(always)]
            |bits, symbol| {
                let width = symbol >> 8 & 15;
                let signs = bits.peek(32);
                bits.skip(width);
                if width == 0 { 0 } else { signs }
            },
        )?,
        4 | 5 => band.pairs(
            mem,
            &mut bits,
            #[inline(always)]
            |_, _| 0,
        )?,
        6..=9 => band.pairs(
            mem,
            &mut bits,
            #[inline(always)]
            |bits, symbol| {
                let signs = bits.take(symbol >> 8 & 15);
                signs.wrapping_shl(symbol >> 12)
            },
        )?,
        10 => band.escapes(mem, &mut bits, powers)?,
        _ => false,
    };
    if done {
        put_position(mem, position, bits.position())?;
    }
    Ok(done.into())
}

struct Band {
    codes: Ptr,
    levels: Ptr,
    scale: f32,
    to: Ptr,
    count: i32,
    windows: i32,
    limit: i64,
}

impl Band {
    /// The next code, as the table has it; `None` also close to the end.
    #[inline(always)]
    fn symbol(&self, mem: &[u8], bits: &mut Bits) -> Checked<Option<u32>> {
        bits.fill(mem)?;
        if bits.position() >= self.limit {
            return Ok(None);
        }
        let symbol = bits.code(mem, self.codes, 8, 2)?;
        Ok(symbol.map(i32::cast_unsigned))
    }

    /// The bits of the levels of a codebook, scaled: a product's sign is that of its factors.
    #[inline(always)]
    fn scaled<const N: usize>(&self, mem: &[u8]) -> Checked<[u32; N]> {
        let levels: [f32; N] = load(mem, self.levels, 0)?;
        let mut scaled = [0; N];
        for level in 0..N {
            scaled[level] = (levels[level] * self.scale).to_bits();
        }
        Ok(scaled)
    }

    /// Four numbers a code. `signs` reads the bits of signs: one for each number that has one, the first at
    /// the top.
    #[inline(always)]
    fn fours(
        &self,
        mem: &mut [u8],
        bits: &mut Bits,
        signs: impl Fn(&mut Bits, u32) -> u32,
    ) -> Checked<bool> {
        let levels: [u32; 4] = self.scaled(mem)?;
        for window in 0..self.windows {
            for at in (0..self.count).step_by(4) {
                let Some(symbol) = self.symbol(mem, bits)? else {
                    return Ok(false);
                };
                let mut signs = signs(bits, symbol);
                let mut numbers = [0.0; 4];
                for place in 0..4 {
                    let level = levels[(symbol >> (2 * place) & 3) as usize];
                    numbers[place] = f32::from_bits(level ^ (signs & SIGN));
                    signs <<= symbol >> (12 + place) & 1;
                }
                store(mem, self.to, i64::from(WINDOW * window + at), numbers)?;
            }
        }
        Ok(true)
    }

    /// Two numbers a code, and the signs of both in two bits.
    #[inline(always)]
    fn pairs(
        &self,
        mem: &mut [u8],
        bits: &mut Bits,
        signs: impl Fn(&mut Bits, u32) -> u32,
    ) -> Checked<bool> {
        let levels: [u32; 16] = self.scaled(mem)?;
        for window in 0..self.windows {
            for at in (0..self.count).step_by(2) {
                let Some(symbol) = self.symbol(mem, bits)? else {
                    return Ok(false);
                };
                let signs = signs(bits, symbol);
                let pair = [
                    levels[(symbol & 15) as usize] ^ (signs >> 1 << 31),
                    levels[(symbol >> 4 & 15) as usize] ^ (signs << 31),
                ];
                let pair = [f32::from_bits(pair[0]), f32::from_bits(pair[1])];
                store(mem, self.to, i64::from(WINDOW * window + at), pair)?;
            }
        }
        Ok(true)
    }

    /// Two numbers a code, of which large ones follow: so many bits as ones come before a zero, and four
    /// more.
    #[inline(always)]
    fn escapes(&self, mem: &mut [u8], bits: &mut Bits, powers: Ptr) -> Checked<bool> {
        let plain: [f32; 16] = load(mem, self.levels, 0)?;
        let levels: [u32; 16] = self.scaled(mem)?;
        let zero = 0.0 * self.scale;
        for window in 0..self.windows {
            for at in (0..self.count).step_by(2) {
                let Some(symbol) = self.symbol(mem, bits)? else {
                    return Ok(false);
                };
                let mut pair = [zero; 2];
                if symbol != 0 {
                    let width = symbol >> 12 & 3;
                    let mut signs = bits.take(width) << 1 << (31 - width);
                    for (place, to) in pair.iter_mut().enumerate() {
                        let level = (symbol >> (4 * place) & 15) as usize;
                        let (number, has_sign) = if symbol >> (8 + place) & 1 != 0 {
                            bits.fill(mem)?;
                            let ones = (!bits.peek(32)).leading_zeros();
                            if ones > 8 {
                                return Ok(false);
                            }
                            bits.skip(ones + 1);
                            let large = (16 << ones) + bits.take(ones + 4);
                            let power: f32 = one(mem, powers, large.into())?;
                            ((power * self.scale).to_bits(), true)
                        } else {
                            (levels[level], plain[level].to_bits() != 0)
                        };
                        *to = f32::from_bits(number ^ (signs & SIGN));
                        signs <<= u32::from(has_sign);
                    }
                }
                store(mem, self.to, i64::from(WINDOW * window + at), pair)?;
            }
        }
        Ok(true)
    }
}
