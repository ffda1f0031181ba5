//! The kernels of probes.

use crate::arena::Arena;
use crate::guest::Guest;

/// What is tested here, by the beginnings of names.
pub(crate) const TESTED: &[&str] = &["probe_"];

/// Bytes of which more than by chance are like the first of a header.
fn bytes(arena: &mut Arena, size: usize, first: u8) -> u32 {
    let often = [5, 60, 100_000][arena.random.below(3)];
    let bytes: Vec<u8> = (0..size + 8)
        .map(|_| match arena.random.below(often) {
            0 => first,
            1 => 0xfb,
            _ => arena.random.below(256) as u8,
        })
        .collect();
    arena.put(&bytes)
}

fn size(arena: &mut Arena) -> usize {
    [0, 1, 3, 4, 31, 32, 33, 64, 2048, 40_000][arena.random.below(10)]
}

#[test]
fn packets_of_transport_streams() {
    Guest::new().compare("probe_mpegts", 200, |arena| {
        let size = size(arena);
        let packet = [188, 192, 204][arena.random.below(3)];
        let at = bytes(arena, size, 0x47);
        if arena.random.below(2) == 0 {
            let start = (at - arena.base) as usize;
            for place in (start..start + size).step_by(packet) {
                arena.data[place] = 0x47;
            }
        }
        let strict = arena.random.below(2) as u32;
        let score = arena.ints(&[0]);
        vec![at, size as u32, packet as u32, strict, score]
    });
}

#[test]
fn headers_of_mpeg_audio() {
    let mut guest = Guest::new();
    for name in ["probe_mpeg_audio", "probe_adts"] {
        guest.compare(name, 200, |arena| {
            let size = size(arena);
            let bytes = bytes(arena, size, 0xff);
            vec![bytes, size as u32, arena.ints(&[0])]
        });
    }
    guest.compare("probe_repeats", 200, |arena| {
        let size = size(arena);
        let at = bytes(arena, size, 0xff);
        let start = (at - arena.base) as usize;
        for _ in 0..3 {
            let place = start + arena.random.below(size + 1);
            arena.data[place..place + 4].copy_from_slice(&[0xff, 0xfb, 0x92, 0x44]);
        }
        vec![at, size as u32, 0xfffb_9064, arena.ints(&[0])]
    });
}
