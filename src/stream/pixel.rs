//! How the pixels of a raw frame lie in memory.

use std::fmt;

/// The layout of the pixels of a [`VideoFrame`](super::VideoFrame).
///
/// Planes follow one another without padding, as FFmpeg's raw video has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PixelFormat {
    /// One plane of red, green, blue and opacity, a byte each.
    Rgba,
    /// One plane of blue, green, red and opacity, a byte each.
    Bgra,
    /// One plane of red, green and blue, a byte each.
    Rgb24,
    /// One plane of brightness, a byte a pixel.
    Gray8,
    /// Planes of Y, and of U and V at half the width and half the height, a byte a sample.
    Yuv420p,
    /// Planes of Y, and of U and V at half the width, a byte a sample.
    Yuv422p,
    /// Planes of Y, U and V, a byte a sample.
    Yuv444p,
    /// As [`Yuv420p`](Self::Yuv420p) with ten bits a sample, in two bytes, the lower one first.
    Yuv420p10,
    /// A plane of Y and one in which U and V alternate, at half the width and half the height.
    Nv12,
}

/// Where one plane of a frame lies: its samples are `rows` rows of `stride` bytes each, without padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) start: usize,
    pub(super) stride: usize,
    pub(super) rows: usize,
}

impl PixelFormat {
    /// FFmpeg's name of it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rgba => "rgba",
            Self::Bgra => "bgra",
            Self::Rgb24 => "rgb24",
            Self::Gray8 => "gray",
            Self::Yuv420p => "yuv420p",
            Self::Yuv422p => "yuv422p",
            Self::Yuv444p => "yuv444p",
            Self::Yuv420p10 => "yuv420p10le",
            Self::Nv12 => "nv12",
        }
    }

    /// The bytes of a frame of this size in pixels; `None` when that is more than can be addressed.
    #[must_use]
    pub fn frame_bytes(self, width: u32, height: u32) -> Option<usize> {
        let planes = self.layouts(width, height)?;
        let last = planes.last()?;
        Some(last.start + last.stride * last.rows)
    }

    /// The planes of a frame of this size, in the order in which they lie.
    pub(super) fn layouts(self, width: u32, height: u32) -> Option<Vec<Layout>> {
        let mut start = 0_usize;
        let mut planes = Vec::new();
        for &(bytes, across, down) in self.planes() {
            let stride = usize::try_from(width.div_ceil(across))
                .ok()?
                .checked_mul(bytes)?;
            let rows = usize::try_from(height.div_ceil(down)).ok()?;
            planes.push(Layout {
                start,
                stride,
                rows,
            });
            start = start.checked_add(stride.checked_mul(rows)?)?;
        }
        Some(planes)
    }

    /// Of each plane: the bytes of a sample, and how many pixels it is for, across and down.
    fn planes(self) -> &'static [(usize, u32, u32)] {
        match self {
            Self::Rgba | Self::Bgra => &[(4, 1, 1)],
            Self::Rgb24 => &[(3, 1, 1)],
            Self::Gray8 => &[(1, 1, 1)],
            Self::Yuv420p => &[(1, 1, 1), (1, 2, 2), (1, 2, 2)],
            Self::Yuv422p => &[(1, 1, 1), (1, 2, 1), (1, 2, 1)],
            Self::Yuv444p => &[(1, 1, 1), (1, 1, 1), (1, 1, 1)],
            Self::Yuv420p10 => &[(2, 1, 1), (2, 2, 2), (2, 2, 2)],
            Self::Nv12 => &[(1, 1, 1), (2, 2, 2)],
        }
    }
}

impl fmt::Display for PixelFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_follow_one_another_and_odd_sizes_round_up() {
        let sizes = |format: PixelFormat| format.frame_bytes(5, 3);
        assert_eq!(sizes(PixelFormat::Rgba), Some(60));
        assert_eq!(sizes(PixelFormat::Rgb24), Some(45));
        assert_eq!(sizes(PixelFormat::Gray8), Some(15));
        assert_eq!(sizes(PixelFormat::Yuv420p), Some(15 + 6 + 6));
        assert_eq!(sizes(PixelFormat::Yuv422p), Some(15 + 9 + 9));
        assert_eq!(sizes(PixelFormat::Yuv420p10), Some(2 * 27));
        assert_eq!(sizes(PixelFormat::Nv12), Some(15 + 12));
        let planes = PixelFormat::Yuv420p.layouts(5, 3).expect("it is small");
        let starts: Vec<_> = planes.iter().map(|plane| plane.start).collect();
        assert_eq!(starts, [0, 15, 21]);
        assert_eq!((planes[1].stride, planes[1].rows), (3, 2));
    }

    #[test]
    #[cfg(target_pointer_width = "64")]
    fn a_frame_too_large_to_address_has_no_size() {
        assert_eq!(PixelFormat::Rgba.frame_bytes(u32::MAX, u32::MAX), None);
    }
}
