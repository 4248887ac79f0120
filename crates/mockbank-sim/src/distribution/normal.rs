//! The standard normal distribution's quantiles.

use libm::{exp, log, sqrt};

/// The standard normal quantile of a probability in `(0, 1)`: algorithm AS 241, routine PPND16, of
/// Wichura, "The Percentage Points of the Normal Distribution", Applied Statistics 37 (1988),
/// 477-484. Its relative error is about 1e-16.
pub(crate) fn quantile(probability: f64) -> f64 {
    let centred = probability - 0.5;
    if centred.abs() <= 0.425 {
        let r = 0.180_625 - centred * centred;
        return centred * ratio(r, &MIDDLE);
    }
    let nearer = if centred < 0.0 { probability } else { 1.0 - probability };
    let r = sqrt(-log(nearer));
    let size = if r <= 5.0 { ratio(r - 1.6, &NEAR_TAIL) } else { ratio(r - 5.0, &FAR_TAIL) };
    if centred < 0.0 { -size } else { size }
}

/// A table of the standard normal distribution's inverse: one word gives one deviate, so a
/// draw stays at its address.
///
/// The probabilities are cut into equal segments, each with the cubic that has the quantile's
/// values and slopes at its ends. It is nowhere more than 1e-4 off; the outermost
/// segments, where the quantile is too steep, are computed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NormalTable {
    /// Coefficients from the constant upwards, for the place in the segment from 0 to 1.
    segments: Box<[[f64; 4]; SEGMENTS as usize]>,
}

const SEGMENT_BITS: u32 = 8;
const SEGMENTS: u32 = 1 << SEGMENT_BITS;
/// Segments at either end that are computed.
const OUTERMOST: u32 = 4;
/// Words of 32 bits in a segment.
const WORDS: u32 = 1 << (32 - SEGMENT_BITS);

impl NormalTable {
    pub(crate) fn new() -> Self {
        let mut segments = Box::new([[0.0; 4]; SEGMENTS as usize]);
        for (coefficients, index) in segments.iter_mut().zip(0..) {
            *coefficients = segment(index);
        }
        Self { segments }
    }

    /// The deviate of a random word.
    #[inline]
    pub(crate) fn deviate(&self, word: u32) -> f64 {
        let index = word / WORDS;
        if !(OUTERMOST..SEGMENTS - OUTERMOST).contains(&index) {
            return outermost(word);
        }
        let t = (f64::from(word % WORDS) + 0.5) * (1.0 / 16_777_216.0);
        let [c0, c1, c2, c3] = self.segments[index as usize];
        (c0 + c1 * t) + (c2 + c3 * t) * (t * t)
    }
}

#[cold]
fn outermost(word: u32) -> f64 {
    quantile((f64::from(word) + 0.5) * (1.0 / 4_294_967_296.0))
}

/// Hermite's cubic over a segment; none for the outermost.
fn segment(index: u32) -> [f64; 4] {
    if !(OUTERMOST..SEGMENTS - OUTERMOST).contains(&index) {
        return [0.0; 4];
    }
    let width = 1.0 / f64::from(SEGMENTS);
    let end = |index: u32| {
        let value = quantile(f64::from(index) * width);
        // The quantile's slope is one over the density there.
        let slope = sqrt(2.0 * std::f64::consts::PI) * exp(value * value / 2.0);
        (value, slope * width)
    };
    let ((from, out), (to, into)) = (end(index), end(index + 1));
    let rise = to - from;
    [from, out, 3.0 * rise - 2.0 * out - into, out + into - 2.0 * rise]
}

/// Numerator and denominator, from the constant upwards.
type Rational = [[f64; 8]; 2];

fn ratio(x: f64, [numerator, denominator]: &Rational) -> f64 {
    polynomial(x, numerator) / polynomial(x, denominator)
}

fn polynomial(x: f64, c: &[f64; 8]) -> f64 {
    // Pairs first: fewer operations wait for each other than in Horner's order.
    let x2 = x * x;
    let x4 = x2 * x2;
    let low = (c[0] + c[1] * x) + (c[2] + c[3] * x) * x2;
    let high = (c[4] + c[5] * x) + (c[6] + c[7] * x) * x2;
    low + high * x4
}

const MIDDLE: Rational = [
    [
        3.387_132_872_796_366_5,
        133.141_667_891_784_38,
        1_971.590_950_306_551_3,
        13_731.693_765_509_46,
        45_921.953_931_549_87,
        67_265.770_927_008_7,
        33_430.575_583_588_13,
        2_509.080_928_730_122_7,
    ],
    [
        1.0,
        42.313_330_701_600_91,
        687.187_007_492_057_9,
        5_394.196_021_424_751,
        21_213.794_301_586_597,
        39_307.895_800_092_71,
        28_729.085_735_721_943,
        5_226.495_278_852_854,
    ],
];

const NEAR_TAIL: Rational = [
    [
        1.423_437_110_749_683_5,
        4.630_337_846_156_546,
        5.769_497_221_460_691,
        3.647_848_324_763_204_5,
        1.270_458_252_452_368_4,
        0.241_780_725_177_450_6,
        0.022_723_844_989_269_184,
        0.000_774_545_014_278_341_4,
    ],
    [
        1.0,
        2.053_191_626_637_759,
        1.676_384_830_183_803_8,
        0.689_767_334_985_1,
        0.148_103_976_427_480_08,
        0.015_198_666_563_616_457,
        0.000_547_593_808_499_534_5,
        1.050_750_071_644_416_9e-9,
    ],
];

const FAR_TAIL: Rational = [
    [
        6.657_904_643_501_103,
        5.463_784_911_164_114,
        1.784_826_539_917_291_3,
        0.296_560_571_828_504_87,
        0.026_532_189_526_576_124,
        0.001_242_660_947_388_078_4,
        2.711_555_568_743_487_6e-5,
        2.010_334_399_292_288_1e-7,
    ],
    [
        1.0,
        0.599_832_206_555_888,
        0.136_929_880_922_735_8,
        0.014_875_361_290_850_615,
        0.000_786_869_131_145_613_3,
        1.846_318_317_510_054_8e-5,
        1.421_511_758_316_446e-7,
        2.044_263_103_389_939_8e-15,
    ],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_near_the_quantile_and_rises() {
        let table = NormalTable::new();
        let mut before = f64::NEG_INFINITY;
        for step in 0..1 << 16 {
            let word = step << 16 | 0x7fff;
            let deviate = table.deviate(word);
            assert!((deviate - outermost(word)).abs() < 1e-4, "{word}");
            assert!(deviate > before, "{word}");
            before = deviate;
        }
    }

    #[test]
    fn quantiles_invert_the_normal_distribution() {
        for step in 1..4_000 {
            let probability = f64::from(step) / 4_000.0;
            let back = 0.5 * libm::erfc(-quantile(probability) / std::f64::consts::SQRT_2);
            assert!((back - probability).abs() < 1e-14, "{probability}");
        }
        for exponent in 4..15 {
            let probability = libm::pow(10.0, -f64::from(exponent));
            let back = 0.5 * libm::erfc(-quantile(probability) / std::f64::consts::SQRT_2);
            assert!((back / probability - 1.0).abs() < 1e-12, "{probability}");
        }
    }
}
