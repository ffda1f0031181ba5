//! What goes in, and how much of it came out.

/// The hertz of the tone.
pub(super) const TONE: f64 = 440.0;

/// The signal-to-noise ratio of 8-bit samples in decibels; equal ones have an infinite one.
pub(super) fn psnr(before: &[u8], after: &[u8]) -> f64 {
    let errors = before.iter().zip(after);
    let sum: f64 = errors.map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2)).sum();
    let mean = sum / before.len().max(1) as f64;
    10.0 * (255.0 * 255.0 / mean).log10()
}

/// The signal-to-noise ratio of samples in decibels; equal ones have an infinite one.
pub(super) fn snr(before: &[f64], after: &[f64]) -> f64 {
    let signal: f64 = before.iter().map(|sample| sample * sample).sum();
    let noise: f64 = before.iter().zip(after).map(|(a, b)| (a - b).powi(2)).sum();
    10.0 * (signal / noise).log10()
}

/// Little-endian doubles.
pub(super) fn samples(bytes: &[u8]) -> Vec<f64> {
    let (samples, _) = bytes.as_chunks::<8>();
    samples
        .iter()
        .map(|bytes| f64::from_le_bytes(*bytes))
        .collect()
}

/// The share of the energy of samples that is in the tone, by Goertzel's algorithm.
pub(super) fn share_of_tone(samples: &[f64], rate: f64) -> f64 {
    let energy: f64 = samples.iter().map(|sample| sample * sample).sum();
    if energy <= 0.0 {
        return 0.0;
    }
    let step = 2.0 * (2.0 * std::f64::consts::PI * TONE / rate).cos();
    let (mut last, mut before) = (0.0, 0.0);
    for sample in samples {
        (last, before) = (sample + step * last - before, last);
    }
    let power = last * last + before * before - step * last * before;
    2.0 * power / (samples.len() as f64 * energy)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(hertz: f64, rate: f64) -> Vec<f64> {
        (0..4410)
            .map(|at| (2.0 * std::f64::consts::PI * hertz * f64::from(at) / rate).sin())
            .collect()
    }

    #[test]
    fn the_tone_is_told_from_another_and_from_silence() {
        assert!(share_of_tone(&wave(TONE, 44100.0), 44100.0) > 0.99);
        assert!(share_of_tone(&wave(2000.0, 44100.0), 44100.0) < 0.01);
        assert!(share_of_tone(&[0.0; 100], 44100.0) < 0.01);
    }

    #[test]
    fn noise_of_a_tenth_is_twenty_decibels() {
        assert!((snr(&[1.0, -1.0], &[1.1, -1.1]) - 20.0).abs() < 1e-9);
        assert!(snr(&[1.0], &[1.0]).is_infinite());
    }

    #[test]
    fn pictures_are_compared_sample_by_sample() {
        assert!(psnr(&[1, 2, 3], &[1, 2, 3]).is_infinite());
        assert!((psnr(&[0, 0], &[255, 255])).abs() < 1e-9);
    }
}
