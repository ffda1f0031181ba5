//! Luma prediction from another picture at quarter samples (ITU-T H.264, 8.4.2.2.1), 8 bits a sample.

use std::array;

use super::guest::{Checked, Ptr, bytes, bytes_mut, slice};

/// Predicts `N`x`N` samples, or averages them with what is there (`AVG`). `AT` is the position: the
/// quarters to the right, plus four times the quarters down.
#[inline(always)]
pub(super) fn predict<const N: usize, const AVG: bool, const AT: usize>(
    mem: &mut [u8],
    dst: Ptr,
    src: Ptr,
    stride: i32,
) -> Checked {
    let from = Source {
        at: src.into(),
        stride: stride.into(),
    };
    let (right, down) = (AT % 4, AT / 4);
    // The names of the samples in figure 8-4: `b` and `h` are the half samples beside `G`, `s` and
    // `m` those one row down and one column to the right, `j` the one in the middle.
    let block = match (right, down) {
        (0, 0) => from.whole(mem)?,
        (2, 0) => from.half_right(mem)?,
        (0, 2) => from.half_down(mem)?,
        (2, 2) => from.middle(mem)?,
        (_, 0) => mean(from.moved(right / 2, 0).whole(mem)?, from.half_right(mem)?),
        (0, _) => mean(from.moved(0, down / 2).whole(mem)?, from.half_down(mem)?),
        (2, _) => mean(from.moved(0, down / 2).half_right(mem)?, from.middle(mem)?),
        (_, 2) => mean(from.moved(right / 2, 0).half_down(mem)?, from.middle(mem)?),
        _ => mean(
            from.moved(0, down / 2).half_right(mem)?,
            from.moved(right / 2, 0).half_down(mem)?,
        ),
    };
    for (y, values) in (0..).zip(block) {
        let row: &mut [u8; N] = bytes_mut(mem, i64::from(dst) + y * from.stride)?;
        *row = if AVG { mean_row(*row, values) } else { values };
    }
    Ok(())
}

type Block<const N: usize> = [[u8; N]; N];

#[derive(Clone, Copy)]
struct Source {
    at: i64,
    stride: i64,
}

impl Source {
    #[inline(always)]
    fn moved(self, right: usize, down: usize) -> Self {
        let at = self.at + right as i64 + down as i64 * self.stride;
        Self { at, ..self }
    }

    #[inline(always)]
    fn row(self, y: usize) -> i64 {
        self.at + y as i64 * self.stride
    }

    #[inline(always)]
    fn whole<const N: usize>(self, mem: &[u8]) -> Checked<Block<N>> {
        let mut block = [[0; N]; N];
        for (y, row) in block.iter_mut().enumerate() {
            *row = *bytes(mem, self.row(y))?;
        }
        Ok(block)
    }

    /// Half samples to the right: `b`.
    #[inline(always)]
    fn half_right<const N: usize>(self, mem: &[u8]) -> Checked<Block<N>> {
        let mut block = [[0; N]; N];
        for (y, row) in block.iter_mut().enumerate() {
            *row = round(tap_right(mem, self.row(y))?);
        }
        Ok(block)
    }

    /// Half samples down: `h`.
    #[inline(always)]
    fn half_down<const N: usize>(self, mem: &[u8]) -> Checked<Block<N>> {
        let mut rows = [[0; N]; MOST];
        for (y, row) in rows.iter_mut().enumerate().take(N + 5) {
            *row = *bytes(mem, self.at + (y as i64 - 2) * self.stride)?;
        }
        let mut block = [[0; N]; N];
        for (y, row) in block.iter_mut().enumerate() {
            *row = round(taps(array::from_fn(|k| &rows[y + k])));
        }
        Ok(block)
    }

    /// Half samples to the right and down: `j`, from sums to the right that are not rounded.
    #[inline(always)]
    fn middle<const N: usize>(self, mem: &[u8]) -> Checked<Block<N>> {
        let mut rows = [[0i16; N]; MOST];
        for (y, row) in rows.iter_mut().enumerate().take(N + 5) {
            *row = tap_right(mem, self.at + (y as i64 - 2) * self.stride)?;
        }
        let mut block = [[0; N]; N];
        for (y, row) in block.iter_mut().enumerate() {
            for x in 0..N {
                // Two sums fit 16 bits: one is between -2,550 and 10,710.
                let outer = i32::from(rows[y][x] + rows[y + 5][x]);
                let near = i32::from(rows[y + 1][x] + rows[y + 4][x]);
                let inner = i32::from(rows[y + 2][x] + rows[y + 3][x]);
                let five = (inner << 2) - near;
                row[x] = ((outer + (five << 2) + five + 512) >> 10).clamp(0, 255) as u8;
            }
        }
        Ok(block)
    }
}

/// The most rows that a block needs: its own and five more.
const MOST: usize = 21;

/// The six-tap filter along a row.
#[inline(always)]
fn tap_right<const N: usize>(mem: &[u8], at: i64) -> Checked<[i16; N]> {
    let row = slice(mem, at - 2, N + 5)?;
    let mut sums = [0; N];
    for (x, sum) in sums.iter_mut().enumerate() {
        let sample = |k: usize| i16::from(row[x + k]);
        *sum = weigh(
            sample(0) + sample(5),
            sample(1) + sample(4),
            sample(2) + sample(3),
        );
    }
    Ok(sums)
}

/// The six-tap filter across rows.
#[inline(always)]
fn taps<const N: usize>(rows: [&[u8; N]; 6]) -> [i16; N] {
    let mut sums = [0; N];
    for (x, sum) in sums.iter_mut().enumerate() {
        let sample = |k: usize| i16::from(rows[k][x]);
        *sum = weigh(
            sample(0) + sample(5),
            sample(1) + sample(4),
            sample(2) + sample(3),
        );
    }
    sums
}

/// Equations 8-241 and 8-242.
#[inline(always)]
fn weigh(outer: i16, near: i16, inner: i16) -> i16 {
    outer - 5 * near + 20 * inner
}

/// Equation 8-243.
#[inline(always)]
fn round<const N: usize>(sums: [i16; N]) -> [u8; N] {
    sums.map(|sum| ((sum + 16) >> 5).clamp(0, 255) as u8)
}

#[inline(always)]
fn mean<const N: usize>(a: Block<N>, b: Block<N>) -> Block<N> {
    let mut block = [[0; N]; N];
    for y in 0..N {
        block[y] = mean_row(a[y], b[y]);
    }
    block
}

#[inline(always)]
fn mean_row<const N: usize>(a: [u8; N], b: [u8; N]) -> [u8; N] {
    array::from_fn(|x| ((u16::from(a[x]) + u16::from(b[x]) + 1) >> 1) as u8)
}
