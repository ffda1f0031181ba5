//! Two 4x4 blocks of 16-bit numbers beside each other in lanes.

use wide::i16x8;

use super::lanes::{from_halves, interleave, interleave_pairs};

/// Four rows: the first four lanes are of the first block, the others of the second.
pub(super) type Pair = [i16x8; 4];

/// A 4x4 block in reading order.
pub(super) type Block = [i16x8; 2];

/// Two blocks beside each other.
#[inline(always)]
pub(super) fn beside([a, b]: Block, [c, d]: Block) -> Pair {
    let ([first, second], [third, fourth]) = (from_halves(a, c), from_halves(b, d));
    [first, second, third, fourth]
}

/// The two blocks, each with its rows as columns.
#[inline(always)]
pub(super) fn apart_turned([a, b, c, d]: Pair) -> [Block; 2] {
    let ([left, right], [other_left, other_right]) = (interleave(a, b), interleave(c, d));
    [
        interleave_pairs(left, other_left),
        interleave_pairs(right, other_right),
    ]
}

/// Rows as columns, in each of the blocks.
#[inline(always)]
pub(super) fn turned(pair: Pair) -> Pair {
    let [a, b] = apart_turned(pair);
    beside(a, b)
}
