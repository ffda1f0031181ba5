//! Channels of FLAC as samples one beside the other: RFC 9639 section 9.1.3 (`FLACDSPContext`).

use wide::i32x8;

use super::Trap;
use super::guest::{Checked, Ptr, bytes_mut, pointer};
use super::numbers::one;
use super::vectors::{ints, put_ints};

/// How two channels are stored.
pub(super) trait Stereo {
    /// The left and the right channel of what is stored.
    fn channels(first: i32x8, second: i32x8) -> [i32x8; 2];
    /// The same of one sample.
    fn one(first: i32, second: i32) -> [i32; 2];
}

/// Each by itself.
pub(super) struct Independent;
/// The left one, and what the right one is less.
pub(super) struct LeftSide;
/// What the left one is more, and the right one.
pub(super) struct SideRight;
/// Their middle and their difference.
pub(super) struct MidSide;

impl Stereo for Independent {
    #[inline(always)]
    fn channels(first: i32x8, second: i32x8) -> [i32x8; 2] {
        [first, second]
    }

    #[inline(always)]
    fn one(first: i32, second: i32) -> [i32; 2] {
        [first, second]
    }
}

impl Stereo for LeftSide {
    #[inline(always)]
    fn channels(first: i32x8, second: i32x8) -> [i32x8; 2] {
        [first, first - second]
    }

    #[inline(always)]
    fn one(first: i32, second: i32) -> [i32; 2] {
        [first, first.wrapping_sub(second)]
    }
}

impl Stereo for SideRight {
    #[inline(always)]
    fn channels(first: i32x8, second: i32x8) -> [i32x8; 2] {
        [first + second, second]
    }

    #[inline(always)]
    fn one(first: i32, second: i32) -> [i32; 2] {
        [first.wrapping_add(second), second]
    }
}

impl Stereo for MidSide {
    #[inline(always)]
    fn channels(first: i32x8, second: i32x8) -> [i32x8; 2] {
        let right = first - (second >> 1);
        [right + second, right]
    }

    #[inline(always)]
    fn one(first: i32, second: i32) -> [i32; 2] {
        let right = first.wrapping_sub(second >> 1);
        [right.wrapping_add(second), right]
    }
}

/// `FLACDSPContext.decorrelate` to samples of 16 bits: `void (uint8_t **to, int32_t **from, int
/// channels, int count, int shift)`.
#[inline(always)]
pub(super) fn to_16<S: Stereo>(
    mem: &mut [u8],
    to: Ptr,
    from: Ptr,
    channels: i32,
    count: i32,
    shift: i32,
) -> Checked {
    let to = pointer(mem, to.into())?;
    let [first, second] = [
        pointer(mem, from.into())?,
        pointer(mem, i64::from(from) + 4)?,
    ];
    let count = number(mem, count)?;
    let shift = shift & 31;
    let mut at = 0;
    while channels == 2 && at + 8 <= count {
        let [left, right] = S::channels(ints(mem, first, at)?, ints(mem, second, at)?);
        let pairs = ((left << shift) & i32x8::splat(0xffff)) | (right << shift << 16);
        put_ints(mem, to, at, pairs)?;
        at += 8;
    }
    while channels == 2 && at < count {
        let pair = S::one(one(mem, first, at)?, one(mem, second, at)?);
        for (channel, sample) in (0..).zip(pair) {
            let place = i64::from(to) + 2 * (2 * at + channel);
            *bytes_mut(mem, place)? = ((sample << shift) as i16).to_le_bytes();
        }
        at += 1;
    }
    while at < count {
        for channel in 0..i64::from(channels) {
            let source = pointer(mem, i64::from(from) + 4 * channel)?;
            let sample: i32 = one(mem, source, at)?;
            let place = i64::from(to) + 2 * (i64::from(channels) * at + channel);
            *bytes_mut(mem, place)? = ((sample << shift) as i16).to_le_bytes();
        }
        at += 1;
    }
    Ok(())
}

/// A number of samples that memory can hold.
#[inline(always)]
fn number(mem: &[u8], count: i32) -> Checked<i64> {
    if i64::from(count) > mem.len() as i64 {
        return Err(Trap::MemoryOutOfBounds);
    }
    Ok(count.into())
}
