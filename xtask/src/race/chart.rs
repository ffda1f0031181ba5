//! The bar chart of a race: for each workload how many times as fast as plain interpretation everyone is.

use std::convert::Infallible;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use embedded_graphics::mono_font::ascii::{FONT_6X13, FONT_9X15, FONT_10X20};
use embedded_graphics::mono_font::{MonoFont, MonoTextStyle};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::prelude::*;
use embedded_graphics::primitives::{PrimitiveStyle, Rectangle};
use embedded_graphics::text::{Alignment, Text};

use super::peers::COLUMNS;
use super::table::Table;
use crate::failure::{Failure, Result};

/// A colour for each column, apart also for who sees red and green alike.
const COLOURS: [Rgb888; COLUMNS.len()] = [
    Rgb888::new(0x33, 0x33, 0x33),
    Rgb888::new(0x8c, 0x8c, 0x8c),
    Rgb888::new(0xe6, 0x9f, 0x00),
    Rgb888::new(0xcc, 0x79, 0xa7),
    Rgb888::new(0x99, 0xd0, 0xf0),
    Rgb888::new(0x3a, 0x93, 0xd0),
    Rgb888::new(0x00, 0x4d, 0x80),
];

const TEXT: Rgb888 = Rgb888::new(0x20, 0x20, 0x20);
const GRID: Rgb888 = Rgb888::new(0xdd, 0xdd, 0xdd);

/// Pixels: a bar, the space between two groups, the frame around the bars.
const BAR: i32 = 32;
const GAP: i32 = 28;
const LEFT: i32 = 70;
const TOP: i32 = 110;
const PLOT: i32 = 460;
const BOTTOM: i32 = 50;
/// Room for the legend beside a few groups.
const LEAST_WIDTH: i32 = 1000;

/// Draws the chart into a PNG file.
pub(super) fn draw(table: &Table, path: &Path) -> Result<()> {
    let canvas = paint(table);
    let failed = |error: png::EncodingError| {
        Failure::new(format!("cannot write {}: {error}", path.display()))
    };
    let file = File::create(path).map_err(Failure::io("create", path))?;
    let mut encoder =
        png::Encoder::new(BufWriter::new(file), canvas.size.width, canvas.size.height);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(&canvas.pixels).map_err(failed)?;
    writer.finish().map_err(failed)
}

/// An RGB picture, row by row.
struct Canvas {
    size: Size,
    pixels: Vec<u8>,
}

fn paint(table: &Table) -> Canvas {
    let shown: Vec<usize> = (0..COLUMNS.len())
        .filter(|i| table.peers.contains_key(COLUMNS[*i].name))
        .collect();
    let group = BAR * shown.len() as i32 + GAP;
    let width = LEAST_WIDTH.max(LEFT + group * table.rows.len() as i32 + GAP);
    let mut canvas = Canvas::new(width, TOP + PLOT + BOTTOM);
    canvas.text(
        "Times as fast as plain interpretation (CPU time, one thread)",
        &FONT_10X20,
        Point::new(LEFT, 32),
        Alignment::Left,
    );
    canvas.legend(&shown);
    let highest = table
        .rows
        .iter()
        .flat_map(|row| COLUMNS.iter().filter_map(|c| Table::speedup(row, c.name)))
        .fold(1.0, f64::max);
    let step = grid_step(highest);
    // Room above the highest bar for its figure.
    let scale = f64::from(PLOT) / (highest * 1.05);
    let height = |value: f64| (value * scale).round() as i32;
    let mut line = 0.0;
    while line <= highest * 1.05 {
        let y = TOP + PLOT - height(line);
        canvas.bar(Point::new(LEFT, y), width - LEFT - GAP, 1, GRID);
        let label = format!("{line}x");
        canvas.text(
            &label,
            &FONT_9X15,
            Point::new(LEFT - 8, y + 5),
            Alignment::Right,
        );
        line += step;
    }
    for (number, row) in table.rows.iter().enumerate() {
        let left = LEFT + GAP / 2 + group * number as i32;
        for (place, column) in shown.iter().enumerate() {
            let Some(times) = Table::speedup(row, COLUMNS[*column].name) else {
                continue;
            };
            let x = left + BAR * place as i32;
            let tall = height(times).max(1);
            let top = TOP + PLOT - tall;
            canvas.bar(Point::new(x + 1, top), BAR - 2, tall, COLOURS[*column]);
            let figure = format!("{times:.1}");
            canvas.text(
                &figure,
                &FONT_6X13,
                Point::new(x + BAR / 2, top - 4),
                Alignment::Center,
            );
        }
        let middle = left + (group - GAP) / 2;
        let below = Point::new(middle, TOP + PLOT + 26);
        canvas.text(row.name, &FONT_10X20, below, Alignment::Center);
    }
    canvas
}

/// The distance of two lines of the grid: 1, 2 or 5 times a power of ten, at most ten lines.
fn grid_step(highest: f64) -> f64 {
    let mut power = 1.0;
    loop {
        for factor in [1.0, 2.0, 5.0] {
            if highest / (factor * power) <= 10.0 {
                return factor * power;
            }
        }
        power *= 10.0;
    }
}

impl Canvas {
    fn new(width: i32, height: i32) -> Self {
        let size = Size::new(width.unsigned_abs(), height.unsigned_abs());
        Self {
            size,
            pixels: vec![0xff; size.width as usize * size.height as usize * 3],
        }
    }

    fn legend(&mut self, shown: &[usize]) {
        let mut x = LEFT;
        for column in shown {
            self.bar(Point::new(x, 58), 16, 16, COLOURS[*column]);
            let name = COLUMNS[*column].name;
            self.text(name, &FONT_9X15, Point::new(x + 22, 71), Alignment::Left);
            x += 22 + 9 * name.len() as i32 + 24;
        }
    }

    fn bar(&mut self, at: Point, width: i32, height: i32, colour: Rgb888) {
        let size = Size::new(width.unsigned_abs(), height.unsigned_abs());
        let bar = Rectangle::new(at, size).into_styled(PrimitiveStyle::with_fill(colour));
        let Ok(()) = bar.draw(self);
    }

    fn text(&mut self, text: &str, font: &MonoFont<'_>, at: Point, alignment: Alignment) {
        let style = MonoTextStyle::new(font, TEXT);
        let Ok(_) = Text::with_alignment(text, at, style, alignment).draw(self);
    }

    #[cfg(test)]
    fn has(&self, colour: Rgb888) -> bool {
        let bytes = [colour.r(), colour.g(), colour.b()];
        self.pixels.chunks_exact(3).any(|pixel| pixel == bytes)
    }
}

impl OriginDimensions for Canvas {
    fn size(&self) -> Size {
        self.size
    }
}

impl DrawTarget for Canvas {
    type Color = Rgb888;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Rgb888>>>(
        &mut self,
        pixels: I,
    ) -> std::result::Result<(), Infallible> {
        for Pixel(at, colour) in pixels {
            let (Ok(x), Ok(y)) = (usize::try_from(at.x), usize::try_from(at.y)) else {
                continue;
            };
            if x >= self.size.width as usize {
                continue;
            }
            let start = (y * self.size.width as usize + x) * 3;
            if let Some(pixel) = self.pixels.get_mut(start..start + 3) {
                pixel.copy_from_slice(&[colour.r(), colour.g(), colour.b()]);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::race::table::tests::table;

    #[test]
    fn who_took_part_has_a_bar_and_who_did_not_has_none() {
        let canvas = paint(&table());
        let fast = COLUMNS.len() - 1;
        assert!(canvas.has(COLOURS[fast]));
        assert!(!canvas.has(COLOURS[0]), "native is absent");
    }

    #[test]
    fn the_file_is_a_png_of_the_size_of_the_canvas() {
        let path = crate::step::tests::scratch("race-chart").join("race.png");
        let canvas = paint(&table());
        draw(&table(), &path).expect("the folder is writable");
        let file = File::open(&path).expect("it was written");
        let reader = png::Decoder::new(std::io::BufReader::new(file))
            .read_info()
            .expect("it is a PNG");
        let size = Size::new(reader.info().width, reader.info().height);
        assert_eq!(size, canvas.size);
    }

    #[test]
    fn the_grid_has_ten_lines_at_most() {
        for (highest, step) in [(1.0, 1.0), (9.9, 1.0), (31.0, 5.0), (120.0, 20.0)] {
            assert_eq!(grid_step(highest), step, "{highest}");
        }
    }
}
