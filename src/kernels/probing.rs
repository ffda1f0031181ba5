//! What probes of MPEG's formats look for in every file: bytes that most data has few of.

use super::Trap;
use super::guest::{Checked, Ptr, slice};

/// Bytes that are looked at together.
const BLOCK: usize = 32;

/// Where a function is true, of the places that begin with a byte: it gets the byte's place.
#[inline(always)]
fn places(bytes: &[u8], count: usize, first: u8, mut at: impl FnMut(usize)) {
    for start in (0..count).step_by(BLOCK) {
        if let Some(block) = bytes
            .get(start..)
            .and_then(|rest| rest.first_chunk::<BLOCK>())
        {
            let mut any = 0;
            for byte in block {
                any |= u8::from(*byte == first);
            }
            if any == 0 {
                continue;
            }
        }
        for place in start..count.min(start + BLOCK) {
            if bytes.get(place) == Some(&first) {
                at(place);
            }
        }
    }
}

/// The sizes of packets of a transport stream.
const LONGEST: usize = 204;

/// How many synchronisation bytes (ISO/IEC 13818-1 section 2.4.3.3) there are in the place of a packet
/// that has most, less a tenth of what speaks against packets: `int (const uint8_t *bytes, int size, int
/// packet, int strict)`. Strictly, there is something in a packet, or the packet at the beginning of the bytes is one that
/// fills: the engine looks for that there and nowhere else.
#[inline(always)]
pub(super) fn mpegts(
    mem: &mut [u8],
    bytes: Ptr,
    size: i32,
    packet: i32,
    strict: i32,
) -> Checked<i32> {
    let size = size.max(0) as usize;
    let packet = match usize::try_from(packet) {
        Ok(packet) if (1..=LONGEST).contains(&packet) => packet,
        _ => return Err(Trap::MemoryOutOfBounds),
    };
    let bytes = slice(mem, bytes.into(), size)?;
    let (mut counts, mut all, mut best) = ([0; LONGEST], 0_i32, 0_i32);
    let fills = bytes
        .get(1..3)
        .and_then(<[u8]>::first_chunk)
        .is_some_and(|id| u16::from_be_bytes(*id) & 0x1fff == 0x1fff);
    places(
        bytes,
        size.saturating_sub(3),
        0x47,
        #[inline(always)]
        |place| {
            let Some(control) = bytes.get(place + 3) else {
                return;
            };
            if strict == 0 || fills || control & 0x30 != 0 {
                let count = &mut counts[place % packet];
                *count += 1;
                all += 1;
                best = best.max(*count);
            }
        },
    );
    Ok(best - all.saturating_sub(best.saturating_mul(10)).max(0) / 10)
}

/// The first place where a header can be, of those before the end: as many as there are where there is
/// none. Four bytes are in memory everywhere.
#[inline(always)]
fn first(mem: &[u8], bytes: Ptr, size: i32, header: impl Fn(u32) -> bool) -> Checked<i32> {
    let size = size.max(0) as usize;
    let bytes = slice(mem, bytes.into(), if size == 0 { 0 } else { size + 3 })?;
    let mut start = 0;
    while start < size {
        let end = size.min(start + BLOCK);
        if let Some(block) = bytes[start..].first_chunk::<BLOCK>() {
            let mut any = 0;
            for byte in block {
                any |= u8::from(*byte == 0xff);
            }
            if any == 0 {
                start = end;
                continue;
            }
        }
        for place in start..end {
            if bytes[place] == 0xff
                && let Some(four) = bytes[place..].first_chunk()
                && header(u32::from_be_bytes(*four))
            {
                return Ok(place as i32);
            }
        }
        start = end;
    }
    Ok(size as i32)
}

/// The first header of a frame of MPEG audio (ISO/IEC 11172-3 section 2.4.2.3, and that of lower rates):
/// `int (const uint8_t *bytes, int size, uint32_t, uint32_t)`.
#[inline(always)]
pub(super) fn mpeg_audio(mem: &mut [u8], bytes: Ptr, size: i32, _: u32, _: u32) -> Checked<i32> {
    first(
        mem,
        bytes,
        size,
        #[inline(always)]
        |header| {
            // Synchronisation; no reserved version, layer, bit rate or sampling rate.
            header >> 21 == 0x7ff
                && header >> 19 & 3 != 1
                && header >> 17 & 3 != 0
                && header >> 12 & 15 != 15
                && header >> 10 & 3 != 3
        },
    )
}

/// The first header of AAC's transport stream (ISO/IEC 13818-7 section 6.2): the same parameters.
#[inline(always)]
pub(super) fn adts(mem: &mut [u8], bytes: Ptr, size: i32, _: u32, _: u32) -> Checked<i32> {
    first(
        mem,
        bytes,
        size,
        #[inline(always)]
        |header| header >> 16 & 0xfff6 == 0xfff0,
    )
}

/// At how many places there are four bytes that are those of a header where a mask says so: `int (const
/// uint8_t *bytes, int size, uint32_t header, uint32_t mask)`.
#[inline(always)]
pub(super) fn repeats(
    mem: &mut [u8],
    bytes: Ptr,
    size: i32,
    header: u32,
    mask: u32,
) -> Checked<i32> {
    let size = size.max(0) as usize;
    if mask >> 24 != 0xff {
        return Err(Trap::MemoryOutOfBounds);
    }
    let bytes = slice(mem, bytes.into(), if size == 0 { 0 } else { size + 3 })?;
    let mut count = 0;
    places(
        bytes,
        size,
        (header >> 24) as u8,
        #[inline(always)]
        |place| {
            if let Some(four) = bytes.get(place..).and_then(|rest| rest.first_chunk()) {
                count += i32::from((u32::from_be_bytes(*four) ^ header) & mask == 0);
            }
        },
    );
    Ok(count)
}
