//! Checksums: CRCs of every polynomial with the guest's own tables, the common ones faster, and
//! Adler-32 (RFC 1950, clause 8.2).

use super::Trap;
use super::guest::{Checked, Ptr, slice};

/// What a byte does to a CRC register, for the registers' low byte.
type Table = [u32; 256];

/// Entries of a table in the guest, if it is one of the large ones.
const LARGE: usize = 1024;

/// The CRC of ISO 3309 with its bits reversed: PNG, Matroska, gzip.
const REVERSED: Table = table(0xedb8_8320, true);

/// The same polynomial with the high bit first, in a register with its bytes swapped: Ogg, MPEG-2
/// systems. Eight tables: what a byte does so many bytes later.
const FORWARD: [Table; 8] = later(table(0x04c1_1db7, false));

const fn table(polynomial: u32, reversed: bool) -> Table {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut register = if reversed {
            byte as u32
        } else {
            (byte as u32) << 24
        };
        let mut bit = 0;
        while bit < 8 {
            register = match (reversed, register & 1, register >> 31) {
                (true, 1, _) => register >> 1 ^ polynomial,
                (true, _, _) => register >> 1,
                (false, _, 1) => register << 1 ^ polynomial,
                (false, _, _) => register << 1,
            };
            bit += 1;
        }
        table[byte] = if reversed {
            register
        } else {
            register.swap_bytes()
        };
        byte += 1;
    }
    table
}

const fn later(first: Table) -> [Table; 8] {
    let mut tables = [first; 8];
    let mut index = 1;
    while index < 8 {
        let mut byte = 0;
        while byte < 256 {
            let register = tables[index - 1][byte];
            tables[index][byte] = register >> 8 ^ first[(register & 255) as usize];
            byte += 1;
        }
        index += 1;
    }
    tables
}

/// The CRC register after `length` bytes. The guest's table has 257 entries, the last one not 0, or
/// 1024: the same for one to three bytes later.
#[inline(always)]
pub(super) fn crc(mem: &mut [u8], table: Ptr, crc: u32, data: Ptr, length: u32) -> Checked<i32> {
    let data = slice(mem, data.into(), length as usize)?;
    let entries = slice(mem, table.into(), 4 * 257)?.as_chunks::<4>().0;
    let register = if is(entries, &REVERSED) {
        // That crate's registers are complements.
        let mut hasher = crc32fast::Hasher::new_with_initial(!crc);
        hasher.update(data);
        !hasher.finalize()
    } else if is(entries, &FORWARD[0]) {
        by_eights(&FORWARD, crc, data)
    } else if entries[256] == [0; 4] {
        let entries = slice(mem, table.into(), 4 * LARGE)?.as_chunks::<4>().0;
        match entries.first_chunk::<LARGE>() {
            Some(entries) => by_fours(entries, crc, data),
            None => return Err(Trap::MemoryOutOfBounds),
        }
    } else {
        let mut register = crc;
        for byte in data {
            let at = (register as u8 ^ byte) as usize;
            register = register >> 8 ^ u32::from_le_bytes(entries[at]);
        }
        register
    };
    Ok(register.cast_signed())
}

#[inline(always)]
fn is(entries: &[[u8; 4]], table: &Table) -> bool {
    let mut differ = 0;
    for (entry, known) in entries.iter().zip(table) {
        differ |= u32::from_le_bytes(*entry) ^ known;
    }
    differ == 0
}

#[inline(always)]
fn by_eights(tables: &[Table; 8], crc: u32, data: &[u8]) -> u32 {
    let mut register = crc;
    let (eights, rest) = data.as_chunks::<8>();
    for eight in eights {
        let word = u64::from_le_bytes(*eight) ^ u64::from(register);
        register = tables[7][(word & 255) as usize]
            ^ tables[6][(word >> 8 & 255) as usize]
            ^ tables[5][(word >> 16 & 255) as usize]
            ^ tables[4][(word >> 24 & 255) as usize]
            ^ tables[3][(word >> 32 & 255) as usize]
            ^ tables[2][(word >> 40 & 255) as usize]
            ^ tables[1][(word >> 48 & 255) as usize]
            ^ tables[0][(word >> 56) as usize];
    }
    for byte in rest {
        register = register >> 8 ^ tables[0][(register as u8 ^ byte) as usize];
    }
    register
}

#[inline(always)]
fn by_fours(entries: &[[u8; 4]; LARGE], crc: u32, data: &[u8]) -> u32 {
    let entry = |at: u32| u32::from_le_bytes(entries[at as usize % LARGE]);
    let mut register = crc;
    let (fours, rest) = data.as_chunks::<4>();
    for four in fours {
        let word = u32::from_le_bytes(*four) ^ register;
        register = entry(768 + (word & 255))
            ^ entry(512 + (word >> 8 & 255))
            ^ entry(256 + (word >> 16 & 255))
            ^ entry(word >> 24);
    }
    for byte in rest {
        register = register >> 8 ^ entry(u32::from(register as u8 ^ byte));
    }
    register
}

/// Adler-32 of `length` more bytes after those of `adler`.
#[inline(always)]
pub(super) fn adler(mem: &mut [u8], adler: u32, data: Ptr, length: u32) -> Checked<i32> {
    let mut sums = adler2::Adler32::from_checksum(adler);
    sums.write_slice(slice(mem, data.into(), length as usize)?);
    Ok(sums.checksum().cast_signed())
}
