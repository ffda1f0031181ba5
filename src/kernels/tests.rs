//! The table fits the engine's list.

use std::collections::BTreeMap;
use std::path::Path;

use super::*;

/// The engine's list: each name with its first slot and their number.
fn listed() -> BTreeMap<String, (u32, u32)> {
    let header = Path::new(env!("CARGO_MANIFEST_DIR")).join("engine/kernels/kernels.h");
    let text = std::fs::read_to_string(header).expect("the header is part of the repository");
    let rows = text.lines().filter_map(|line| {
        let inside = line.trim().strip_prefix("X(")?.split_once(')')?.0;
        let mut fields = inside.split(',').map(str::trim);
        let first = fields.next()?.parse().ok()?;
        let number = fields.next()?.parse().ok()?;
        Some((fields.next()?.to_owned(), (first, number)))
    });
    rows.collect()
}

#[test]
fn the_table_and_the_engines_list_are_the_same() {
    let mut expected = BTreeMap::new();
    for (name, (first, number)) in listed() {
        for slot in first..first + number {
            assert!(slot < 2048, "{name} is over the end of the slots");
            let before = expected.insert(slot, name.clone());
            assert_eq!(before, None, "slot {slot} is given twice");
        }
    }
    for kernel in KERNELS {
        let name = kernel.function.name;
        let listed = expected
            .remove(&kernel.slot)
            .unwrap_or_else(|| panic!("slot {} ({name}) is not in kernels.h", kernel.slot));
        assert!(
            name.starts_with(&listed),
            "slot {}: {name} here, {listed} in kernels.h",
            kernel.slot
        );
    }
    assert!(expected.is_empty(), "no kernel for {expected:?}");
    assert!(KERNELS.is_sorted_by_key(|kernel| kernel.slot));
}

/// Addresses and numbers at every edge: kernels may trap, and nothing else may happen to the host.
#[test]
fn no_argument_makes_a_kernel_panic() {
    const SIZE: u64 = 1 << 16;
    let edges = [
        0,
        1,
        2,
        16,
        64,
        255,
        SIZE / 2,
        SIZE - 1,
        SIZE - 16,
        SIZE,
        SIZE + 1,
        1 << 20,
        0x7fff_ffff,
        0x8000_0000,
        0xffff_ffff,
        0xffff_fff0,
        0xffff_0000,
    ];
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state >> 16
    };
    let fill = random() | 1;
    let noise = |at: u64| (at.wrapping_mul(fill) >> 11) as u8;
    let memories: [Vec<u8>; 4] = [
        vec![0; SIZE as usize],
        vec![0xff; SIZE as usize],
        vec![0x7f; SIZE as usize],
        (0..SIZE).map(noise).collect(),
    ];
    for kernel in KERNELS {
        for round in 0..200 {
            let mut mem = memories[round % 4].clone();
            let args: Vec<u64> = kernel
                .function
                .params
                .iter()
                .map(|_| match random() % 3 {
                    0 => edges[(random() % edges.len() as u64) as usize],
                    1 => random() % SIZE,
                    _ => random() % 64,
                })
                .collect();
            match (kernel.function.call)(&mut mem, &args) {
                Ok(_) | Err(Trap::MemoryOutOfBounds | Trap::DivisionByZero) => {}
                Err(trap) => panic!("{} {args:?}: {trap}", kernel.function.name),
            }
        }
        let few = (kernel.function.call)(&mut [0; 16], &[]);
        assert!(matches!(few, Err(Trap::BadSignature)));
    }
}

/// Rows of stride 0 do not make a picture that is larger than memory.
#[test]
fn a_picture_larger_than_memory_is_none() {
    let mut mem = vec![0; 1 << 16];
    let size = mem.len() as i32;
    assert!(blend::mix_rows(&mut mem, 0, 0, 0, 0, 0, 0, size, size, 0.5).is_err());
    let mut named = KERNELS.iter().map(|kernel| kernel.function);
    let edges = named.find(|function| function.name == "emulated_edge");
    let size = mem.len() as u64;
    let args = [0, 0, 0, 0, size, size, 0, 0, size, 1];
    assert!(edges.is_some_and(|edges| (edges.call)(&mut mem, &args).is_err()));
}
