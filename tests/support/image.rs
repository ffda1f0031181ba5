//! Decodes still pictures and animations with independent decoders, to RGB.

use std::io::Cursor;

/// A picture of 8-bit RGB, rows from the top without padding.
pub(crate) struct Picture {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) rgb: Vec<u8>,
}

impl Picture {
    /// Decodes a PNG.
    #[track_caller]
    pub(crate) fn png(bytes: &[u8]) -> Self {
        let mut decoder = png::Decoder::new(Cursor::new(bytes));
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().expect("a PNG header");
        let mut data = vec![0; reader.output_buffer_size().expect("a sane size")];
        let info = reader.next_frame(&mut data).expect("a whole PNG picture");
        reader.finish().expect("nothing but a PNG to its end");
        data.truncate(info.buffer_size());
        let rgb = match info.color_type {
            png::ColorType::Rgb => data,
            png::ColorType::Rgba => data
                .chunks_exact(4)
                .flat_map(|p| [p[0], p[1], p[2]])
                .collect(),
            png::ColorType::Grayscale => data.iter().flat_map(|&y| [y; 3]).collect(),
            other => panic!("unexpected colour type {other:?}"),
        };
        Self {
            width: info.width as usize,
            height: info.height as usize,
            rgb,
        }
    }

    /// Decodes a JPEG.
    #[track_caller]
    pub(crate) fn jpeg(bytes: &[u8]) -> Self {
        let mut decoder = zune_jpeg::JpegDecoder::new(Cursor::new(bytes));
        let rgb = decoder.decode().expect("a whole JPEG picture");
        let (width, height) = decoder.dimensions().expect("decoded, so the size is known");
        assert_eq!(rgb.len(), width * height * 3, "the JPEG decodes to RGB");
        Self { width, height, rgb }
    }

    /// The colour at a place.
    pub(crate) fn at(&self, x: usize, y: usize) -> [u8; 3] {
        let i = (y * self.width + x) * 3;
        [self.rgb[i], self.rgb[i + 1], self.rgb[i + 2]]
    }

    /// The mean brightness, from 0 to 255.
    pub(crate) fn mean(&self) -> f64 {
        self.rgb.iter().map(|&v| f64::from(v)).sum::<f64>() / self.rgb.len() as f64
    }
}

/// The frames of a GIF as their delays in hundredths of a second, with the canvas size.
#[track_caller]
pub(crate) fn gif_frames(bytes: &[u8]) -> (u16, u16, Vec<u16>) {
    let mut decoder = gif::Decoder::new(Cursor::new(bytes)).expect("a GIF header");
    let mut delays = Vec::new();
    while let Some(frame) = decoder.read_next_frame().expect("a whole GIF frame") {
        delays.push(frame.delay);
    }
    (decoder.width(), decoder.height(), delays)
}
