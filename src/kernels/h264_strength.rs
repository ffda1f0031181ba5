//! How strongly the edges between the blocks of a predicted macroblock are filtered (ITU-T H.264,
//! 8.7.2.1), as far as that follows from coefficients and motion.
//!
//! The engine gives what it knows of a macroblock's sixteen 4x4 blocks and of their neighbours in
//! rows of eight, five of them: the neighbours above are in the first row from column 4 on, those on
//! the left in column 3 of the other rows.

use wide::{i16x8, u8x16};

use super::block::store_i16;
use super::guest::{Checked, Ptr, bytes};
use super::lanes::words;

/// Writes the strengths of the four vertical edges from left to right, four each from the top, then
/// of the four horizontal edges from the top, four each from the left: 2 where one of the two blocks
/// has coefficients, else 1 where they are predicted from different places, else 0.
///
/// `counts` are of coefficients; `pictures` identifies what each block is predicted from, -1 nothing,
/// for one or (`two_lists`) two lists; `vectors` are the motion vectors, 0 where there is no picture.
/// The other parameters say which edges need no look, which is not worth a branch here.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
pub(super) fn edges(
    mem: &mut [u8],
    out: Ptr,
    counts: Ptr,
    pictures: Ptr,
    vectors: Ptr,
    two_lists: i32,
    _edges: i32,
    _step: i32,
    _same_along: i32,
    _same_across: i32,
    field: i32,
) -> Checked {
    let counts = Grid::new(bytes(mem, counts.into())?);
    let first = List::read(mem, pictures, vectors, 0)?;
    let second = if two_lists == 0 {
        None
    } else {
        Some(List::read(mem, pictures, vectors, 1)?)
    };
    // Vertical motion in a field is in units of twice the height.
    let down = if field == 0 { 3 } else { 1 };
    let most = i16x8::new([3, down, 3, down, 3, down, 3, down]);
    let mut strengths = [u8x16::ZERO; 2];
    for (direction, strengths) in strengths.iter_mut().enumerate() {
        let coded = unequal(counts.own | counts.beside[direction], u8x16::ZERO);
        let straight = first.differs(&first, direction, most);
        let moved = match &second {
            None => straight,
            // The same two predictions may come in either order.
            Some(second) => {
                let ordered = straight | second.differs(second, direction, most);
                let crossed = first.differs(second, direction, most)
                    | second.differs(&first, direction, most);
                ordered & crossed
            }
        };
        *strengths = (coded + coded).max(moved);
    }
    let [vertical, horizontal] = strengths;
    let s = vertical.to_array();
    let turned = u8x16::new([
        s[0], s[4], s[8], s[12], s[1], s[5], s[9], s[13], s[2], s[6], s[10], s[14], s[3], s[7],
        s[11], s[15],
    ]);
    for (place, strengths) in [(0, turned), (32, horizontal)] {
        let at = i64::from(out) + place;
        let (low, high) = (
            i16x8::from_u8x16_low(strengths),
            i16x8::from_u8x16_high(strengths),
        );
        store_i16(mem, at, &low.to_array())?;
        store_i16(mem, at + 16, &high.to_array())?;
    }
    Ok(())
}

/// A byte of each block, row by row, and of the blocks beside it: to the left, and above.
struct Grid {
    own: u8x16,
    beside: [u8x16; 2],
}

impl Grid {
    #[inline(always)]
    fn new(cache: &[u8; 40]) -> Self {
        let (mut own, mut left, mut above) = ([0; 16], [0; 16], [0; 16]);
        for y in 0..4 {
            own[4 * y..][..4].copy_from_slice(&cache[8 * y + 12..][..4]);
            left[4 * y..][..4].copy_from_slice(&cache[8 * y + 11..][..4]);
            above[4 * y..][..4].copy_from_slice(&cache[8 * y + 4..][..4]);
        }
        Self {
            own: u8x16::new(own),
            beside: [u8x16::new(left), u8x16::new(above)],
        }
    }
}

/// The prediction of the blocks from one list.
struct List {
    pictures: Grid,
    /// Vectors of a row of blocks: across and down by turns.
    own: [i16x8; 4],
    beside: [[i16x8; 4]; 2],
}

impl List {
    #[inline(always)]
    fn read(mem: &[u8], pictures: Ptr, vectors: Ptr, list: i64) -> Checked<Self> {
        let pictures = Grid::new(bytes(mem, i64::from(pictures) + 40 * list)?);
        let vectors: &[u8; 160] = bytes(mem, i64::from(vectors) + 160 * list)?;
        let (mut own, mut left, mut above) = ([i16x8::ZERO; 4], [i16x8::ZERO; 4], [i16x8::ZERO; 4]);
        for y in 0..4 {
            own[y] = four_vectors(vectors, 8 * y + 12);
            left[y] = four_vectors(vectors, 8 * y + 11);
            above[y] = four_vectors(vectors, 8 * y + 4);
        }
        Ok(Self {
            pictures,
            own,
            beside: [left, above],
        })
    }

    /// 1 for each block whose prediction from this list differs from that of the block beside it
    /// from the other.
    #[inline(always)]
    fn differs(&self, other: &Self, direction: usize, most: i16x8) -> u8x16 {
        let mut far = [i16x8::ZERO; 4];
        for (y, far) in far.iter_mut().enumerate() {
            let (a, b) = (self.own[y], other.beside[direction][y]);
            let distance = a.saturating_sub(b).max(b.saturating_sub(a));
            *far = distance.simd_gt(most) & i16x8::splat(1);
        }
        // A pair of bytes is one block.
        let upper = u8x16::narrow_i16x8(far[0], far[1]);
        let lower = u8x16::narrow_i16x8(far[2], far[3]);
        let far = u8x16::narrow_i16x8(words(&upper.to_array()), words(&lower.to_array()));
        unequal(self.pictures.own, other.pictures.beside[direction]) | far.min(u8x16::splat(1))
    }
}

/// 1 where lanes differ.
#[inline(always)]
fn unequal(a: u8x16, b: u8x16) -> u8x16 {
    !a.simd_eq(b) & u8x16::splat(1)
}

#[inline(always)]
fn four_vectors(vectors: &[u8; 160], index: usize) -> i16x8 {
    let mut four = [0; 16];
    four.copy_from_slice(&vectors[4 * index..][..16]);
    words(&four)
}
