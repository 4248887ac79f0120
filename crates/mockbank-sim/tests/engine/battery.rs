//! A statistical battery on the addressed generator, over addresses as behaviours use them: near
//! entities, neighbouring days, small indexes. Bounds are five standard errors.

use mockbank_bank::{Day, Stream};
use mockbank_sim::randomness::{Draw, WorldKey};

const STREAM: u8 = 17;
const DAY: i64 = 20_000;

fn key() -> WorldKey {
    WorldKey::new(20_250_101, 1)
}

fn draw(key: WorldKey, entity: u64, stream: u8, day: i64, index: u32) -> Draw {
    key.draw(entity, Stream::from_code(stream), Day::from_number(day).unwrap(), index)
}

/// Words along each part of the address, the others held.
fn series() -> Vec<(&'static str, Vec<u64>)> {
    let walk = |address: &dyn Fn(u64) -> Draw| (0..60_000).flat_map(|n| address(n).0).collect();
    let small = |n: u64| u32::try_from(n).unwrap();
    vec![
        ("entity", walk(&|n| draw(key(), n, STREAM, DAY, 0))),
        ("day", walk(&|n| draw(key(), 7, 17, n.cast_signed(), 0))),
        ("index", walk(&|n| draw(key(), 7, STREAM, DAY, small(n)))),
        ("stream", walk(&|n| draw(key(), n / 256, (n % 256).try_into().unwrap(), DAY, 0))),
        ("seed", walk(&|n| draw(WorldKey::new(n, 1), 7, STREAM, DAY, 0))),
    ]
}

fn float(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap())
}

/// Chi-square of counts that should be equal, in standard deviations from its mean.
fn chi_square(counts: &[usize]) -> f64 {
    let expected = float(counts.iter().sum()) / float(counts.len());
    let sum: f64 = counts.iter().map(|count| square(float(*count) - expected) / expected).sum();
    let freedom = float(counts.len() - 1);
    (sum - freedom) / (2.0 * freedom).sqrt()
}

#[test]
fn every_byte_is_evenly_spread() {
    for (name, words) in series() {
        for shift in (0..64).step_by(8) {
            let mut counts = vec![0; 256];
            for word in &words {
                counts[usize::try_from(word >> shift & 255).unwrap()] += 1;
            }
            assert!(chi_square(&counts).abs() < 5.5, "{name}, byte at bit {shift}");
        }
    }
}

#[test]
fn neighbours_are_independent() {
    for (name, words) in series() {
        for lag in [1, 2, 3, 4, 8] {
            // Pairs of four bits each from words a lag apart: 256 equal cells.
            for shift in [0, 28, 60] {
                let mut counts = vec![0; 256];
                for pair in words.windows(lag + 1) {
                    let cell = (pair[0] >> shift & 15) << 4 | pair[lag] >> shift & 15;
                    counts[usize::try_from(cell).unwrap()] += 1;
                }
                assert!(chi_square(&counts).abs() < 6.0, "{name}, lag {lag}, bit {shift}");
            }
        }
    }
}

#[test]
fn a_flipped_bit_of_the_address_flips_half_of_the_draw() {
    let n = 4_000;
    let check = |name: String, flipped: &dyn Fn(u64) -> Draw| {
        let mut flips = 0;
        for entity in 0..n {
            let (a, b) = (draw(key(), entity, STREAM, DAY, 1), flipped(entity));
            flips += (a.0[0] ^ b.0[0]).count_ones() + (a.0[1] ^ b.0[1]).count_ones();
        }
        let bits = float(usize::try_from(n * 128).unwrap());
        let deviations = (f64::from(flips) - bits / 2.0) / (bits / 4.0).sqrt();
        assert!(deviations.abs() < 5.0, "{name}: {deviations}");
    };
    for bit in 0..36 {
        check(format!("entity {bit}"), &|entity| draw(key(), entity ^ 1 << bit, STREAM, DAY, 1));
    }
    for bit in 0..15 {
        let day = DAY ^ 1 << bit;
        check(format!("day {bit}"), &|entity| draw(key(), entity, STREAM, day, 1));
    }
    for bit in 0..30 {
        check(format!("index {bit}"), &|entity| draw(key(), entity, STREAM, DAY, 1 ^ 1 << bit));
    }
    for bit in 0..8 {
        let stream = STREAM ^ 1 << bit;
        check(format!("stream {bit}"), &|entity| draw(key(), entity, stream, DAY, 1));
    }
}

/// Marsaglia's test: spacings between sorted birthdays that come more than once are Poisson.
#[test]
fn birthday_spacings_are_poisson() {
    const BIRTHDAYS: usize = 512;
    for (name, words) in series() {
        for shift in [0, 20, 40] {
            let samples = words.chunks_exact(BIRTHDAYS);
            let count = samples.len();
            let mut repeats = 0;
            for sample in samples {
                let mut days: Vec<u64> =
                    sample.iter().map(|word| word >> shift & 0xff_ffff).collect();
                days.sort_unstable();
                let mut spacings: Vec<u64> = days.windows(2).map(|two| two[1] - two[0]).collect();
                spacings.sort_unstable();
                repeats += spacings.windows(2).filter(|two| two[0] == two[1]).count();
            }
            // m^3 / 4n with m birthdays in a year of n = 2^24 days: 2 a sample.
            let expected = 2.0 * float(count);
            let deviations = (float(repeats) - expected) / expected.sqrt();
            assert!(deviations.abs() < 5.0, "{name}, bit {shift}: {repeats} for {expected}");
        }
    }
}

#[test]
fn no_two_addresses_share_a_draw() {
    let mut draws: Vec<[u64; 2]> = Vec::new();
    for entity in 0..20 {
        for stream in 16..20 {
            for day in 0..50 {
                draws.extend((0..10).map(|index| draw(key(), entity, stream, day, index).0));
            }
        }
    }
    let count = draws.len();
    draws.sort_unstable();
    draws.dedup();
    assert_eq!(draws.len(), count);
}

fn square(value: f64) -> f64 {
    value * value
}
