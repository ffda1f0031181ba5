//! The Huffman codes of MPEG audio layer III (ISO/IEC 11172-3 clause 2.4.3.4.6), to numbers in fixed point.

use super::codes::{Bits, limit, put_position, start};
use super::guest::{Checked, Ptr, bytes};
use super::numbers::{one, put, store};

/// The largest number of a table's own; with it begins an escape.
const LARGEST: i32 = 15;

/// Numbers of a granule.
const NUMBERS: i32 = 576;

/// Pairs of numbers: `int (const uint8_t *bytes, int *position, int end, int size, const Code *codes,
/// int escape_bits, const int16_t *exponents, int32_t *to, int count, const int32_t (*powers)[16], const
/// uint32_t *mantissas, const int8_t *shifts)`. Gives the number of pairs that were read: a pair that begins
/// at `end` or later is not, nor one that is close to the end of all bits, or that is no code.
///
/// Both of a pair have the exponent of the first. Of each exponent there are the 16 powers 4/3 of small
/// numbers; of larger ones, mantissas and shifts by the exponent's last two bits.
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
#[inline(always)]
pub(super) fn pairs(
    mem: &mut [u8],
    source: Ptr,
    position: Ptr,
    end: i32,
    size: i32,
    codes: Ptr,
    escape_bits: i32,
    exponents: Ptr,
    to: Ptr,
    count: i32,
    powers: Ptr,
    mantissas: Ptr,
    shifts: Ptr,
) -> Checked<i32> {
    let Some(first) = start(mem, position, size)? else {
        return Ok(0);
    };
    if !(0..=LARGEST).contains(&escape_bits) {
        return Ok(0);
    }
    let escapes = Escapes {
        width: escape_bits.cast_unsigned(),
        mantissas,
        shifts,
    };
    let limit = limit(size).min(end.into());
    let mut bits = Bits::new(mem, source, first)?;
    let (mut done, mut next) = (0, i64::from(first));
    while done < count && next < limit {
        let Some(symbol) = bits.code(mem, codes, 7, 3)? else {
            break;
        };
        let exponent = exponent(mem, exponents, 2 * i64::from(done))?;
        let row: &[u8; 64] = bytes(mem, i64::from(powers) + 64 * i64::from(exponent))?;
        let row = row.as_chunks().0;
        let (x, y) = (symbol >> 5, symbol & LARGEST);
        let pair = if x < LARGEST && y < LARGEST && x >= 0 {
            let (a, b) = (
                i32::from_le_bytes(row[x as usize]),
                i32::from_le_bytes(row[y as usize]),
            );
            let sign = bits.sign(x != 0);
            let first = (a ^ sign).wrapping_sub(sign);
            let sign = bits.sign(y != 0);
            [first, (b ^ sign).wrapping_sub(sign)]
        } else {
            let mut pair = [0; 2];
            for (to, number) in pair.iter_mut().zip([x, y]) {
                bits.fill(mem)?;
                let value = match number {
                    0..LARGEST => i32::from_le_bytes(row[number as usize]),
                    _ => escapes.value(mem, &mut bits, number, exponent)?,
                };
                let sign = bits.sign(number != 0);
                *to = (value ^ sign).wrapping_sub(sign);
            }
            pair
        };
        store(mem, to, 2 * i64::from(done), pair)?;
        bits.fill(mem)?;
        (done, next) = (done + 1, bits.position());
    }
    put_position(mem, position, next)?;
    Ok(done)
}

struct Escapes {
    width: u32,
    mantissas: Ptr,
    shifts: Ptr,
}

impl Escapes {
    /// What a number with an escape stands for, without its sign.
    #[inline(always)]
    fn value(&self, mem: &[u8], bits: &mut Bits, number: i32, exponent: i32) -> Checked<i32> {
        let number = i64::from(number) + i64::from(bits.take(self.width));
        let index = 4 * number + i64::from(exponent & 3);
        let mantissa = one::<i32>(mem, self.mantissas, index)?.cast_unsigned();
        let [shift] = *bytes(mem, i64::from(self.shifts) + index)?;
        let shift = i32::from(shift.cast_signed()) - (exponent >> 2);
        Ok(match u32::try_from(shift) {
            Ok(shift @ 0..32) => {
                let half = (1_u32 << shift) >> 1;
                (mantissa.wrapping_add(half) >> shift).cast_signed()
            }
            _ => 0,
        })
    }
}

/// Fours of numbers up to one, from an index on: `int (const uint8_t *bytes, int *position, int end,
/// int size, const Code *codes, int width, const int16_t *exponents, int32_t *to, int from, const int32_t
/// *powers, int *last)`. Gives the index of the first number that was not read, and at which bit the last
/// code began; what is not read is as with pairs.
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
#[inline(always)]
pub(super) fn quads(
    mem: &mut [u8],
    source: Ptr,
    position: Ptr,
    end: i32,
    size: i32,
    codes: Ptr,
    width: i32,
    exponents: Ptr,
    to: Ptr,
    from: i32,
    powers: Ptr,
    last: Ptr,
) -> Checked<i32> {
    let Some(first) = start(mem, position, size)? else {
        return Ok(from);
    };
    if !(1..=8).contains(&width) || !(0..=NUMBERS).contains(&from) {
        return Ok(from);
    }
    let limit = limit(size).min(end.into());
    let mut bits = Bits::new(mem, source, first)?;
    let (mut at, mut next, mut before) = (from, i64::from(first), None);
    while at <= NUMBERS - 4 && next < limit {
        let symbol = match bits.code(mem, codes, width.cast_unsigned(), 1)? {
            Some(symbol @ 0..16) => symbol,
            _ => break,
        };
        let index = i64::from(at);
        let mut four = [0; 4];
        // None of the four is larger than one in most of a granule's upper half.
        if symbol != 0 {
            for place in 0..4 {
                let is_one = symbol >> (3 - place) & 1 != 0;
                let sign = bits.sign(is_one);
                let exponent = exponent(mem, exponents, index + place)?;
                let power: i32 = one(mem, powers, exponent.into())?;
                let value = (power ^ sign).wrapping_sub(sign);
                four[place as usize] = if is_one { value } else { 0 };
            }
        }
        store(mem, to, index, four)?;
        bits.fill(mem)?;
        before = Some(next);
        (at, next) = (at + 4, bits.position());
    }
    if let Some(before) = before {
        put(mem, last, 0, before as i32)?;
        put_position(mem, position, next)?;
    }
    Ok(at)
}

#[inline(always)]
fn exponent(mem: &[u8], exponents: Ptr, index: i64) -> Checked<i32> {
    let exponent = bytes(mem, i64::from(exponents) + 2 * index)?;
    Ok(i16::from_le_bytes(*exponent).into())
}
