//! Codes of MPEG audio. Most bits are codes of something.

use crate::arena::{Arena, Random};
use crate::guest::{Guest, kernel};

/// What is tested here, by the beginnings of names.
pub(crate) const TESTED: &[&str] = &["mp3_pairs", "mp3_quads"];

/// Bits, the first of them that counts, and how many there are: also fewer than are read.
fn bits(arena: &mut Arena) -> [u32; 3] {
    let bytes = arena.take(4096, 16, 0);
    let position = arena.random.below(100) as u32;
    let size = [101, 170, 900, 8 * 4096 - 512][arena.random.below(4)];
    [bytes, position, size]
}

/// Exponents of a granule.
fn exponents(arena: &mut Arena) -> u32 {
    let lowest = arena.random.between(60, 400);
    let exponents = arena.random.many(576, lowest, lowest + 40);
    arena.shorts(&exponents)
}

/// A position up to the end of the bits, or behind it.
fn end(arena: &mut Arena, position: u32, size: u32) -> u32 {
    match arena.random.below(3) {
        0 => position + arena.random.below(300) as u32,
        _ => size,
    }
}

#[test]
fn numbers_of_layer_three() {
    let mut guest = Guest::new();
    guest.compare("mp3_pairs", 600, |arena| {
        let [bytes, position, size] = bits(arena);
        let end = end(arena, position, size).min(size);
        let table = 1 + arena.random.below(15) as u32;
        let escape_bits = [0, 1, 4, 13][arena.random.below(4)];
        let count = [0, 1, 2, 100, 288][arena.random.below(5)];
        let (exponents, to) = (exponents(arena), arena.take(4 * 576, 16, 0));
        let done = arena.ints(&[0; 2]);
        vec![
            bytes,
            position,
            end,
            size,
            table,
            escape_bits,
            exponents,
            to,
            count,
            done,
        ]
    });
    guest.compare("mp3_quads", 300, |arena| {
        let [bytes, position, size] = bits(arena);
        let end = end(arena, position, size).min(size);
        let table = arena.random.below(2) as u32;
        let from = [0, 2, 300, 568, 572, 574, 576][arena.random.below(7)];
        let (exponents, to) = (exponents(arena), arena.take(4 * 576, 16, 0));
        let done = arena.ints(&[0; 3]);
        vec![bytes, position, end, size, table, exponents, to, from, done]
    });
}

/// Tables of anything, addresses and numbers of any size: no panic, and no code begins behind the end.
#[test]
fn tables_of_noise() {
    let mut random = Random::new(9);
    // Where each has the number of bits.
    let reading = [("mp3_pairs", 3), ("mp3_quads", 3)];
    let (mut read, mut trapped) = (0, 0);
    for round in 0..8000 {
        // Symbols, and lengths of which some are none.
        let mut memory: Vec<u8> = (0..1 << 12)
            .flat_map(|_| {
                let symbol = random.next() as u16 >> random.below(16);
                let length = random.between(-9, 17) as i16;
                [symbol.to_le_bytes(), length.to_le_bytes()].concat()
            })
            .collect();
        let position = random.below(2000) as u32;
        memory[16..20].copy_from_slice(&position.to_le_bytes());
        let (name, size) = reading[round % reading.len()];
        let function = kernel(name).function;
        let mut args: Vec<u64> = function
            .params
            .iter()
            .map(|_| match random.below(40) {
                0 => u64::from(random.next() as u32),
                1..20 => 64 + random.below(1 << 13) as u64,
                _ => [1, 2, 4, 8, 10, 12][random.below(6)],
            })
            .collect();
        args[1] = 16;
        args[size] = [20_000, 1 << 30, random.next() & 0xffff_ffff][random.below(3)];
        // Where pairs and quads have the end of a granule.
        args[2] = args[size];
        let Ok(answer) = (function.call)(&mut memory, &args) else {
            trapped += 1;
            continue;
        };
        let after = memory[16..20].try_into().map(u32::from_le_bytes);
        let after = after.expect("four bytes are there");
        // Numbers may have gone to where the position is, until it is put back.
        if answer != 0 && after != position {
            read += 1;
            assert!(
                u64::from(after) < args[size] + 64,
                "{name}{args:x?} went from bit {position} to {after}"
            );
        }
    }
    assert!(
        read > 50 && trapped > 50,
        "{read} read something, {trapped} trapped"
    );
}
