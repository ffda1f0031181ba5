//! The kernels of ALAC and FLAC.

use afmpeg::kernels::KERNELS;

use crate::arena::{Arena, Random};
use crate::guest::Guest;

/// What is tested here, by the beginnings of names.
pub(crate) const TESTED: &[&str] = &["alac_", "stereo_", "flac_"];

/// Numbers around zero, most of them small, in runs of one size.
fn residuals(random: &mut Random, count: usize, bits: u32) -> Vec<i32> {
    let mut limit = 0;
    (0..count)
        .map(|_| {
            if random.below(20) == 0 {
                limit = (1 << random.below(bits as usize)) - 1;
            }
            let zero = random.below(3) == 0;
            if zero {
                0
            } else {
                random.between(-limit, limit)
            }
        })
        .collect()
}

/// A slow wave with noise.
fn samples(arena: &mut Arena, count: usize, limit: i32) -> u32 {
    let noise = [1, 300, limit / 3][arena.random.below(3)];
    let (mut value, mut slope) = (0, 0);
    let samples: Vec<i32> = (0..count)
        .map(|_| {
            slope += arena.random.between(-noise, noise) / 8;
            value = (value + slope).clamp(-limit, limit - 1);
            slope -= value / 16;
            value
        })
        .collect();
    arena.ints(&samples)
}

#[test]
fn prediction_that_adapts() {
    Guest::new().compare("alac_predict", 400, |arena| {
        let order = 1 + arena.random.below(8);
        let count = order + [0, 1, 2, 3, 50, 1000][arena.random.below(6)];
        let width = [16, 17, 25][arena.random.below(3)];
        let samples = samples(arena, count + order + 2, 1 << (width - 2));
        let coefficients: Vec<i32> = (0..order)
            .map(|_| arena.random.between(-600, 700))
            .collect();
        let coefficients = arena.ints(&coefficients);
        let to = arena.take(4 * (count + order + 2), 16, 0);
        let shift = 1 + arena.random.below(12) as u32;
        vec![
            to,
            samples,
            count as u32,
            order as u32,
            shift,
            coefficients,
            width,
        ]
    });
}

/// Room for codes, the bits before them, and a number of results.
fn room(arena: &mut Arena) -> [u32; 4] {
    let len = 1 << 15;
    let (to, result) = (arena.take(len, 16, 0), arena.ints(&[0]));
    [to, len as u32, 1 + arena.random.below(31) as u32, result]
}

#[test]
fn codes_of_alac() {
    Guest::new().compare("alac_write", 200, |arena| {
        let width = [16, 17, 24][arena.random.below(3)];
        let count = [1, 2, 100, 4096][arena.random.below(4)];
        let values = residuals(&mut arena.random, count, width);
        let values = arena.ints(&values);
        let [to, len, lead, result] = room(arena);
        let (history, multiplier, limit) = (10, 40, 14);
        vec![
            to,
            len,
            lead,
            result,
            values,
            count as u32,
            history,
            multiplier,
            limit,
            width,
        ]
    });
}

/// A block: number of samples, order of the predictor, of partitions.
fn block(random: &mut Random) -> [usize; 3] {
    let partitions = random.below(5);
    let count = (1 + random.below(60)) << (partitions + 1);
    let order = random.below(33.min(count >> partitions));
    [count, order, partitions]
}

#[test]
fn codes_of_flac() {
    Guest::new().compare("flac_write", 200, |arena| {
        let [count, order, partitions] = block(&mut arena.random);
        let width = 4 + arena.random.below(2) as u32;
        let values = residuals(&mut arena.random, count, 20);
        let largest = values.iter().map(|value| value.unsigned_abs()).max();
        // No code has more than 64 zeros or so.
        let least = largest
            .unwrap_or(0)
            .checked_ilog2()
            .unwrap_or(0)
            .saturating_sub(5);
        let parameters: Vec<i32> = (0..1 << partitions)
            .map(|_| (least as i32 + arena.random.below(8) as i32).min((1 << width) - 2))
            .collect();
        let [values, parameters] = [values, parameters].map(|list| arena.ints(&list));
        let [to, len, lead, result] = room(arena);
        vec![
            to,
            len,
            lead,
            result,
            values,
            count as u32,
            order as u32,
            partitions as u32,
            width,
            parameters,
        ]
    });
}

/// Bits, the most significant first.
#[derive(Default)]
struct Bits(Vec<bool>);

impl Bits {
    fn put(&mut self, value: u32, width: u32) {
        self.0
            .extend((0..width).rev().map(|bit| value >> bit & 1 != 0));
    }

    fn bytes(&self) -> Vec<u8> {
        self.0
            .chunks(8)
            .map(|eight| {
                let bits = eight.iter().enumerate();
                bits.fold(0, |byte, (at, bit)| byte | u8::from(*bit) << (7 - at))
            })
            .collect()
    }
}

/// Partitions of residuals, some of them not coded, after a few other bits.
fn stream(
    random: &mut Random,
    [count, order, partitions]: [usize; 3],
    width: u32,
) -> (Bits, Vec<i32>, usize) {
    let (mut bits, mut values) = (Bits::default(), Vec::new());
    let before = random.below(40) as u32;
    for _ in 0..before {
        bits.put(random.below(2) as u32, 1);
    }
    for part in 0..1 << partitions {
        let each = count >> partitions;
        let now = if part == 0 { each - order } else { each };
        let size = random.below(20) as u32;
        let list = residuals(random, now, 1 + size);
        if random.below(6) == 0 {
            bits.put((1 << width) - 1, width);
            bits.put(size + 1, 5);
            list.iter().for_each(|value| {
                bits.put(value.cast_unsigned() & ((2 << size) - 1), size + 1);
            });
        } else {
            let parameter = (size.saturating_sub(random.below(9) as u32)).min((1 << width) - 2);
            bits.put(parameter, width);
            for value in &list {
                let number = ((value << 1) ^ (value >> 31)).cast_unsigned();
                for _ in 0..number >> parameter {
                    bits.put(0, 1);
                }
                bits.put(1, 1);
                bits.put(number & ((1 << parameter) - 1), parameter);
            }
        }
        values.extend(list);
    }
    (bits, values, before as usize)
}

#[test]
fn residuals_of_flac() {
    Guest::new().compare("flac_read", 500, |arena| {
        let shape = block(&mut arena.random);
        let [count, order, partitions] = shape;
        let width = 4 + arena.random.below(2) as u32;
        let (bits, _, start) = stream(&mut arena.random, shape, width);
        let mut bytes = bits.bytes();
        let mut size = bits.0.len();
        let index = [start, start, arena.random.below(start + 1)][arena.random.below(3)];
        match arena.random.below(4) {
            // Bits that end too soon, and that are not what they should be.
            0 => size = start + arena.random.below(size - start) + 1,
            1 => {
                for _ in 0..3 {
                    let at = arena.random.below(bytes.len());
                    bytes[at] ^= 1 << arena.random.below(8);
                }
            }
            _ => {}
        }
        bytes.truncate(size.div_ceil(8));
        bytes.extend([0; 64]);
        let (bytes, to) = (arena.put(&bytes), arena.take(4 * count, 16, 0));
        let end = arena.ints(&[0]);
        vec![
            bytes,
            index as u32,
            size as u32,
            to,
            count as u32,
            order as u32,
            partitions as u32,
            width,
            end,
        ]
    });
}

/// The library's code does what a kernel refuses: that a kernel does something shows in its answer.
fn answer(name: &str, memory: &mut [u8], args: &[u64]) -> u64 {
    let kernel = KERNELS.iter().find(|kernel| kernel.function.name == name);
    let function = kernel.expect("the kernel is in the table").function;
    (function.call)(memory, args).expect("all addresses are in memory")
}

fn word(memory: &[u8], at: usize) -> u32 {
    let bytes = memory[at..].first_chunk().expect("four bytes are there");
    u32::from_le_bytes(*bytes)
}

#[test]
fn whole_blocks_are_read_and_written() {
    let mut random = Random::new(3);
    let (bytes_at, values_at, index_at, writer_at) = (64_u64, 1 << 17, 16, 32);
    for _ in 0..200 {
        let shape = block(&mut random);
        let [count, order, partitions] = shape.map(|number| number as u64);
        let (bits, values, start) = stream(&mut random, shape, 5);
        let mut memory = vec![0; 1 << 18];
        let bytes = bits.bytes();
        memory[64..64 + bytes.len()].copy_from_slice(&bytes);
        memory[16..20].copy_from_slice(&(start as u32).to_le_bytes());
        let size = bits.0.len() as u64;
        let args = [
            bytes_at, index_at, size, values_at, count, order, partitions, 5,
        ];
        let done = answer("flac_read", &mut memory, &args);
        assert_eq!(done, 1, "a stream of {shape:?}");
        assert_eq!(u64::from(word(&memory, 16)), size, "a stream of {shape:?}");
        let read: Vec<i32> = (0..values.len())
            .map(|index| word(&memory, values_at as usize + 4 * index).cast_signed())
            .collect();
        assert_eq!(read, values, "a stream of {shape:?}");

        // With room for them, residuals are written; without, nothing counts as written.
        let parameters_at = 1 << 16;
        memory[1 << 16..][..64].fill(0);
        let padded: Vec<i32> = vec![0; order as usize].into_iter().chain(values).collect();
        for (index, value) in padded.iter().enumerate() {
            memory[(1 << 17) + 4 * index..][..4].copy_from_slice(&value.to_le_bytes());
        }
        let zeros: u64 = padded[order as usize..]
            .iter()
            .map(|value| u64::from(((value << 1) ^ (value >> 31)).cast_unsigned()) + 1)
            .sum();
        let length = zeros + (5 << partitions);
        // What is less than a word waits.
        let words = length / 32 * 4;
        for room in [words, words.saturating_sub(1)] {
            let state = [0, 0, 1 << 19, (1 << 19) + room as u32];
            for (index, number) in state.iter().enumerate() {
                memory[32 + 4 * index..][..4].copy_from_slice(&u32::to_le_bytes(*number));
            }
            let mut larger = memory.clone();
            larger.resize((1 << 19) + length as usize / 8 + 64, 0);
            let args = [
                writer_at,
                values_at,
                count,
                order,
                partitions,
                5,
                parameters_at,
            ];
            let done = answer("flac_write", &mut larger, &args);
            assert_eq!(done, u64::from(room == words), "{shape:?} in {room} bytes");
            let next = word(&larger, 40);
            let written = 8 * u64::from(next - (1 << 19)) + u64::from(word(&larger, 36));
            assert_eq!(written, done * length, "{shape:?} in {room} bytes");
        }
    }
}

#[test]
fn counts_of_encoders() {
    let mut guest = Guest::new();
    guest.compare("stereo_sums", 200, |arena| {
        let count = [0, 1, 2, 3, 9, 10, 11, 4096][arena.random.below(8)];
        let limit = [100, 1 << 15, 1 << 24][arena.random.below(3)];
        let mut list = |count| -> Vec<i32> {
            (0..count)
                .map(|_| arena.random.between(-limit, limit - 1))
                .collect()
        };
        let lists = [list(count + 1), list(count + 1)];
        let [left, right] = lists.map(|list| arena.ints(&list));
        vec![left, right, count as u32, arena.ints(&[0; 8])]
    });
    guest.compare("flac_partition_sums", 200, |arena| {
        let [count, order, partitions] = block(&mut arena.random);
        let values = arena.take(4 * count, 16, 0);
        let sums = arena.ints(&[0; 64]);
        vec![values, count as u32, order as u32, partitions as u32, sums]
    });
    guest.compare("flac_code_bits", 200, |arena| {
        let count = arena.random.below(300);
        let values = arena.take(4 * count, 16, 0);
        let parameter = arena.random.below(31) as u32;
        vec![values, count as u32, parameter, arena.ints(&[0; 2])]
    });
}
