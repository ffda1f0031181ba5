//! Transforms of floating-point numbers.

use wasmi::Val;

use crate::audio::floats;
use crate::guest::Guest;

/// What is tested here, by the beginnings of names.
pub(crate) const TESTED: &[&str] = &["tx_"];

/// `AV_TX_FLOAT_MDCT`.
const MDCT: i32 = 1;

/// `AV_TX_FLOAT_FFT`.
const FFT: i32 = 0;

/// `AV_TX_FLOAT_RDFT`.
const RDFT: i32 = 6;

/// The transforms of half as many complex numbers as a cosine transform gives numbers.
fn lengths() -> impl Iterator<Item = usize> {
    (5..=12).map(|power| 1 << power)
}

#[test]
fn fourier() {
    let mut guest = Guest::new();
    for len in lengths() {
        let args = [MDCT, 0, 2 * len as i32].map(Val::I32);
        let context = guest.call_export("transform", &args);
        let part = guest.call_export("transform_part", &[Val::I32(context.cast_signed())]);
        guest.compare("tx_fft", 12, |arena| {
            let [to, from] = [0; 2].map(|_| floats(arena, 2 * len));
            let from = if arena.random.below(2) == 0 { to } else { from };
            vec![part, to, from, 8]
        });
    }
}

#[test]
fn fourier_in_any_order() {
    let mut guest = Guest::new();
    for len in lengths() {
        let args = [FFT, 0, len as i32].map(Val::I32);
        let context = guest.call_export("transform", &args);
        guest.compare("tx_permuted", 12, |arena| {
            let [to, from] = [0; 2].map(|_| floats(arena, 2 * len));
            vec![context, to, from, 8]
        });
    }
}

#[test]
fn cosine() {
    let mut guest = Guest::new();
    for (name, inverse) in [("tx_mdct_inverse", 1), ("tx_mdct_forward", 0)] {
        for len in lengths() {
            let args = [MDCT, inverse, 2 * len as i32].map(Val::I32);
            let context = guest.call_export("transform", &args);
            guest.compare(name, 12, |arena| {
                let [to, from] = [2 * len, 4 * len].map(|count| floats(arena, count));
                vec![context, to, from, 4]
            });
        }
    }
}

#[test]
fn cosine_of_fifteens() {
    let mut guest = Guest::new();
    for name in ["tx_fifteens", "tx_fifteens_end"] {
        for len in [120, 240, 480, 960, 1920] {
            let args = [MDCT, 1, len].map(Val::I32);
            let context = guest.call_export("transform", &args);
            guest.compare(name, 12, |arena| {
                let [to, from] = [0; 2].map(|_| floats(arena, 2 * len as usize));
                vec![context, to, from, 4]
            });
        }
    }
}

#[test]
fn real() {
    let mut guest = Guest::new();
    for inverse in [0, 1] {
        for len in [128, 132, 180, 256, 1024, 4096] {
            let args = [RDFT, inverse, len].map(Val::I32);
            let context = guest.call_export("transform", &args);
            guest.compare("tx_real", 12, |arena| {
                let [to, from] = [0; 2].map(|_| floats(arena, len as usize + 2));
                vec![context, to, from, 8]
            });
        }
    }
}
