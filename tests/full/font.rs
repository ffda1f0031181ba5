//! A font whose letters are boxes, so that a test knows each pixel that is drawn: TrueType with the tables that a
//! reader needs and no more.

/// Units of an em, and what every letter advances by.
const EM: i16 = 1000;

/// A letter and its box in the em: left, bottom, right, top.
pub(crate) type Glyph = (char, [i16; 4]);

/// A box of eight tenths of an em, on the line.
pub(crate) const TALL: [i16; 4] = [100, 0, 900, 800];

/// Half as high.
pub(crate) const LOW: [i16; 4] = [100, 0, 900, 400];

/// A font of that family with these letters, of the basic plane and in the order of their codes, and an empty space.
pub(crate) fn boxes(family: &str, letters: &[Glyph]) -> Vec<u8> {
    let mut codes = vec![u16::from(b' ')];
    // Neither what stands for an absent letter nor the space has an outline.
    let mut outlines = vec![Vec::new(), Vec::new()];
    for (letter, corners) in letters {
        codes.push(u16::try_from(*letter as u32).expect("a letter of the basic plane"));
        outlines.push(outline(*corners));
    }
    assert!(
        codes.is_sorted(),
        "the letters are in the order of their codes"
    );
    let count = outlines.len() as u16;

    let mut glyf = Vec::new();
    let mut loca = words(&[0]);
    for outline in &outlines {
        glyf.extend(outline);
        loca.extend(words(&[(glyf.len() / 2) as u16]));
    }
    let mut hmtx = Vec::new();
    for corners in [[0; 4]; 2]
        .iter()
        .chain(letters.iter().map(|(_, corners)| corners))
    {
        hmtx.extend(words(&[EM as u16, corners[0] as u16]));
    }
    let tables: [(&[u8; 4], Vec<u8>); 8] = [
        (b"cmap", cmap(&codes)),
        (b"glyf", glyf),
        (b"head", head()),
        (b"hhea", hhea(count)),
        (b"hmtx", hmtx),
        (b"loca", loca),
        (b"maxp", maxp(count)),
        (b"name", name(family)),
    ];

    let mut font = words(&[1, 0, tables.len() as u16, 128, 3, 0]);
    let mut at = font.len() + 16 * tables.len();
    for (tag, table) in &tables {
        font.extend(*tag);
        // Readers of fonts do not look at checksums.
        font.extend([0; 4]);
        font.extend((at as u32).to_be_bytes());
        font.extend((table.len() as u32).to_be_bytes());
        at += table.len().next_multiple_of(4);
    }
    for (_, table) in &tables {
        font.extend(table);
        font.resize(font.len().next_multiple_of(4), 0);
    }
    font
}

fn words(values: &[u16]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_be_bytes())
        .collect()
}

/// One contour of four points, clockwise.
fn outline([left, bottom, right, top]: [i16; 4]) -> Vec<u8> {
    let mut glyph = words(&[1, left as u16, bottom as u16, right as u16, top as u16]);
    glyph.extend(words(&[3, 0]));
    // Each point is on the curve, each coordinate a word.
    glyph.extend([1; 4]);
    let (wide, high) = (right - left, top - bottom);
    glyph.extend(words(&[left, 0, wide, 0].map(|x| x as u16)));
    glyph.extend(words(&[bottom, high, 0, -high].map(|y| y as u16)));
    glyph
}

/// Letter `n` is glyph `n + 1`: a segment for each, and the one that ends the list.
fn cmap(codes: &[u16]) -> Vec<u8> {
    let mut codes = codes.to_vec();
    codes.push(0xffff);
    let count = codes.len() as u16;
    let deltas: Vec<u16> = (1..)
        .zip(&codes)
        .map(|(glyph, code)| {
            if *code == 0xffff {
                1
            } else {
                0_u16.wrapping_add(glyph).wrapping_sub(*code)
            }
        })
        .collect();
    let mut table = words(&[0, 1, 3, 1, 0, 12]);
    table.extend(words(&[4, 16 + 8 * count, 0, 2 * count, 0, 0, 0]));
    table.extend(words(&codes));
    table.extend(words(&[0]));
    table.extend(words(&codes));
    table.extend(words(&deltas));
    table.extend(words(&vec![0; codes.len()]));
    table
}

fn head() -> Vec<u8> {
    let mut table = words(&[1, 0, 1, 0, 0, 0, 0x5f0f, 0x3cf5, 0, EM as u16]);
    table.extend([0; 16]);
    table.extend(words(&[
        0,
        (-200_i16) as u16,
        EM as u16,
        800,
        0,
        8,
        2,
        0,
        0,
    ]));
    table
}

fn hhea(count: u16) -> Vec<u8> {
    let mut table = words(&[
        1,
        0,
        800,
        (-200_i16) as u16,
        0,
        EM as u16,
        0,
        0,
        EM as u16,
        1,
    ]);
    table.extend([0; 14]);
    table.extend(words(&[count]));
    table
}

fn maxp(count: u16) -> Vec<u8> {
    words(&[1, 0, count, 4, 1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0])
}

/// The family, as Windows has it, in English.
fn name(family: &str) -> Vec<u8> {
    let text: Vec<u16> = family.encode_utf16().collect();
    let mut table = words(&[0, 1, 18, 3, 1, 0x409, 1, 2 * text.len() as u16, 0]);
    table.extend(words(&text));
    table
}
