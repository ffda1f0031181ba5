//! Reads what kind of picture a packet of H.264 is: the headers of its slices, and nothing behind them.

/// One coded picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) kind: Kind,
    /// Whether other pictures may refer to it (`nal_ref_idc`).
    pub(crate) referenced: bool,
}

/// Types of slices (table 7-6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    P,
    B,
    I,
}

impl Picture {
    /// The picture in a packet whose units have lengths of four bytes in front, as in MP4 and Matroska.
    #[track_caller]
    pub(crate) fn of(packet: &[u8]) -> Self {
        let mut rest = packet;
        while rest.len() > 4 {
            let size = u32::from_be_bytes([rest[0], rest[1], rest[2], rest[3]]) as usize;
            let unit = &rest[4..4 + size];
            if matches!(unit[0] & 31, 1 | 5) {
                let mut bits = Bits { data: unit, at: 8 };
                let _first_macroblock = bits.exp_golomb();
                let kind = match bits.exp_golomb() % 5 {
                    0 => Kind::P,
                    1 => Kind::B,
                    2 => Kind::I,
                    other => panic!("no picture of these streams has slices of type {other}"),
                };
                return Self {
                    kind,
                    referenced: unit[0] >> 5 & 3 != 0,
                };
            }
            rest = &rest[4 + size..];
        }
        panic!("a packet without a slice");
    }
}

struct Bits<'a> {
    data: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn bit(&mut self) -> u32 {
        let bit = self.data[self.at / 8] >> (7 - self.at % 8) & 1;
        self.at += 1;
        u32::from(bit)
    }

    /// An unsigned number (clause 9.1). The first bytes of a slice need no removal of emulation prevention:
    /// it stands behind two zero bytes, and these numbers are small.
    fn exp_golomb(&mut self) -> u32 {
        let mut zeros = 0;
        while self.bit() == 0 {
            zeros += 1;
        }
        (0..zeros).fold(1, |value, _| value << 1 | self.bit()) - 1
    }
}
